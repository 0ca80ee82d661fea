// SPDX-License-Identifier: GPL-2.0-only
#include "milter/verdict_metrics.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "scoring/scanner/parser_error_reason.h"

namespace cordon {

namespace {

std::string_view direction_name(Direction direction) {
    switch (direction) {
        case Direction::inbound: return "inbound";
        case Direction::outbound: return "outbound";
        case Direction::relayed: return "relayed";
    }
    return "inbound";
}

}  // namespace

void count_verdict(Metrics& metrics, const Verdict& verdict, const std::vector<Decision>& decisions,
                   const Catalogue& catalogue) {
    metrics.count(Metric::messages, direction_name(verdict.direction));
    for (const auto& decision : decisions)
        metrics.count(Metric::decisions, to_text(decision.action));
    for (const auto kind :
         {Unread::scan_failed, Unread::unscanned, Unread::encrypted, Unread::oversize})
        if (verdict.is_unread(kind)) metrics.count(Metric::unread, unread_name(kind));
    if (std::any_of(verdict.unread.begin(), verdict.unread.end(), is_parser_error))
        metrics.count(Metric::unread, kParserError);
    std::set<std::string_view> unknown;  // each once, however many signatures or lists it concerns
    for (const auto& what : verdict.unknown)
        unknown.insert(std::string_view(what).substr(0, what.find_first_of(" :")));
    for (const auto what : unknown) metrics.count(Metric::unknown, what);
    if (!verdict.virus.empty()) metrics.count(Metric::viruses);
    for (const auto& hit : verdict.hits)
        if (catalogue.find(hit.rule) != nullptr) metrics.count(Metric::rule_hits, hit.rule);
}

}  // namespace cordon
