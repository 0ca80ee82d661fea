// SPDX-License-Identifier: GPL-2.0-only
// What Cordon tells the MTA about one message: the only caller of smfi_* beside the callbacks.
// Every call of libmilter returns before the MTA has looked at it, so an error here means that the
// link is gone; the caller then answers with a temporary failure.
#pragma once

#include <libmilter/mfapi.h>

#include <string>
#include <string_view>

#include "conf/base/result.h"
#include "quarantine/redirect/redirect.h"

namespace cordon {

class Reply {
 public:
    explicit Reply(SMFICTX* context) : context_(context) {}

    /// A macro of the MTA such as "i" or "{auth_authen}", or empty.
    std::string macro(const char* name) const;

    /// The MTA was asked to change the message: accepting it now would commit that.
    bool has_edited() const { return has_edited_; }

    /// Adds the quarantine mailbox, then deletes the held recipients.
    Result<void> redirect(const RedirectPlan& plan);
    Result<void> delete_recipient(const std::string& path);

    /// Inserts at the top: the first call stands lowest.
    Result<void> insert_header(const std::string& name, const std::string& value);
    /// `index` counts fields of that name from 1; go from the last to the first.
    Result<void> delete_header(const std::string& name, int index);

    /// `text` is one line of printable ASCII; anything else in it is replaced.
    sfsistat refuse(const char* code, const char* enhanced_code, std::string_view text);

    /// Postfix's hold queue, for the whole message.
    Result<void> hold_in_queue(const std::string& reason);

 private:
    SMFICTX* context_;
    bool has_edited_ = false;
};

}  // namespace cordon
