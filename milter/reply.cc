// SPDX-License-Identifier: GPL-2.0-only
#include "milter/reply.h"

namespace cordon {

namespace {

constexpr std::size_t kMaxReplyText = 490;  // RFC 5321 section 4.5.3.1.5: 512 with codes and CRLF

Result<void> checked(int code, const char* what) {
    if (code != MI_SUCCESS) return fail(std::string("the MTA link failed at ") + what);
    return {};
}

// libmilter takes char* but does not write through it.
char* mutable_text(const std::string& text) {
    return const_cast<char*>(text.c_str());
}
char* mutable_text(const char* text) {
    return const_cast<char*>(text);
}

/// libmilter formats nothing, but Sendmail's reply passes through a format: every % is doubled.
std::string reply_text(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (out.size() + 2 > kMaxReplyText) break;
        const bool is_plain = c >= ' ' && c < 0x7F;
        out += is_plain ? c : '?';
        if (c == '%') out += '%';
    }
    return out;
}

}  // namespace

std::string Reply::macro(const char* name) const {
    const char* const value = ::smfi_getsymval(context_, mutable_text(name));
    return value != nullptr ? value : "";
}

Result<void> Reply::redirect(const RedirectPlan& plan) {
    has_edited_ = true;
    auto added = checked(
        ::smfi_addrcpt_par(context_, mutable_text(plan.add), mutable_text(plan.add_parameters)),
        "adding the quarantine mailbox");
    if (!added) return added;
    for (const auto& path : plan.remove)
        if (auto removed = delete_recipient(path); !removed) return removed;
    return {};
}

Result<void> Reply::delete_recipient(const std::string& path) {
    has_edited_ = true;
    return checked(::smfi_delrcpt(context_, mutable_text(path)), "deleting a recipient");
}

Result<void> Reply::insert_header(const std::string& name, const std::string& value) {
    has_edited_ = true;
    return checked(::smfi_insheader(context_, 0, mutable_text(name), mutable_text(value)),
                   "inserting a header");
}

Result<void> Reply::delete_header(const std::string& name, int index) {
    has_edited_ = true;
    return checked(::smfi_chgheader(context_, mutable_text(name), index, nullptr),
                   "deleting a header");
}

sfsistat Reply::refuse(const char* code, const char* enhanced_code, std::string_view text) {
    const std::string line = reply_text(text);
    const bool is_set = ::smfi_setreply(context_, mutable_text(code), mutable_text(enhanced_code),
                                        mutable_text(line)) == MI_SUCCESS;
    const bool is_permanent = code[0] == '5';
    static_cast<void>(is_set);  // without our text the MTA's own stands for the same answer
    return is_permanent ? SMFIS_REJECT : SMFIS_TEMPFAIL;
}

Result<void> Reply::hold_in_queue(const std::string& reason) {
    has_edited_ = true;
    return checked(::smfi_quarantine(context_, mutable_text(reason)), "holding the message");
}

}  // namespace cordon
