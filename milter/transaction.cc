// SPDX-License-Identifier: GPL-2.0-only
#include "milter/transaction.h"

#include <fmt/format.h>

#include <algorithm>

#include "conf/base/digest.h"
#include "conf/base/log.h"
#include "conf/base/mail_address.h"
#include "conf/base/text.h"
#include "milter/refusal.h"
#include "milter/verdict_history.h"
#include "milter/verdict_log.h"
#include "milter/verdict_metrics.h"
#include "quarantine/keeper/client.h"
#include "quarantine/keeper/digest_messages.h"
#include "quarantine/keeper/learn_messages.h"
#include "quarantine/redirect/proof.h"
#include "quarantine/seal/seal.h"
#include "scoring/judge/evidence_checks.h"
#include "scoring/judge/explain.h"
#include "scoring/judge/self_teaching.h"
#include "scoring/lookups/result_fields.h"

namespace cordon {

namespace {

constexpr Milliseconds kKeeperTime(10'000);
constexpr std::size_t kMaxKeptId = 512;
constexpr std::size_t kMaxReportBytes = std::size_t{32} * 1024;

/// What follows the path in MAIL FROM and RCPT TO.
std::string parameters_of(const std::vector<std::string>& arguments) {
    std::string out;
    for (std::size_t i = 1; i < arguments.size(); ++i)
        out += (out.empty() ? "" : " ") + arguments[i];
    return out;
}

std::int64_t microseconds_since(Steady::time_point begin) {
    return std::chrono::duration_cast<std::chrono::microseconds>(Steady::now() - begin).count();
}

}  // namespace

struct Transaction::Judged {
    Evidence evidence;
    Verdict verdict;
    std::vector<Decision> decisions;      // one a recipient
    std::vector<const Policy*> policies;  // of the snapshot, one a recipient
    std::vector<Action> wanted;           // one a recipient, before one answer is made for all
    Decision site;                        // what the headers state
    Outcome outcome;
    Steady::time_point begin;
};

Transaction::Transaction(SnapshotPtr snapshot, const MilterContext& context)
    : snapshot_(std::move(snapshot)),
      context_(context),
      examination_(snapshot_),
      buffer_(context.budget, context.spool_directory),
      forged_(configuration().cordon.authserv_id, configuration().auth.keep_local_results),
      id_(make_message_id()) {}

void Transaction::mail(const std::vector<std::string>& arguments, std::string_view auth_user) {
    mail_from_ = arguments.empty() ? "<>" : arguments.front();
    mail_parameters_ = parameters_of(arguments);
    examination_.set_time(unix_time());
    examination_.mail(mail_from_, auth_user);
}

void Transaction::rcpt(const std::vector<std::string>& arguments) {
    if (arguments.empty()) return;
    recipients_.push_back({arguments.front(), parameters_of(arguments)});
    examination_.rcpt(arguments.front());
}

void Transaction::header(std::string_view name, std::string_view value) {
    forged_.see(name, value);
    own_mail_.see(name, value);
    answer_.see(name, value);
    memory_.see(name, value);
    if (iequals(name, "Message-ID")) message_id_ = std::string(trim(value));
    std::string line(name);
    line += ':';
    for (const char c : value) {
        if (c == '\n' && !line.ends_with('\r')) line += '\r';
        line += c;
    }
    line += "\r\n";
    buffer_.append(line);
}

void Transaction::end_of_header() {
    buffer_.append("\r\n");
}

void Transaction::body(std::string_view chunk) {
    buffer_.append(chunk);
}

bool Transaction::wants_more() const {
    // Held mail is kept whole, so that only a site without a quarantine can do without the rest.
    return !configuration().quarantine.mailbox.empty() ||
           buffer_.size() <= configuration().milter.max_message_size.value;
}

sfsistat Transaction::defer(Reply& reply) {
    return reply.refuse("451", "4.7.1",
                        fmt::format("Content scan unavailable, try again later (id {})", id_));
}

sfsistat Transaction::fail_safely(Reply& reply, std::string_view what) {
    const bool may_accept = configuration().milter.on_error == OnError::accept || is_shadowed();
    // Half-done edits must not be committed: only a refusal undoes them.
    const bool accepts = may_accept && !reply.has_edited();
    context_.metrics->count(Metric::errors);
    log::error("message-failed", {{"id", id_},
                                  {"qid", queue_id_},
                                  {"action", accepts ? "accept" : "defer"},
                                  {"error", what}});
    return accepts ? SMFIS_ACCEPT : defer(reply);
}

bool Transaction::is_shadowed() const {
    const auto& policy = configuration().policy;
    const auto is_shadow = [&](const auto& recipient) {
        return policy.for_recipient(without_brackets(recipient.path)).mode == Mode::shadow;
    };
    return recipients_.empty() ? policy.site.mode == Mode::shadow
                               : std::all_of(recipients_.begin(), recipients_.end(), is_shadow);
}

Transaction::Judged Transaction::judge_message(int message) {
    Judged out;
    out.begin = Steady::now();
    const auto& c = configuration();
    if (c.learning.automatic) examination_.ask_for_features();
    out.evidence =
        examination_.finish(message, buffer_.size(), Deadline::in(c.milter.deadline.value));
    context_.metrics->observe(Stage::scan, microseconds_since(out.begin));
    memory_.recall(context_.keeper_socket, c, out.evidence);
    out.verdict = judge(out.evidence, snapshot_->catalogue);
    Circumstances circumstances;
    circumstances.has_quarantine = !c.quarantine.mailbox.empty() && is_quarantine_proved(c);
    circumstances.honours_dmarc_reject = c.auth.honour_dmarc_reject;
    for (const auto& recipient : recipients_) {
        const auto address = without_brackets(recipient.path);
        circumstances.is_quarantine_address =
            circumstances.has_quarantine && is_same_mailbox(address, c.quarantine.mailbox);
        const Policy& policy = c.policy.for_recipient(address);
        out.policies.push_back(&policy);
        out.decisions.push_back(decide(out.verdict, out.evidence, policy, circumstances));
        out.wanted.push_back(out.decisions.back().action);
    }
    circumstances.is_quarantine_address = false;
    out.site = decide(out.verdict, out.evidence, c.policy.site, circumstances);
    out.outcome = combine(out.decisions, circumstances.has_quarantine);
    return out;
}

sfsistat Transaction::end_of_message(Reply& reply) {
    queue_id_ = reply.macro("i");
    if (recipients_.empty()) return SMFIS_ACCEPT;
    const auto& client = examination_.envelope().client;
    const bool is_from_here =
        client.is_loopback() || configuration().cordon.own_networks.contains(client);
    const auto own = own_mail_.identify(context_.keeper_socket, configuration().quarantine.mailbox,
                                        {mail_from_, recipients_, is_from_here});
    if (!own) {
        log::error(
            "message-failed",
            {{"id", id_}, {"qid", queue_id_}, {"action", "defer"}, {"error", own.error().what}});
        return defer(reply);
    }
    if (own->kind != OwnMail::Identity::Kind::foreign) return pass(*own, reply);
    const auto message = buffer_.finish();
    if (!message) return fail_safely(reply, message.error().what);
    auto judged = judge_message(*message);
    if (answer_.is_for(configuration().quarantine.answer_address(), recipients_))
        return take_answer(judged, reply);
    const sfsistat answer = apply(judged, *message, reply);
    log_verdict(judged);
    keep_verdict(judged);
    teach(judged);
    context_.metrics->observe(Stage::total, microseconds_since(judged.begin));
    count_verdict(*context_.metrics, judged.verdict, judged.decisions, snapshot_->catalogue);
    return answer;
}

sfsistat Transaction::refuse(const Judged& judged, Reply& reply) const {
    const auto* const reason = judged.outcome.reason;
    const auto index = static_cast<std::size_t>(reason - judged.decisions.data());
    const auto refusal =
        refusal_for(*reason, judged.verdict.virus, id_, judged.policies[index]->contact);
    return reply.refuse(refusal.code, refusal.enhanced_code, refusal.text);
}

sfsistat Transaction::pass(const OwnMail::Identity& own, Reply& reply) {
    log::info("own-mail", {{"id", own.id},
                           {"qid", queue_id_},
                           {"purpose", own.purpose},
                           {"from", without_brackets(mail_from_)},
                           {"recipients", recipients_.size()}});
    if (own.kind == OwnMail::Identity::Kind::sealed) return SMFIS_CONTINUE;
    // Every field in our name, also of a forger whose mail a person released; nothing else, so that
    // signatures stay good.
    for (const auto& removal : forged_.removals()) {
        if (!istarts_with(removal.name, "x-cordon-")) continue;
        if (auto done = reply.delete_header(removal.name, removal.index); !done)
            return fail_safely(reply, done.error().what);
    }
    return SMFIS_CONTINUE;
}

/// Whatever it is, it goes no further: whoever wrote it is told in this dialogue.
sfsistat Transaction::take_answer(const Judged& judged, Reply& reply) {
    const std::string sender(without_brackets(mail_from_));
    const auto tell = [&](std::string_view action, std::string_view reason) {
        log::info("digest-answer", {{"id", id_},
                                    {"qid", queue_id_},
                                    {"from", sender},
                                    {"action", action},
                                    {"reason", reason}});
    };
    if (answer_.is_automatic(mail_from_)) {
        tell("ignored", "a program wrote it");
        return SMFIS_DISCARD;
    }
    const auto proof = proof_of_sender(judged.evidence, mail_from_);
    // What could not be looked up may be known the next time.
    if (proof.empty() && (!judged.evidence.content || !judged.evidence.unknown.empty())) {
        tell("deferred", "its sender could not be checked");
        return defer(reply);
    }
    Result<AnswerDigestAnswer> answer = fail("its sender is not authenticated");
    if (!proof.empty())
        answer =
            ask_keeper(context_.keeper_socket, AnswerDigestRequest{answer_.token(), sender, proof},
                       -1, Deadline::in(kKeeperTime));
    if (!answer && is_no_answer(answer.error())) {
        tell("deferred", answer.error().what);
        return defer(reply);
    }
    if (!answer) {
        tell("refused", answer.error().what);
        return reply.refuse(
            "550", "5.7.1",
            fmt::format("Nothing is released: {} (id {})", answer.error().what, id_));
    }
    tell(answer->has_changed ? "released" : "nothing to do", answer->id + ", " + proof);
    return SMFIS_DISCARD;
}

sfsistat Transaction::apply(Judged& judged, int message, Reply& reply) {
    const auto& outcome = judged.outcome;
    switch (outcome.answer) {
        case Outcome::Answer::defer: return defer(reply);
        case Outcome::Answer::discard: return SMFIS_DISCARD;
        case Outcome::Answer::reject: return refuse(judged, reply);
        case Outcome::Answer::deliver: break;
    }
    if (is_shadowed()) return SMFIS_ACCEPT;
    auto done = edit_headers(judged, reply);
    if (done && !outcome.held.empty()) done = redirect(judged, message, reply);
    for (const auto i : outcome.discarded)
        if (done) done = reply.delete_recipient(recipients_[i].path);
    if (done) return SMFIS_CONTINUE;
    // Half-done edits must not be committed: only a refusal undoes them, whatever on-error says.
    log::error(
        "message-failed",
        {{"id", id_}, {"qid", queue_id_}, {"action", "defer"}, {"error", done.error().what}});
    for (auto& decision : judged.decisions) decision.action = Action::defer;
    return defer(reply);
}

Result<std::string> Transaction::hold(const Judged& judged, int message) const {
    const bool is_everyone = judged.outcome.held.size() == recipients_.size();
    return KeeperClient(context_.keeper_socket, kKeeperTime)
        .hold(held_message(judged), is_everyone, message);
}

Result<void> Transaction::redirect(const Judged& judged, int message, Reply& reply) {
    const auto& options = configuration().quarantine;
    const auto begin = Steady::now();
    const auto held = hold(judged, message);
    context_.metrics->observe(Stage::hold, microseconds_since(begin));
    if (!held) context_.metrics->count(Metric::hold_failures);
    if (!held) {
        if (options.on_store_failure == OnStoreFailure::tempfail)
            return tl::unexpected(held.error());
        log::error("hold-failed", {{"id", id_},
                                   {"instead", to_text(options.on_store_failure)},
                                   {"error", held.error().what}});
        if (options.on_store_failure == OnStoreFailure::hold)
            return reply.hold_in_queue("Cordon could not store held mail, id " + id_);
    }
    if (held && !held->empty()) {
        auto sealed = reply.insert_header(std::string(kSealHeader), " " + folded_seal(*held));
        if (!sealed) return sealed;
    }
    auto plan = plan_redirect(options.mailbox, held_message(judged).recipients);
    // Copies that the MTA makes behind the filter's back (always_bcc): nobody else gets the mail.
    if (judged.outcome.held.size() == recipients_.size())
        for (const auto& address : options.redirect_also_delete.value)
            plan.remove.push_back("<" + address + ">");
    return reply.redirect(plan);
}

HeldMessage Transaction::held_message(const Judged& judged) const {
    const auto& envelope = judged.evidence.envelope;
    HeldMessage out;
    out.id = id_;
    out.received_at = envelope.received_at;
    out.home = configuration().cordon.authserv_id;
    out.client = envelope.client.to_string();
    out.client_name = envelope.client_name;
    out.helo = envelope.helo;
    out.auth_user = envelope.auth_user;
    out.queue_id = queue_id_;
    out.mail_from = mail_from_;
    out.mail_parameters = mail_parameters_;
    for (const auto i : judged.outcome.held) out.recipients.push_back(recipients_[i]);
    const auto& decision = *judged.outcome.reason;
    out.reason = decision.reason;
    out.score = fmt::format("{}", judged.verdict.score);
    out.rules = rule_names(judged.verdict);
    out.virus = judged.verdict.virus;
    out.report = explain(judged.verdict, decision, configuration().policy.site);
    if (judged.evidence.content) {
        out.subject = judged.evidence.content->subject;
        out.from = judged.evidence.content->from;
        if (is_author_proven(judged.evidence)) out.author = judged.evidence.content->from_address;
        out.report += "\n" + judged.evidence.content->report;
    }
    out.report = utf8_prefix(out.report, kMaxReportBytes);
    return out;
}

Result<void> Transaction::edit_headers(const Judged& judged, Reply& reply) {
    for (const auto& removal : forged_.removals())
        if (auto done = reply.delete_header(removal.name, removal.index); !done) return done;
    if (judged.verdict.direction == Direction::outbound) return {};
    const auto& c = configuration();
    const auto& envelope = judged.evidence.envelope;
    const auto results = results_field(judged.evidence.auth, c.cordon.authserv_id,
                                       envelope.mail_from, envelope.helo);
    const auto lines = spam_headers(judged.verdict, judged.site, c.policy.site, id_, results);
    for (auto line = lines.rbegin(); line != lines.rend(); ++line)
        if (auto done = reply.insert_header(line->first, " " + line->second); !done) return done;
    return {};
}

void Transaction::teach(const Judged& judged) const {
    const auto& c = configuration();
    // What people forward to the quarantine's own mailbox teaches nothing.
    const bool is_for_mailbox =
        !c.quarantine.mailbox.empty() &&
        std::any_of(recipients_.begin(), recipients_.end(), [&](const auto& recipient) {
            return is_same_mailbox(without_brackets(recipient.path), c.quarantine.mailbox);
        });
    if (is_for_mailbox) return;
    if (!memory_.tell(context_.keeper_socket, c, judged.evidence, judged.verdict))
        context_.metrics->count(Metric::learning_events, "not-remembered");
    if (!c.learning.automatic) return;
    const auto label = clear_label(judged.evidence, judged.verdict, c.policy.site);
    if (!label || judged.evidence.content->features.empty()) return;
    const auto& content = *judged.evidence.content;
    const bool is_posted = post_event(
        context_.keeper_socket,
        {content.identity, *label, LabelOrigin::automatic, content.features, unix_time()});
    context_.metrics->count(Metric::learning_events, is_posted ? "automatic" : "not-posted");
}

void Transaction::log_verdict(const Judged& judged) const {
    VerdictRecord record{id_, queue_id_, message_id_, without_brackets(mail_from_), {}};
    record.client = judged.evidence.envelope.client.to_string();
    record.size = buffer_.size();
    record.microseconds = microseconds_since(judged.begin);
    log_parser_errors(record, judged.verdict);
    for (std::size_t i = 0; i < recipients_.size(); ++i)
        log_decision(record, without_brackets(recipients_[i].path), judged.verdict,
                     judged.decisions[i], judged.policies[i]->mode);
}

void Transaction::keep_verdict(const Judged& judged) const {
    if (!context_.history || configuration().history.retention.value.count() == 0) return;
    auto record = history_of(judged.evidence, judged.verdict);
    record.id = id_;
    record.queue_id = queue_id_.substr(0, kMaxKeptId);
    record.message_id = message_id_.substr(0, kMaxKeptId);
    record.size = buffer_.size();
    record.microseconds = static_cast<std::uint64_t>(microseconds_since(judged.begin));
    add_decisions(record, {recipients_, judged.wanted, judged.decisions, judged.policies});
    context_.history->post(std::move(record));
}

}  // namespace cordon
