// SPDX-License-Identifier: GPL-2.0-only
#include "milter/refusal.h"

#include <fmt/format.h>

namespace cordon {

namespace {

struct Words {
    const char* code;
    const char* enhanced_code;  // RFC 3463
    const char* why;
};

Words words_for(Cause cause) {
    switch (cause) {
        case Cause::score: return {"550", "5.7.1", "as spam"};
        case Cause::denied: return {"550", "5.7.1", "by policy"};
        case Cause::virus: return {"554", "5.7.1", ": virus "};
        case Cause::scan_failed: return {"550", "5.7.1", ": its content could not be scanned"};
        case Cause::unscanned: return {"550", "5.7.1", ": its content could not be read in full"};
        case Cause::encrypted: return {"550", "5.7.1", ": encrypted content"};
        case Cause::oversize: return {"552", "5.3.4", ": too large to be scanned in full"};
    }
    return {"550", "5.7.1", "by policy"};
}

}  // namespace

Refusal refusal_for(const Decision& decision, std::string_view virus, std::string_view id,
                    std::string_view contact) {
    const Words words = words_for(decision.cause);
    const bool is_virus = decision.cause == Cause::virus;
    return {
        words.code, words.enhanced_code,
        fmt::format("Message refused{}{}{} (id {}){}{}", words.why[0] == ':' ? "" : " ", words.why,
                    is_virus ? virus : "", id, contact.empty() ? "" : "; see ", contact)};
}

}  // namespace cordon
