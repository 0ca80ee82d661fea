// SPDX-License-Identifier: GPL-2.0-only
// Outsiders under the name of somebody of this site (the file own-people beside the rules): the
// boss who is in a meeting and needs gift cards. Names are compared by how they look and in any
// order of their words.
#include <algorithm>
#include <array>

#include "conf/base/text.h"
#include "scoring/analysis/known_domains.h"
#include "scoring/analysis/skeleton.h"
#include "scoring/checks/check.h"
#include "scoring/message/address.h"

namespace cordon {

namespace {

constexpr std::array kRules = {
    CheckRule{"FROM_NAME_OWN_PERSON", 2.5,
              "From bears the name of one of this site's people, the address is another's"},
    CheckRule{"FROM_NAME_OWN_PERSON_FREEMAIL", 1.5,
              "From bears the name of one of this site's people, the address is free mail"},
};

constexpr std::size_t kMaxNameBytes = 200;

/// "Doe, Jane (CEO)" and "Jane Doe" are equal; one word alone is no name.
std::vector<std::string> words_of(std::string_view name) {
    std::string plain;
    bool is_aside = false;
    for (const char c : lower(name.substr(0, kMaxNameBytes))) {
        if (c == '(' || c == '[') is_aside = true;
        if (!is_aside)
            plain += std::string_view(",;\"'._-|").find(c) == std::string_view::npos ? c : ' ';
        if (c == ')' || c == ']') is_aside = false;
    }
    std::vector<std::string> out;
    for (const auto& word : words(plain)) out.push_back(skeleton(word));
    std::sort(out.begin(), out.end());
    return out;
}

bool is_own(const std::string& domain, const SiteFacts& site) {
    return std::any_of(site.own_domains.begin(), site.own_domains.end(), [&](const auto& own) {
        return domain == own || domain.ends_with("." + own);
    });
}

/// Whether all words of the person's name are among those of the author's.
bool bears(const std::vector<std::string>& author, const std::vector<std::string>& person) {
    return person.size() > 1 &&
           std::includes(author.begin(), author.end(), person.begin(), person.end());
}

void run(const CheckInput& input, Hits& hits) {
    const HeaderField* field = input.message.headers().first("From");
    if (field == nullptr || input.site.own_people.empty() || !input.envelope.auth_user.empty())
        return;
    const auto authors = parse_mailboxes(field->value, 3);
    if (authors.empty() || is_own(authors.front().domain, input.site)) return;
    const Mailbox& author = authors.front();
    const auto name = words_of(author.display_name);
    std::string imitated;
    for (const auto& person : input.site.own_people) {
        for (const auto& known : parse_mailboxes(person, 5)) {
            const bool has_address = !known.domain.empty();
            if (has_address && iequals(known.address(), author.address())) return;
        }
        const std::string_view shown = std::string_view(person).substr(0, person.find('<'));
        if (bears(name, words_of(shown))) imitated = trim(shown);
    }
    if (imitated.empty()) return;
    const std::string detail = author.address() + " poses as " + imitated;
    hits.add("FROM_NAME_OWN_PERSON", detail);
    if (is_freemail(owner_of(author.domain))) hits.add("FROM_NAME_OWN_PERSON_FREEMAIL", detail);
}

}  // namespace

extern const Check check_own_people;
const Check check_own_people = {"own_people", kRules, run};

}  // namespace cordon
