// SPDX-License-Identifier: GPL-2.0-only
#include "tests/support/fake_libmilter.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>

#include "conf/base/text.h"
#include "milter/callbacks.h"

/// libmilter's context, opaque to its users.
struct smfi_str {
    cordon::test::FakeMta& mta;
    void* session = nullptr;

    int record(const std::string& name, std::vector<std::string> arguments) const {
        const int result = mta.on_call ? mta.on_call(name) : MI_SUCCESS;
        if (result == MI_SUCCESS) mta.calls.push_back({name, std::move(arguments)});
        return result;
    }
};

namespace cordon::test {

namespace {

/// A null-terminated array of char*, as libmilter hands over the words of a command.
class ArgumentArray {
 public:
    explicit ArgumentArray(Arguments arguments) : arguments_(std::move(arguments)) {
        for (auto& argument : arguments_) pointers_.push_back(argument.data());
        pointers_.push_back(nullptr);
    }
    char** get() { return pointers_.data(); }

 private:
    Arguments arguments_;
    std::vector<char*> pointers_;
};

bool has_name(const HeaderLine& line, std::string_view name) {
    return iequals(trim(line.first), name);
}

}  // namespace

FakeMta::FakeMta(MilterProcess& process)
    : context_(new SMFICTX{*this}), filter_(milter_description()) {
    set_milter_process(&process);
}

FakeMta::~FakeMta() {
    close();
}

sfsistat FakeMta::negotiate() {
    unsigned long unused1 = 0;
    unsigned long unused2 = 0;
    return filter_.xxfi_negotiate(context_.get(), offered_actions, offered_steps, 0, 0, &actions,
                                  &steps, &unused1, &unused2);
}

sfsistat FakeMta::connect(const std::string& host, const std::string& address) {
    std::string name = host;
    sockaddr_in from{};
    from.sin_family = AF_INET;
    const bool is_ip = ::inet_pton(AF_INET, address.c_str(), &from.sin_addr) == 1;
    return filter_.xxfi_connect(context_.get(), name.data(),
                                is_ip ? reinterpret_cast<sockaddr*>(&from) : nullptr);
}

sfsistat FakeMta::helo(std::string name) {
    return filter_.xxfi_helo(context_.get(), name.data());
}

sfsistat FakeMta::mail(const Arguments& arguments) {
    calls.clear();
    recipients.clear();
    headers.clear();
    reply.clear();
    return filter_.xxfi_envfrom(context_.get(), ArgumentArray(arguments).get());
}

sfsistat FakeMta::rcpt(const Arguments& arguments) {
    recipients.push_back(arguments.front());
    return filter_.xxfi_envrcpt(context_.get(), ArgumentArray(arguments).get());
}

sfsistat FakeMta::data() {
    return filter_.xxfi_data(context_.get());
}

sfsistat FakeMta::header(std::string name, std::string value) {
    headers.emplace_back(name, value);
    return filter_.xxfi_header(context_.get(), name.data(), value.data());
}

sfsistat FakeMta::end_of_header() {
    return filter_.xxfi_eoh(context_.get());
}

sfsistat FakeMta::body(std::string chunk) {
    return filter_.xxfi_body(context_.get(), reinterpret_cast<unsigned char*>(chunk.data()),
                             chunk.size());
}

sfsistat FakeMta::end_of_message() {
    return filter_.xxfi_eom(context_.get());
}

sfsistat FakeMta::abort() {
    return filter_.xxfi_abort(context_.get());
}

void FakeMta::close() {
    filter_.xxfi_close(context_.get());
    EXPECT_EQ(context_->session, nullptr) << "the session outlives its connection";
}

void FakeMta::open() {
    EXPECT_EQ(negotiate(), SMFIS_CONTINUE);
    connect("mail.example.com", "192.0.2.7");
    helo("mail.example.com");
}

void FakeMta::send_up_to_end(const Mail& message) {
    mail(message.from);
    for (const auto& recipient : message.recipients) rcpt(recipient);
    data();
    for (const auto& [name, value] : message.headers) header(name, value);
    end_of_header();
    if (!message.body.empty()) body(message.body);
}

sfsistat FakeMta::send(const Mail& message) {
    send_up_to_end(message);
    return end_of_message();
}

std::vector<std::string> FakeMta::call_names() const {
    std::vector<std::string> out;
    for (const auto& call : calls) out.push_back(call.name);
    return out;
}

std::vector<std::string> FakeMta::header_names() const {
    std::vector<std::string> out;
    for (const auto& line : headers) out.push_back(line.first);
    return out;
}

std::vector<std::string> FakeMta::header_values(std::string_view name) const {
    std::vector<std::string> out;
    for (const auto& line : headers)
        if (has_name(line, name)) out.push_back(line.second);
    return out;
}

}  // namespace cordon::test

