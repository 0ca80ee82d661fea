// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/item/review_item.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "conf/base/text.h"
#include "quarantine/item/item_text.h"
#include "tests/support/matchers.h"

namespace cordon {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

HeldMessage a_held_message() {
    HeldMessage m;
    m.id = "6565a1b2c3d4e5f6";
    m.received_at = 1'795'538'100;
    m.client = "198.51.100.7";
    m.mail_from = "<dana@example.net>";
    m.recipients = {{"<alice@example.org>", {}}, {"<bob@example.org>", {}}};
    m.score = "12.5";
    m.subject = "Your parcel";
    m.from = "Parcel <dana@example.net>";
    m.report = "quarantine (score)\n  5.00 LINK_DIFFERS\n";
    return m;
}

ReviewItemOptions some_options() {
    ReviewItemOptions out;
    out.mailbox = "quarantine@example.org";
    out.folder = "Quarantine";
    out.label = "held";
    return out;
}

std::string written(const ReviewItem& item) {
    std::string out;
    const auto done = item.send([&out](std::string_view bytes) -> Result<void> {
        out += bytes;
        return {};
    });
    EXPECT_THAT(done, test::IsOk());
    EXPECT_EQ(out.size(), item.size());
    return out;
}

std::string written(const HeldMessage& message, std::string_view original = "A: b\r\n\r\nc\r\n") {
    return written(ReviewItem(message, original, some_options()));
}

std::string header_of(const std::string& item) {
    return item.substr(0, item.find("\r\n\r\n"));
}

TEST(ReviewItem, ShowsTheAuthorButCarriesOnlyOurOwnAddress) {
    const auto header = header_of(written(a_held_message()));
    EXPECT_THAT(header,
                HasSubstr("From: \"Parcel <dana@example.net>\"\r\n <quarantine@example.org>"));
    EXPECT_THAT(header, HasSubstr("To: \"alice@example.org, bob@example.org\"\r\n <quarantine@"));
}

TEST(ReviewItem, PrefixesTheSubjectWithTheScore) {
    EXPECT_THAT(written(a_held_message()), HasSubstr("Subject: [held 12.5] Your parcel\r\n"));
}

TEST(ReviewItem, IsFoundByItsIdAndHasAMessageIdOfItsOwn) {
    const auto header = header_of(written(a_held_message()));
    EXPECT_THAT(header, HasSubstr("X-Cordon-Review: 6565a1b2c3d4e5f6\r\n"));
    EXPECT_THAT(header, HasSubstr("Message-ID: <6565a1b2c3d4e5f6."));
}

TEST(ReviewItem, LetsNoValueBreakOutOfTheHeader) {
    auto message = a_held_message();
    const std::string attack = "x\r\nBcc: eve@example.net\r\n\r\n<script>";
    message.subject = message.from = message.score = message.mail_from = attack;
    message.recipients = {{attack, {}}};
    const auto item = written(message);
    const auto header = header_of(item);
    EXPECT_THAT(header, Not(HasSubstr("\r\nBcc:")));
    EXPECT_THAT(header, HasSubstr("Content-Type: multipart/mixed"));
}

TEST(ReviewItem, KeepsEveryLineWithinBounds) {
    auto message = a_held_message();
    message.subject = std::string(5000, 'w');
    message.from = std::string(5000, '\xC3') + std::string(3000, '<');
    message.report = std::string(20'000, 'r');
    for (const auto line : split(written(message), '\n')) EXPECT_LE(line.size(), 999U) << line;
}

TEST(ReviewItem, AttachesAnOrdinaryOriginalAsAMessage) {
    const std::string original = "From: a@example.net\r\n\r\n.\r\nFrom here\r\nno end";
    const auto item = written(a_held_message(), original);
    EXPECT_THAT(item, HasSubstr("Content-Type: message/rfc822\r\n"));
    EXPECT_THAT(item, HasSubstr("Content-Transfer-Encoding: 7bit\r\n\r\n" + original + "\r\n--"));
}

TEST(ReviewItem, SaysWhenTheOriginalHasEightBits) {
    EXPECT_THAT(
        written(a_held_message(), "Subject: \xE4\r\n\r\n"),
        HasSubstr("message/rfc822\r\nContent-Description: the message as it came\r\n"
                  "Content-Disposition: attachment; filename=\"held-6565a1b2c3d4e5f6.eml\"\r\n"
                  "Content-Transfer-Encoding: 8bit"));
}

TEST(ReviewItem, WrapsAnOriginalThatServersWouldAlter) {
    for (const std::string& original :
         {std::string("A: b\n\nc\n"), "A: " + std::string(999, 'x') + "\r\n",
          std::string("a\0b", 3), std::string("a\rb\r\n"), std::string(),
          std::string("\r\nbody\r\n")}) {
        const auto item = written(a_held_message(), original);
        EXPECT_THAT(item, HasSubstr("Content-Transfer-Encoding: base64\r\n\r\n" +
                                    (original.size() < 57 ? to_base64(original) : "QTog")));
    }
}

TEST(ReviewItem, TellsTheSizeOfALargeOriginalBeforeItIsWritten) {
    std::string original(200'001, 'x');  // a line that is too long
    const auto item = written(a_held_message(), original);
    EXPECT_GT(item.size(), original.size() / 3 * 4);
}

TEST(ReviewItem, LeavesAnInfectedOriginalInTheVault) {
    auto message = a_held_message();
    message.virus = "Eicar-Test-Signature";
    const auto item = written(message, "X: EVIL-BYTES\r\n\r\n");
    EXPECT_THAT(item, Not(HasSubstr("EVIL-BYTES")));
    EXPECT_THAT(item, Not(HasSubstr("attachment")));
    EXPECT_THAT(item, HasSubstr("[held: Eicar-Test-Signature]"));
}

TEST(ReviewItem, MakesNoLinkOfWhatASenderWrote) {
    auto message = a_held_message();
    message.report = "see http://evil.example/ or www.evil.example or mailto:eve@example.net\n";
    message.subject = "https://evil.example";
    const auto item = written(message);
    for (const auto* const live : {"http://", "https://", " www.evil", "mailto:eve"})
        EXPECT_THAT(item, Not(HasSubstr(live)));
}

TEST(ReviewItem, ShowsTheNoteFirst) {
    auto options = some_options();
    options.note = "The server said 550.";
    const auto item = written(ReviewItem(a_held_message(), "A: b\r\n\r\n", options));
    EXPECT_LT(item.find("The server said 550."), item.find("This message was held"));
}

TEST(TextField, EncodesWhatIsNotAscii) {
    EXPECT_EQ(text_field("Subject", "Gr\u00FC\u00DFe"), "Subject: =?utf-8?B?R3LDvMOfZQ==?=\r\n");
    EXPECT_EQ(text_field("Subject", "=?utf-8?B?AAAA?="),
              "Subject: =?utf-8?B?PT91dGYtOD9CP0FBQUE/PQ==?=\r\n");
}

TEST(TextField, CutsEncodedWordsBetweenCharacters) {
    std::string text;
    for (int i = 0; i < 40; ++i) text += "\u20AC";
    const auto field = text_field("Subject", text);
    EXPECT_THAT(field, HasSubstr("?=\r\n =?utf-8?B?"));
    for (const auto line : split(field, '\n')) EXPECT_LE(line.size(), 90U);
}

TEST(TokenField, IsJoinedAgainByAReader) {
    const std::string token(300, 't');
    std::string field = token_field("X-Cordon-Seal", token);
    std::erase_if(field, [](char c) { return is_space(c); });
    EXPECT_EQ(field, "X-Cordon-Seal:" + token);
}

TEST(QuotedPrintable, KeepsLinesShortAndEndsExact) {
    EXPECT_EQ(quoted_printable("a=b \n.\nFrom\n\xC3\xA4"), "a=3Db=20\r\n=2E\r\n=46rom\r\n=C3=A4");
    for (const auto line : split(quoted_printable(std::string(500, 'y')), '\n'))
        EXPECT_LE(line.size(), 77U);
}

}  // namespace
}  // namespace cordon
