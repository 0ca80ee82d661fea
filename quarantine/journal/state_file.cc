// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/journal/state_file.h"

#include <fmt/format.h>

#include "conf/base/text.h"

namespace cordon {

std::string encode_states(const JournalItem& item) {
    std::string out = fmt::format("CORDON-STATE 1\nstate={}\nnote={}\n", to_text(item.status.state),
                                  value_encoded(item.status.note));
    for (const auto& r : item.recipients) {
        if (r.is_added) continue;  // its result is in the audit; it was no recipient of the mail
        out += fmt::format("rcpt={}\nrcpt-state={}\nreply={}\n", value_encoded(r.path),
                           to_text(r.state), value_encoded(r.reply));
    }
    return out;
}

namespace {

void read_line(JournalItem& out, std::string_view key, const std::string& value) {
    if (key == "state") {
        out.status.state = item_state_of(value).value_or(ItemState::held);
    } else if (key == "note") {
        out.status.note = value;
    } else if (key == "rcpt") {
        out.recipients.emplace_back().path = value;
    } else if (out.recipients.empty()) {
        return;
    } else if (key == "reply") {
        out.recipients.back().reply = value;
    } else if (key == "rcpt-state") {
        // What was under way is not known to have arrived: a duplicate is better than a loss.
        auto& state = out.recipients.back().state;
        if (value == "sent") state = RecipientState::sent;
        if (value == "failed") state = RecipientState::failed;
    }
}

}  // namespace

JournalItem decode_states(std::string_view id, std::string_view text) {
    JournalItem out;
    out.status.id = id;
    for (const auto line : split(text, '\n')) {
        const auto equals = line.find('=');
        if (equals != std::string_view::npos)
            read_line(out, line.substr(0, equals), value_decoded(line.substr(equals + 1)));
    }
    // No order survives: a person says it again.
    if (out.status.state == ItemState::sending) out.status.state = ItemState::held;
    return out;
}

}  // namespace cordon
