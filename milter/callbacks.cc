// SPDX-License-Identifier: GPL-2.0-only
#include "milter/callbacks.h"

#include <exception>

#include "conf/base/log.h"

namespace cordon {

namespace {

/// libmilter hands callbacks no data of ours before a session exists: one pointer, set before it
/// starts.
MilterProcess* g_process = nullptr;

constexpr unsigned long kActions = SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_ADDRCPT |
                                   SMFIF_ADDRCPT_PAR | SMFIF_DELRCPT | SMFIF_QUARANTINE |
                                   SMFIF_SETSYMLIST;

constexpr unsigned long kUnanswered = SMFIP_NR_CONN | SMFIP_NR_HELO | SMFIP_NR_MAIL |
                                      SMFIP_NR_RCPT | SMFIP_NR_HDR | SMFIP_NR_EOH | SMFIP_NR_BODY;

Session* session_of(SMFICTX* context) {
    return static_cast<Session*>(::smfi_getpriv(context));
}

Session* session_or_new(SMFICTX* context) {
    if (auto* session = session_of(context)) return session;
    auto session = std::make_unique<Session>(*g_process);
    if (::smfi_setpriv(context, session.get()) != MI_SUCCESS) return nullptr;
    return session.release();
}

void free_session(SMFICTX* context) {
    const std::unique_ptr<Session> session(session_of(context));
    ::smfi_setpriv(context, nullptr);
}

/// Gives a step its session; what it throws becomes a temporary failure.
template <typename Step>
sfsistat guard(SMFICTX* context, Step step) noexcept {
    try {
        auto* const session = session_or_new(context);
        return session != nullptr ? step(*session) : sfsistat{SMFIS_TEMPFAIL};
    } catch (const std::exception& error) {
        log::error("callback-failed", {{"error", error.what()}});
        return SMFIS_TEMPFAIL;
    }
}

/// A step before end of message: its failure is kept until then, since the MTA waits for no answer
/// here.
template <typename Step>
sfsistat guard_step(SMFICTX* context, Step step) noexcept {
    return guard(context, [&](Session& session) {
        try {
            step(session);
        } catch (const std::exception& error) {
            session.step_failed(error.what());
        }
        return session.next();
    });
}

/// The client's name as the MTA verified it; empty where it could not: Postfix then says "unknown",
/// Sendmail "[192.0.2.1]".
std::string verified_name(SMFICTX* context, const char* host) {
    const char* const macro = ::smfi_getsymval(context, const_cast<char*>("{client_name}"));
    const std::string name = macro != nullptr ? macro : host;
    return name == "unknown" || name.starts_with('[') ? "" : name;
}

std::vector<std::string> arguments_of(char** arguments) {
    std::vector<std::string> out;
    for (; arguments != nullptr && *arguments != nullptr; ++arguments) out.emplace_back(*arguments);
    return out;
}

sfsistat on_negotiate(SMFICTX* context, unsigned long actions, unsigned long steps, unsigned long,
                      unsigned long, unsigned long* our_actions, unsigned long* our_steps,
                      unsigned long* reserved2, unsigned long* reserved3) {
    return guard(context, [&](Session& session) {
        if ((actions & kActions) != kActions) {
            log::error("negotiation-failed",
                       {{"error",
                         "the MTA does not offer header and recipient changes: "
                         "Postfix 2.6 or Sendmail 8.14 is needed"}});
            return sfsistat{SMFIS_REJECT};
        }
        const bool can_be_unanswered = (steps & kUnanswered) == kUnanswered;
        *our_actions = kActions;
        *our_steps = steps & (SMFIP_HDR_LEADSPC | SMFIP_SKIP | SMFIP_NOUNKNOWN);
        // Between DATA and the header Postfix hands the link to another process. Over TCP an answer
        // there acknowledges what was sent so far; without one the rest waits 40 ms (Nagle's
        // algorithm on its side, delayed ACK on ours).
        if (!session.is_over_tcp()) *our_steps |= steps & SMFIP_NODATA;
        if (can_be_unanswered) *our_steps |= kUnanswered;
        *reserved2 = 0;
        *reserved3 = 0;
        session.set_unanswered(can_be_unanswered);
        // The list replaces the MTA's own: only what is read, so that less is sent.
        const auto want = [context](int stage, const char* macros) {
            ::smfi_setsymlist(context, stage, const_cast<char*>(macros));
        };
        want(SMFIM_CONNECT, "j {client_name}");
        want(SMFIM_HELO, "");
        want(SMFIM_ENVFROM, "i {auth_authen}");
        want(SMFIM_ENVRCPT, "");
        want(SMFIM_EOM, "i");
        return sfsistat{SMFIS_CONTINUE};
    });
}

sfsistat on_connect(SMFICTX* context, char* host, _SOCK_ADDR* address) {
    return guard_step(context, [&](Session& session) {
        session.connect(verified_name(context, host), IpAddress::from(address));
    });
}

sfsistat on_helo(SMFICTX* context, char* name) {
    return guard_step(context, [&](Session& session) { session.helo(name); });
}

sfsistat on_mail(SMFICTX* context, char** arguments) {
    return guard_step(context, [&](Session& session) {
        session.abort();  // whatever comes of this MAIL, the message before is over
        const char* const user = ::smfi_getsymval(context, const_cast<char*>("{auth_authen}"));
        session.mail(arguments_of(arguments), user != nullptr ? user : "");
    });
}

sfsistat on_rcpt(SMFICTX* context, char** arguments) {
    return guard_step(context, [&](Session& session) { session.rcpt(arguments_of(arguments)); });
}

/// There only so that the MTA gets an answer over TCP (see on_negotiate).
sfsistat on_data(SMFICTX*) {
    return SMFIS_CONTINUE;
}

sfsistat on_header(SMFICTX* context, char* name, char* value) {
    return guard_step(context, [&](Session& session) { session.header(name, value); });
}

sfsistat on_end_of_header(SMFICTX* context) {
    return guard_step(context, [](Session& session) { session.end_of_header(); });
}

sfsistat on_body(SMFICTX* context, unsigned char* bytes, std::size_t size) {
    bool wants_more = true;
    const sfsistat next = guard_step(context, [&](Session& session) {
        wants_more = session.body({reinterpret_cast<const char*>(bytes), size});
    });
    // SKIP is an answer: where the MTA waits for none, it can't be given.
    return wants_more || next == SMFIS_NOREPLY ? next : sfsistat{SMFIS_SKIP};
}

sfsistat on_end_of_message(SMFICTX* context) {
    return guard(context, [&](Session& session) {
        Reply reply(context);
        return session.end_of_message(reply);
    });
}

sfsistat on_abort(SMFICTX* context) {
    return guard(context, [](Session& session) {
        session.abort();
        return sfsistat{SMFIS_CONTINUE};
    });
}

sfsistat on_close(SMFICTX* context) {
    free_session(context);
    return SMFIS_CONTINUE;
}

}  // namespace

void set_milter_process(MilterProcess* process) {
    g_process = process;
}

smfiDesc milter_description() {
    static std::string name = "cordon";
    smfiDesc out{};
    out.xxfi_name = name.data();
    out.xxfi_version = SMFI_VERSION;
    out.xxfi_flags = kActions;
    out.xxfi_connect = on_connect;
    out.xxfi_helo = on_helo;
    out.xxfi_envfrom = on_mail;
    out.xxfi_envrcpt = on_rcpt;
    out.xxfi_data = on_data;
    out.xxfi_header = on_header;
    out.xxfi_eoh = on_end_of_header;
    out.xxfi_body = on_body;
    out.xxfi_eom = on_end_of_message;
    out.xxfi_abort = on_abort;
    out.xxfi_close = on_close;
    out.xxfi_negotiate = on_negotiate;
    return out;
}

}  // namespace cordon
