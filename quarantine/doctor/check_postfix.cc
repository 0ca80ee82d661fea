// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include <algorithm>

#include "conf/base/text.h"
#include "quarantine/doctor/checks.h"

namespace cordon {

namespace {

constexpr const char* kQueueDirectory = "/var/spool/postfix";
constexpr const char* kSampleAttributes =
    "connect_timeout=10s, command_timeout=30s, content_timeout=120s, default_action=tempfail";

/// The checks of one site; findings go to `out`.
class Wiring {
 public:
    Wiring(const Configuration& c, const PostfixConfig& postfix, Findings& out)
        : c_(c), postfix_(postfix), out_(out) {
        root_ = postfix.value("queue_directory", kQueueDirectory);
    }

    void run();

 private:
    void add(Health health, const char* subject, const std::string& what,
             const std::string& remedy = "") {
        // Services that share a setting share what is to be said of it.
        for (const auto& seen : out_)
            if (seen.what == what && seen.remedy == remedy) return;
        out_.push_back({health, fmt::format("postfix: {}", subject), what, remedy});
    }
    void check_service(const PostfixService& service);
    void check_attributes(const PostfixMilter& milter, const PostfixService& service);
    void check_order(const std::vector<PostfixMilter>& milters, std::size_t ours);
    void check_results(bool is_first);
    void check_site();
    void check_bare_newlines();
    /// The line of main.cf that connects this socket.
    std::string sample_line() const;
    std::string our_name() const;
    std::string place_for(std::string_view name, const PostfixService& service) const;

