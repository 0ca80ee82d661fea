// SPDX-License-Identifier: GPL-2.0-only
// libclamav's engine: one database, loaded and compiled once, then only read. Scans one object at a
// time from memory. What it answers is not yet a verdict: see clam_verdict.h.
#pragma once

#include <clamav.h>

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "conf/base/clock.h"
#include "conf/base/owned.h"
#include "conf/base/result.h"
#include "scoring/scanner/io_guard.h"

namespace cordon {

struct ClamLimits {
    Milliseconds time{20'000};  // one object
    std::uint64_t object_bytes = 100U << 20U;
    std::uint64_t scanned_bytes = 400U << 20U;  // with everything unpacked from it
};

/// One scan as it came back.
struct ClamOutcome {
    cl_error_t code = CL_ERROR;
    std::string alert;  // name of the signature or heuristic
    io_guard::Failures failures;
    std::set<std::string> alerts = {};  // with Matches::all, every one
    std::uint64_t looked_at = 0;        // bytes, with those of everything unpacked
};

enum class MailParser : std::uint8_t { off, on, none /* nor any other: nothing is unpacked */ };
/// libclamav stops at the first alert unless told otherwise.
enum class Matches : std::uint8_t { first, all };

class ClamEngine {
 public:
    /// Errors name the folder, what is wrong and what to do. `temp_folder` is used while loading.
    static Result<ClamEngine> load(const std::string& database, const std::string& temp_folder,
                                   const ClamLimits& limits);

    /// What can be told of the files in a folder without loading them: that there are some, that
    /// none is empty, and that official ones are signed by ClamAV.
    static Result<void> check_files(const std::string& folder);

    /// Where scans write; once in each process, before its first scan.
    Result<void> use_temp_folder(const std::string& folder);

    /// The object and what is unpacked from it may be `most` bytes together, and never more than
    /// ClamLimits says.
    ClamOutcome scan(std::string_view object, MailParser parser, Matches matches = Matches::first,
                     std::uint64_t most = UINT64_MAX) const;

    unsigned signatures() const { return signatures_; }

 private:
    ClamEngine() = default;

    Owned<cl_engine, cl_engine_free> engine_;
    unsigned signatures_ = 0;
    std::uint64_t most_scanned_ = 0;
    std::uint32_t parsers_ = 0;
};

}  // namespace cordon
