// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/digest/digest_words.h"

namespace cordon {

namespace {

constexpr DigestWords kEnglish = {
    "en",
    "Mail filter",
    "1 message is held for you",
    "{} messages are held for you",
    "These messages to {} were held. They look like spam, or could not be\n"
    "examined. You need do nothing: whoever wrote them was told nothing, and what you\n"
    "don't want is deleted in time.",
    "From",
    "Subject",
    "Received",
    "Why",
    "Deliver",
    "it looks like spam (score {})",
    "its content could not be read in full",
    "its content is encrypted",
    "it is too large to be examined",
    "by decision of this mail system",
    "it contains the virus {}; only an administrator can release it",
    "(no subject)",
    "{} more are held for you.",
    "To get a message delivered, open the address behind \"Deliver\" in your mail program and\n"
    "send the mail that it prepares, as it is, from {}. The message\n"
    "is then delivered to you, unchanged, and to nobody else. Write nothing secret into it.",
    "What you leave alone is deleted, the oldest on {}.",
    "This mail comes at most once a day, and only when something new is held. Addresses\n"
    "above are written so that nobody opens them by mistake. Never release what you don't\n"
    "know.",
};

constexpr DigestWords kGerman = {
    "de",
    "E-Mail-Filter",
    "1 Nachricht wird für Sie zurückgehalten",
    "{} Nachrichten werden für Sie zurückgehalten",
    "Diese Nachrichten an {} wurden zurückgehalten. Sie sehen nach Spam aus\n"
    "oder konnten nicht geprüft werden. Sie müssen nichts tun: Die Absender haben nichts\n"
    "davon erfahren, und was Sie nicht haben wollen, wird nach einiger Zeit gelöscht.",
    "Von",
    "Betreff",
    "Eingang",
    "Warum",
    "Zustellen",
    "sieht nach Spam aus (Bewertung {})",
    "der Inhalt war nicht vollständig lesbar",
    "der Inhalt ist verschlüsselt",
    "zu groß für eine Prüfung",
    "nach den Regeln dieses Mailsystems",
    "enthält den Virus {}; nur ein Administrator kann sie freigeben",
    "(kein Betreff)",
    "{} weitere werden für Sie zurückgehalten.",
    "Um eine Nachricht zu bekommen, öffnen Sie die Adresse hinter \"Zustellen\" in Ihrem\n"
    "Mailprogramm und senden die vorbereitete Mail unverändert von {}\n"
    "ab. Die Nachricht wird dann nur Ihnen und unverändert zugestellt. Schreiben Sie nichts\n"
    "Vertrauliches hinein.",
    "Was Sie liegen lassen, wird gelöscht, das Älteste am {}.",
    "Diese Mail kommt höchstens einmal am Tag, und nur wenn Neues zurückgehalten wird.\n"
    "Adressen oben sind so geschrieben, dass niemand sie versehentlich öffnet. Geben Sie\n"
    "nichts frei, was Sie nicht kennen.",
};

}  // namespace

const DigestWords& digest_words(Language language) {
    return language == Language::german ? kGerman : kEnglish;
}

}  // namespace cordon