    const Configuration& c_;
    const PostfixConfig& postfix_;
    Findings& out_;
    std::string root_;
    bool is_connected_ = false;
};

std::string Wiring::our_name() const {
    const auto& s = c_.milter.socket;
    if (s.family != MilterSocket::Family::unix_domain)
        return fmt::format(
            "inet:{}:{}",
            s.family == MilterSocket::Family::inet6 ? "[" + s.address + "]" : s.address, s.port);
    return "unix:" + (s.path.starts_with(root_ + "/") ? s.path.substr(root_.size() + 1) : s.path);
}

std::string Wiring::sample_line() const {
    return fmt::format("{}: smtpd_milters = {{ {}, {} }}", postfix_.place("smtpd_milters"),
                       our_name(), kSampleAttributes);
}

std::string Wiring::place_for(std::string_view name, const PostfixService& service) const {
    return service.overrides.contains(name)
               ? fmt::format("{}/master.cf:{}", postfix_.directory, service.line)
               : postfix_.place(name);
}

void Wiring::check_attributes(const PostfixMilter& milter, const PostfixService& service) {
    const auto attribute = [&](const char* own, const char* global, const char* fallback) {
        const auto found = milter.attributes.find(own);
        return found != milter.attributes.end() ? found->second
                                                : postfix_.value(global, fallback, &service);
    };
    const auto place = place_for("smtpd_milters", service);
    const auto action = attribute("default_action", "milter_default_action", "tempfail");
    if (action != "tempfail" && action != "shutdown")
        add(Health::error, "default action",
            fmt::format("while Cordon is away mail passes by default_action={}", action),
            fmt::format("{}: {{ {}, default_action=tempfail, … }}", place, our_name()));
    else
        add(Health::good, "default action", action + " while Cordon is away");
    const auto deadline = (c_.milter.deadline.value.count() + 999) / 1000;
    const auto content =
        postfix_seconds(attribute("content_timeout", "milter_content_timeout", "300s"), 300);
    if (content <= deadline)
        add(Health::error, "content timeout",
            fmt::format("{} s, but Cordon may take {} s (milter.deadline)", content, deadline),
            fmt::format("{}: {{ {}, content_timeout={}s, … }}", place, our_name(), 2 * deadline));
    else
        add(Health::good, "content timeout", fmt::format("{} s", content));
    const auto protocol = attribute("protocol", "milter_protocol", "6");
    if (parse_unsigned(protocol).value_or(6) < 6)
        add(Health::error, "protocol",
            "milter_protocol " + protocol +
                ": Cordon can ask for no macros and change no recipient",
            postfix_.place("milter_protocol") + ": milter_protocol = 6");
    else
        add(Health::good, "macros", "Cordon asks for those it needs (protocol 6)");
}

/// Who writes Authentication-Results under our name before we see the mail?
void Wiring::check_results(bool is_first) {
    const auto id = c_.cordon.authserv_id.empty() ? "our own id" : c_.cordon.authserv_id;
    if (is_first && c_.auth.keep_local_results)
        add(Health::error, "results",
            "no milter stands before Cordon, and forged Authentication-Results of " + id +
                " are kept",
            "[auth] keep-local-results = no");
    if (!is_first && !c_.auth.keep_local_results)
        add(Health::note, "results",
            "Authentication-Results of " + id + " that a milter before Cordon writes are removed",
            "[auth] keep-local-results = yes if it removes forged ones, or give it another "
            "AuthservID");
}

void Wiring::check_order(const std::vector<PostfixMilter>& milters, std::size_t ours) {
    check_results(ours == 0);
    if (ours == 0 && milters.size() == 1) return;
    std::string before;
    for (std::size_t i = 0; i < ours; ++i)
        before += (before.empty() ? "" : ", ") + milters[i].socket;
    if (before.empty())
        add(Health::good, "order", "Cordon sees mail before the other milters");
    else
        add(Health::warning, "order",
            before +
                " changes mail before Cordon sees it: signatures and held originals are then "
                "not the sender's",
            "move it behind Cordon in smtpd_milters, unless it must come first");
}

void Wiring::check_service(const PostfixService& service) {
    const auto milters = parse_milters(postfix_.value("smtpd_milters", "", &service));
    const auto found = std::find_if(milters.begin(), milters.end(), [&](const auto& milter) {
        return is_our_socket(c_.milter.socket, milter.socket, {root_, service.is_chrooted});
    });
    if (found != milters.end()) {
        is_connected_ = true;
        check_attributes(*found, service);
        check_order(milters, static_cast<std::size_t>(found - milters.begin()));
        return;
    }
    // The same file seen without the chroot: it looks right and never connects.
    for (const auto& milter : milters) {
        if (!service.is_chrooted || !is_our_socket(c_.milter.socket, milter.socket, {root_, false}))
            continue;
        is_connected_ = true;
        add(Health::error, "chroot",
            fmt::format("service {} is chrooted in {} and looks for {} below it", service.name,
                        root_, milter.socket),
            fmt::format("{}: {}", place_for("smtpd_milters", service), our_name()));
    }
}

void Wiring::check_bare_newlines() {
    const auto value = postfix_.value("smtpd_forbid_bare_newline", "");
    if (value == "yes" || value == "normalize" || value == "reject")
        return add(Health::good, "bare newlines", value);
    add(value.empty() ? Health::note : Health::warning, "bare newlines",
        value.empty() ? "accepted by default before Postfix 3.9 (SMTP smuggling)"
                      : "accepted (SMTP smuggling); a milter can't see it",
        postfix_.place("smtpd_forbid_bare_newline") + ": smtpd_forbid_bare_newline = yes");
}

void Wiring::check_site() {
    const auto limit = parse_unsigned(postfix_.value("message_size_limit", "10240000"));
    if (!limit || *limit == 0 || *limit > c_.milter.max_message_size.value)
        add(Health::warning, "message size",
            fmt::format("message_size_limit is {}, more than milter.max-message-size ({}): larger "
                        "mail is judged on its first part",
                        limit && *limit != 0 ? std::to_string(*limit) : "unlimited",
                        to_text(c_.milter.max_message_size)),
            fmt::format("{}: message_size_limit = {}", postfix_.place("message_size_limit"),
                        c_.milter.max_message_size.value));
    else
        add(Health::good, "message size", fmt::format("at most {} bytes", *limit));
    for (const auto& milter : parse_milters(postfix_.value("non_smtpd_milters", "")))
        if (is_our_socket(c_.milter.socket, milter.socket, {root_, false}))
            add(Health::warning, "non_smtpd_milters",
                "mail made on this machine passes Cordon: what it refuses bounces",
                postfix_.place("non_smtpd_milters") + ": non_smtpd_milters =");
    if (!postfix_.value("always_bcc", "").empty())
        add(Health::warning, "always_bcc", "a milter can't see it: it gets held mail too",
            postfix_.place("always_bcc") + ": always_bcc =");
    check_bare_newlines();
}

void Wiring::run() {
    bool has_smtpd = false;
    for (const auto& service : postfix_.services) {
        if (service.type != "inet" && service.type != "pass") continue;
        if (service.command != "smtpd") continue;
        has_smtpd = true;
        check_service(service);
    }
    if (!has_smtpd)
        return add(Health::error, "service", "master.cf has no smtpd that listens",
                   postfix_.directory + "/master.cf: smtp inet n - y - - smtpd");
    if (!is_connected_)
        add(Health::error, "milter",
            "no smtpd is connected to " + to_text(c_.milter.socket) + ": mail passes unseen",
            sample_line());
    else
        add(Health::good, "milter", "connected to " + to_text(c_.milter.socket));
    check_site();
}

}  // namespace

bool is_our_socket(const MilterSocket& ours, std::string_view theirs, const PathView& view) {
    if (istarts_with(theirs, "unix:") || istarts_with(theirs, "local:")) {
        if (ours.family != MilterSocket::Family::unix_domain) return false;
        std::string path(theirs.substr(theirs.find(':') + 1));
        if (!path.starts_with('/'))
            path = view.root + "/" + path;
        else if (view.is_chrooted)
            path = view.root + path;
        return path == ours.path;
    }
    if (ours.family == MilterSocket::Family::unix_domain || !istarts_with(theirs, "inet"))
        return false;
    const auto rest = theirs.substr(theirs.find(':') + 1);
    const auto at = rest.find('@');  // Sendmail: PORT@HOST; Postfix: HOST:PORT
    const auto colon = rest.rfind(':');
    const auto port = at != std::string_view::npos ? rest.substr(0, at) : rest.substr(colon + 1);
    return parse_unsigned(port) == ours.port;
}

void check_postfix(const Configuration& c, const PostfixConfig& postfix, Findings& out) {
    Wiring(c, postfix, out).run();
}

}  // namespace cordon
