// SPDX-License-Identifier: GPL-2.0-only
// Result<T>: the value, or one line for an administrator that names the thing that failed and,
// where it is known, the remedy. Nothing outside this header names tl:: so that std::expected can
// take over.
#pragma once

#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace cordon {

struct Error {
    std::string what;
};

template <typename T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(std::string what) {
    return tl::unexpected<Error>(Error{std::move(what)});
}

/// "THING: strerror(errno)", for system calls.
inline tl::unexpected<Error> fail_errno(std::string_view thing, int error = errno) {
    return fail(std::string(thing) + ": " + std::strerror(error));
}

/// Passes an error on with the name of what was being done: "CONTEXT: cause".
inline tl::unexpected<Error> wrap(std::string_view context, const Error& cause) {
    return fail(std::string(context) + ": " + cause.what);
}

}  // namespace cordon