// ---- libmilter's symbols ----

using cordon::test::has_name;

extern "C" {

int smfi_register(struct smfiDesc) {
    return MI_SUCCESS;
}
int smfi_settimeout(int) {
    return MI_SUCCESS;
}
int smfi_setconn(char*) {
    return MI_SUCCESS;
}
int smfi_opensocket(bool) {
    return MI_FAILURE;
}
int smfi_main() {
    return MI_FAILURE;
}

void* smfi_getpriv(SMFICTX* context) {
    return context->session;
}

int smfi_setpriv(SMFICTX* context, void* session) {
    context->session = session;
    return MI_SUCCESS;
}

char* smfi_getsymval(SMFICTX* context, char* name) {
    if (context->mta.on_call) context->mta.on_call("getsymval");
    const auto found = context->mta.macros.find(name);
    return found == context->mta.macros.end() ? nullptr : found->second.data();
}

int smfi_setsymlist(SMFICTX* context, int stage, char* names) {
    context->mta.requested_macros[stage] = names;
    return MI_SUCCESS;
}

int smfi_addrcpt_par(SMFICTX* context, char* path, char* parameters) {
    const int result = context->record("addrcpt_par", {path, parameters});
    auto& recipients = context->mta.recipients;
    const bool is_new = std::find(recipients.begin(), recipients.end(), path) == recipients.end();
    if (result == MI_SUCCESS && is_new) recipients.emplace_back(path);
    return result;
}

/// Matches the bytes of RCPT TO, and succeeds when nothing matched.
int smfi_delrcpt(SMFICTX* context, char* path) {
    const int result = context->record("delrcpt", {path});
    if (result == MI_SUCCESS) std::erase(context->mta.recipients, path);
    return result;
}

int smfi_insheader(SMFICTX* context, int index, char* name, char* value) {
    const int result = context->record("insheader", {std::to_string(index), name, value});
    auto& headers = context->mta.headers;
    const auto place = std::min(static_cast<std::size_t>(index), headers.size());
    if (result == MI_SUCCESS)
        headers.emplace(headers.begin() + static_cast<std::ptrdiff_t>(place), name, value);
    return result;
}

/// Deletes one field and renumbers at once; a name with a blank at its end matches nothing.
int smfi_chgheader(SMFICTX* context, char* name, int index, char* value) {
    const int result =
        context->record("chgheader", {name, std::to_string(index), value != nullptr ? value : ""});
    auto& headers = context->mta.headers;
    for (auto line = headers.begin(); result == MI_SUCCESS && line != headers.end(); ++line) {
        if (!has_name(*line, name) || --index > 0) continue;
        headers.erase(line);
        break;
    }
    return result;
}

/// Refuses what libmilter refuses: line breaks, and more than 980 bytes.
int smfi_setreply(SMFICTX* context, char* code, char* enhanced_code, char* text) {
    const std::string line = text;
    if (line.size() > 980 || line.find_first_of("\r\n") != std::string::npos) return MI_FAILURE;
    const int result = context->record("setreply", {code, enhanced_code, line});
    if (result == MI_SUCCESS)
        context->mta.reply = std::string(code) + " " + enhanced_code + " " + line;
    return result;
}

int smfi_quarantine(SMFICTX* context, char* reason) {
    return context->record("quarantine", {reason});
}

}  // extern "C"
