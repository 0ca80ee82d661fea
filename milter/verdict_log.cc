// SPDX-License-Identifier: GPL-2.0-only
#include "milter/verdict_log.h"

#include <fmt/format.h>

#include "conf/base/log.h"
#include "scoring/scanner/parser_error_reason.h"

namespace cordon {

namespace {

std::string unread_names(const Verdict& verdict) {
    std::string out;
    for (const auto& reason : verdict.unread)
        out += fmt::format("{}{}({})", out.empty() ? "" : ",", unread_name(reason.kind),
                           reason.detail);
    return out;
}

}  // namespace

std::string rule_names(const Verdict& verdict) {
    std::string out;
    for (const auto& hit : verdict.hits) out += (out.empty() ? "" : ",") + hit.rule;
    return out;
}

void log_parser_errors(const VerdictRecord& record, const Verdict& verdict) {
    for (const auto& reason : verdict.unread) {
        if (!is_parser_error(reason)) continue;
        log::error("parser-error",
                   {{"id", record.id}, {"qid", record.queue_id}, {"error", reason.detail}});
    }
}

void log_decision(const VerdictRecord& record, std::string_view recipient, const Verdict& verdict,
                  const Decision& decision, Mode mode) {
    log::info("verdict", {{"id", record.id},
                          {"qid", record.queue_id},
                          {"mid", record.message_id},
                          {"from", record.mail_from},
                          {"to", recipient},
                          {"action", to_text(decision.action)},
                          {"score", decision.score},
                          {"rules", rule_names(verdict)},
                          {"virus", verdict.virus},
                          {"unscanned", unread_names(verdict)},
                          {"reason", decision.reason},
                          {"mode", to_text(mode)},
                          {"would", to_text(decision.wish)},
                          {"trial", decision.trial ? to_text(*decision.trial) : std::string()},
                          {"trial_score", decision.trial_score},
                          {"client", record.client},
                          {"size", record.size},
                          {"us", record.microseconds}});
}

}  // namespace cordon
