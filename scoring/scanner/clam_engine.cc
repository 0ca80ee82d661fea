// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/scanner/clam_engine.h"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>

#include "conf/base/text.h"
#include "scoring/scanner/image_hashes.h"

namespace cordon {

namespace {

// Bytecode: Debian builds libclamav without a compiler, and only signed bytecode is run.
constexpr unsigned kDatabaseOptions = CL_DB_STDOPT | CL_DB_PUA;

// IMAGE_FUZZY_HASH costs 72 to 136 ms for one picture: only where there are such signatures.
constexpr std::uint32_t kParsers = CL_SCAN_PARSE_ARCHIVE | CL_SCAN_PARSE_ELF | CL_SCAN_PARSE_PDF |
                                   CL_SCAN_PARSE_SWF | CL_SCAN_PARSE_HWP3 | CL_SCAN_PARSE_XMLDOCS |
                                   CL_SCAN_PARSE_OLE2 | CL_SCAN_PARSE_HTML | CL_SCAN_PARSE_PE |
                                   CL_SCAN_PARSE_ONENOTE | CL_SCAN_PARSE_IMAGE;

// Scores, never viruses. Not BROKEN_MEDIA (false alarms); EXCEEDS_MAX tells a limit from "clean".
constexpr std::uint32_t kHeuristics =
    CL_SCAN_HEURISTIC_EXCEEDS_MAX | CL_SCAN_HEURISTIC_ENCRYPTED_ARCHIVE |
    CL_SCAN_HEURISTIC_ENCRYPTED_DOC | CL_SCAN_HEURISTIC_MACROS |
    CL_SCAN_HEURISTIC_PHISHING_SSL_MISMATCH | CL_SCAN_HEURISTIC_PHISHING_CLOAK;

// libclamav's messages come without context: the last complaint of a load is kept here.
std::string last_complaint;

constexpr const char* kUnnamed = "unnamed";

void keep_complaint(cl_msg severity, const char*, const char* message, void*) {
    if (severity != CL_MSG_ERROR) return;
    std::string_view text = trim(message);
    if (text.starts_with("cli_")) text.remove_prefix(std::min(text.find(' '), text.size()));
    auto line = printable(trim(text), 300);
    const auto is_summary = line.find("rror loading database") != std::string::npos;
    if (!is_summary || last_complaint.empty()) last_complaint = std::move(line);
}

void ignore(cl_msg, const char*, const char*, void*) {}

// Of one scan with Matches::all.
struct Alerts {
    std::set<std::string> names;
    bool is_incomplete = false;
};

void note_alert(int, const char* name, void* context) {
    auto* const alerts = static_cast<Alerts*>(context);
    if (alerts == nullptr) return;
    try {
        alerts->names.insert(name != nullptr ? name : kUnnamed);
    } catch (const std::bad_alloc&) {
        alerts->is_incomplete = true;
    }
}

std::string remedy() {
    return "; run freshclam, or set [clamav] enabled = no";
}

// libclamav gives up on the whole folder for one empty file, and names it only in its log.
Result<std::vector<std::string>> files_of(const std::string& folder) {
    const Owned<DIR, ::closedir> listing(::opendir(folder.c_str()));
    if (!listing) return fail_errno("signature database " + folder);
    std::vector<std::string> out;
    while (const dirent* const entry = ::readdir(listing.get())) {
        const std::string name = entry->d_name;
        const auto path = folder + "/" + name;
        struct stat info {};
        if (name.front() == '.' || ::stat(path.c_str(), &info) != 0) continue;
        if (!S_ISREG(info.st_mode)) continue;
        if (info.st_size == 0) return fail("signature database " + path + " is empty; remove it");
        out.push_back(path);
    }
    return out;
}

Result<void> initialise() {
    // A pool of threads for picture hashes would outlive no fork and no filter.
    if (::setenv("RAYON_NUM_THREADS", "1", 1) != 0) return fail_errno("setenv");
    if (const auto code = ::cl_init(CL_INIT_DEFAULT); code != CL_SUCCESS)
        return fail(std::string("libclamav: ") + ::cl_strerror(code));
    return {};
}

Result<void> set_limits(cl_engine* engine, const ClamLimits& limits) {
    const auto set = [engine](cl_engine_field field, std::uint64_t value) {
        return ::cl_engine_set_num(engine, field, static_cast<long long>(value)) == CL_SUCCESS;
    };
    const auto time = static_cast<std::uint64_t>(limits.time.count());
    if (set(CL_ENGINE_MAX_SCANSIZE, limits.scanned_bytes) &&
        set(CL_ENGINE_MAX_FILESIZE, limits.object_bytes) && set(CL_ENGINE_MAX_SCANTIME, time))
        return {};
    return fail("libclamav: limits refused");
}

}  // namespace

Result<ClamEngine> ClamEngine::load(const std::string& database, const std::string& temp_folder,
                                    const ClamLimits& limits) {
    if (!io_guard::is_active()) return fail("this program was built without the I/O guard");
    const auto files = files_of(database);
    if (!files) return fail(files.error().what + remedy());
    if (auto ready = initialise(); !ready) return tl::unexpected(ready.error());
    last_complaint.clear();
    ::cl_set_clcb_msg(keep_complaint);
    ClamEngine out;
    out.parsers_ = kParsers;
    out.most_scanned_ = limits.scanned_bytes;
    out.engine_.reset(::cl_engine_new());
    if (!out.engine_) return fail("libclamav: out of memory");
    ::cl_engine_set_clcb_virus_found(out.engine_.get(), note_alert);
    if (auto set = set_limits(out.engine_.get(), limits); !set) return tl::unexpected(set.error());
    if (auto set = out.use_temp_folder(temp_folder); !set) return tl::unexpected(set.error());

    auto code = ::cl_load(database.c_str(), out.engine_.get(), &out.signatures_, kDatabaseOptions);
    if (code == CL_SUCCESS && out.signatures_ > 0) code = ::cl_engine_compile(out.engine_.get());
    ::cl_set_clcb_msg(ignore);
    if (code != CL_SUCCESS || out.signatures_ == 0) {
        const auto why = out.signatures_ == 0 && code == CL_SUCCESS ? "no signatures"
                         : last_complaint.empty()                   ? ::cl_strerror(code)
                                                                    : last_complaint;
        return fail("signature database " + database + ": " + why + remedy());
    }
    if (has_image_hashes(database)) out.parsers_ |= CL_SCAN_PARSE_IMAGE_FUZZY_HASH;
    return out;
}

Result<void> ClamEngine::check_files(const std::string& folder) {
    const auto files = files_of(folder);
    if (!files) return fail(files.error().what + remedy());
    if (files->empty()) return fail("signature database " + folder + ": no files" + remedy());
    if (auto ready = initialise(); !ready) return ready;
    ::cl_set_clcb_msg(ignore);
    for (const auto& path : *files) {
        if (!path.ends_with(".cvd")) continue;
        if (const auto code = ::cl_cvdverify(path.c_str()); code != CL_SUCCESS)
            return fail("signature database " + path + ": " + ::cl_strerror(code) + remedy());
    }
    return {};
}

Result<void> ClamEngine::use_temp_folder(const std::string& folder) {
    if (::cl_engine_set_str(engine_.get(), CL_ENGINE_TMPDIR, folder.c_str()) != CL_SUCCESS)
        return fail("libclamav: temporary folder refused");
    return {};
}

ClamOutcome ClamEngine::scan(std::string_view object, MailParser parser, Matches matches,
                             std::uint64_t most) const {
    cl_scan_options options{};
    options.general = CL_SCAN_GENERAL_HEURISTICS;
    if (matches == Matches::all) options.general |= CL_SCAN_GENERAL_ALLMATCHES;
    if (parser != MailParser::none)
        options.parse = parsers_ | (parser == MailParser::on ? CL_SCAN_PARSE_MAIL : 0U);
    options.heuristic = kHeuristics;

    ClamOutcome out;
    // 0 would be no limit at all.
    const auto scan_size = std::max(std::min(most, most_scanned_), std::uint64_t{1});
    if (const auto code = ::cl_engine_set_num(engine_.get(), CL_ENGINE_MAX_SCANSIZE,
                                              static_cast<long long>(scan_size));
        code != CL_SUCCESS) {
        out.code = code;
        return out;
    }
    Alerts alerts;
    const char* alert = nullptr;
    unsigned long scanned = 0;
    io_guard::begin();
    const Owned<cl_fmap_t, cl_fmap_close> map(::cl_fmap_open_memory(object.data(), object.size()));
    out.code = map ? ::cl_scanmap_callback(map.get(), nullptr, &alert, &scanned, engine_.get(),
                                           &options, matches == Matches::all ? &alerts : nullptr)
                   : CL_EMEM;
    out.failures = io_guard::end();
    // libclamav counts what it looks at for the type, and again for the signatures.
    out.looked_at = std::uint64_t{scanned} * CL_COUNT_PRECISION / 2;
    if (out.code == CL_VIRUS) out.alert = alert != nullptr ? alert : kUnnamed;
    out.alerts = std::move(alerts.names);
    if (alerts.is_incomplete) out.code = CL_EMEM;
    return out;
}

}  // namespace cordon
