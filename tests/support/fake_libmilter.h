// SPDX-License-Identifier: GPL-2.0-only
// One connection of an MTA in place of libmilter: fake_libmilter.cc defines libmilter's own smfi_*
// symbols, so that the real callbacks run without a socket. Each call is recorded in order, and
// recipients and header fields are edited as Postfix does it.
#pragma once

#include <libmilter/mfapi.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "milter/session.h"

namespace cordon::test {

/// Arguments of a command: the path, then ESMTP parameters.
using Arguments = std::vector<std::string>;

struct Mail {
    Arguments from = {"<bob@example.com>"};
    std::vector<Arguments> recipients = {{"<alice@example.org>"}};
    std::vector<HeaderLine> headers = {{"Subject", " Hello"}};
    std::string body = "Text\r\n";
};

/// A call of libmilter at end of message, such as delrcpt("<alice@example.org>").
struct Call {
    std::string name;
    std::vector<std::string> arguments;

    friend bool operator==(const Call&, const Call&) = default;
};

class FakeMta {
 public:
    explicit FakeMta(MilterProcess& process);
    ~FakeMta();  // closes the connection
    FakeMta(const FakeMta&) = delete;
    FakeMta& operator=(const FakeMta&) = delete;

    // What the MTA offers, what the filter chose, and the values of macros such as "i".
    unsigned long offered_actions = ~0UL;
    unsigned long offered_steps = ~0UL;
    unsigned long actions = 0;
    unsigned long steps = 0;
    std::map<int, std::string> requested_macros;  // by stage
    std::map<std::string, std::string> macros;

    sfsistat negotiate();
    sfsistat connect(const std::string& host, const std::string& address);
    sfsistat helo(std::string name);
    sfsistat mail(const Arguments& arguments);
    sfsistat rcpt(const Arguments& arguments);
    sfsistat data();
    sfsistat header(std::string name, std::string value);
    sfsistat end_of_header();
    sfsistat body(std::string chunk);
    sfsistat end_of_message();
    sfsistat abort();
    void close();

    /// negotiate, connect from 192.0.2.7, helo.
    void open();
    /// MAIL to the end of the body.
    void send_up_to_end(const Mail& mail);
    /// MAIL to the answer at end of message.
    sfsistat send(const Mail& mail);

    // What became of the message.
    std::vector<Call> calls;
    std::vector<std::string> recipients;  // paths
    std::vector<HeaderLine> headers;
    std::string reply;  // "550 5.7.1 text"; empty: the MTA's own

    std::vector<std::string> call_names() const;
    std::vector<std::string> header_names() const;
    std::vector<std::string> header_values(std::string_view name) const;

    /// Runs before each call and gives its result, or throws.
    std::function<int(const std::string& name)> on_call;

 private:
    friend struct ::smfi_str;

    std::unique_ptr<SMFICTX> context_;
    smfiDesc filter_;
};

}  // namespace cordon::test
