// SPDX-License-Identifier: GPL-2.0-only
// What measurements of the content's cost share: mail written for them, and the clock.
#pragma once

#include <ctime>
#include <string>
#include <string_view>

namespace cordon::test {

/// Milliseconds of CPU time of this thread.
inline double cpu_ms() {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

/// The fields of a letter but Subject and Content-Type.
constexpr std::string_view kLetterHead =
    "Received: from mail.example.org (mail.example.org [192.0.2.1])\r\n\tby mx.example.net with "
    "ESMTPS id 1; Mon, 6 Jul 2026 10:00:02 +0200\r\nFrom: Alice Miller <alice@example.org>\r\n"
    "To: Bob <bob@example.net>\r\nDate: Mon, 6 Jul 2026 10:00:00 +0200\r\n"
    "Message-ID: <1.2026@mail.example.org>\r\nMIME-Version: 1.0\r\n";

/// As many whole units as make at least so many bytes.
inline std::string repeated(std::string_view unit, std::size_t bytes) {
    std::string out;
    out.reserve(bytes + unit.size());
    while (out.size() < bytes) out += unit;
    return out;
}

}  // namespace cordon::test
