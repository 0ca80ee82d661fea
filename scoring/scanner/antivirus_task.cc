// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/scanner/antivirus_task.h"

#include <iconv.h>

#include <ctime>
#include <set>

#include "conf/base/digest.h"
#include "scoring/analysis/archive_reasons.h"
#include "scoring/message/archive_library.h"
#include "scoring/message/archive_walker.h"
#include "scoring/message/message.h"
#include "scoring/message/oddities.h"
#include "scoring/message/parser_error.h"
#include "scoring/rules/antivirus_rules.h"
#include "scoring/scanner/canary.h"
#include "scoring/scanner/clam_engine.h"
#include "scoring/scanner/clam_verdict.h"
#include "scoring/scanner/database_memory.h"
#include "scoring/scanner/scan_objects.h"
#include "scoring/scanner/unpack_budget.h"

namespace cordon {

namespace {

// libclamav takes a file for mail by its first header fields, which the sender chooses. This line
// of the mbox format settles it.
constexpr std::string_view kMailMark = "From cordon\n";

struct Object {
    std::string_view bytes;
    std::string_view name;
    std::size_t part = 0;
};

/// Collects what is to be scanned, each content once.
class Objects {
 public:
    void add(const Part& part, std::size_t index) {
        const std::string_view bytes = part.bytes();
        if (bytes.empty() || !seen_.insert(sha256_hex(bytes)).second) return;
        list_.push_back({bytes, part.name, index});
    }
    const std::vector<Object>& list() const { return list_; }

 private:
    std::set<std::string> seen_;
    std::vector<Object> list_;
};

class AntivirusTask : public ScanTask {
 public:
    AntivirusTask(ClamEngine engine, const ScannerOptions& options)
        : engine_(std::move(engine)),
          scan_(options.scan),
          database_(options.database),
          signature_map_(options.signatures),
          unpacked_bytes_(options.unpacked_bytes) {}

    bool takes(ScanKind kind) const override { return kind == ScanKind::antivirus; }
    std::uint64_t signatures() const override { return engine_.signatures(); }

    Result<void> settle(const std::string& folder, bool is_private) override {
        is_space_private_ = is_private;
        return engine_.use_temp_folder(folder);
    }

    Result<void> check_canaries() override {
        // A site may well ignore the test file; the canaries ask for libclamav's own word.
        auto in_force = std::exchange(signature_map_, {});
        auto checked = try_canaries();
        signature_map_ = std::move(in_force);
        return checked;
    }

    ScanReply answer(const ScanRequest& request, std::string_view message) override {
        const auto begin = Steady::now();
        auto result = scan(message, request.deadline);
        const auto elapsed = Steady::now() - begin;
        result.elapsed_us = static_cast<std::uint64_t>(
            std::chrono::duration_cast<std::chrono::microseconds>(elapsed).count());
        return {encode(result), had_failures_};
    }

    std::string unread(const UnreadReason& reason) const override {
        AntivirusResult out;
        out.unread.push_back(reason);
        return encode(out);
    }

 private:
    Result<void> try_canaries() {
        for (const auto& canary : make_canaries()) {
            const auto result = scan(canary.mail, Deadline::in(Milliseconds(30'000)));
            if (!result.unread.empty())
                return fail("canary " + canary.place + ": " + result.unread[0].detail);
            if (result.virus.empty())
                return fail("canary: the EICAR test file was not found " + canary.place +
                            "; does " + database_ + " hold the official signatures?");
        }
        return {};
    }

    AntivirusResult scan(std::string_view message, Deadline deadline) {
        AntivirusResult out;
        budget_ = UnpackBudget(message.size(), unpacked_bytes_);
        const auto parsed = Message::parse(message, Limits{});
        if (scan_ != ClamScan::parts)
            look(std::string(kMailMark).append(message), MailParser::on, out);
        if (scan_ != ClamScan::whole)
            look(object_of_message(kMailMark, parsed), MailParser::off, out);
        scan_parts(parsed, deadline, out);
        if (budget_.is_exceeded()) out.unread.push_back({Unread::unscanned, budget_.reason()});
        return out;
    }

    void scan_parts(const Message& parsed, Deadline deadline, AntivirusResult& out) {
        Objects objects;
        for (std::size_t i = 0; i < parsed.parts().size(); ++i) {
            if (needs_own_scan(parsed.parts()[i])) objects.add(parsed.parts()[i], i);
        }
        scan_objects(objects, deadline, out);
        for (const auto& oddity : parsed.oddities()) {
            if (leaves_content_unscanned(oddity.rule))
                out.unread.push_back({Unread::unscanned, oddity.rule + ": " + oddity.detail});
        }
    }

    /// Each object, after those members of its archives of which libclamav, opening them by itself,
    /// may see other bytes or none. Archives are walked through even where libclamav decodes the
    /// message: of those that it cannot open it says nothing.
    void scan_objects(const Objects& objects, Deadline deadline, AntivirusResult& out) {
        const Limits limits;
        ArchiveWalker walker(limits, ArchiveEffort::full, [&](const ArchiveMember& member) {
            const bool is_done = !out.virus.empty() || deadline.is_over();
            if (is_done || !member.needs_own_scan || member.bytes.empty()) return;
            look(member.bytes, MailParser::on, out);
            if (member.is_entity)
                look(std::string(kMailMark).append(member.bytes), MailParser::on, out);
        });
        for (const auto& object : objects.list()) {
            if (!out.virus.empty()) break;  // one is enough
            if (deadline.is_over()) {
                out.unread.push_back({Unread::unscanned, "deadline passed between parts"});
                break;
            }
            const UnpackBudget before = budget_;
            const bool is_bomb = in_part(object.part, "an archive",
                                         [&] { return walker.walk(object.bytes, object.name); });
            // libclamav would unpack it all once more. An attachment may itself be mail (mbox,
            // saved messages).
            if (scan_ == ClamScan::whole || is_bomb || !out.virus.empty()) continue;
            const UnpackBudget after_members = std::exchange(budget_, before);
            look(object.bytes, MailParser::on, out);
            budget_.count_once_with(after_members);
        }
        for (auto& reason : archive_reasons(walker.notes()))
            out.unread.push_back(std::move(reason));
        for (const auto& note : walker.notes()) {
            if (note.trouble != ArchiveTrouble::conflict) continue;
            out.hits.push_back({std::string(kArchiveConflictRule), note.detail});
            break;
        }
    }

    void look(std::string_view object, MailParser parser, AntivirusResult& out) {
        // What needs no unpacking is still seen behind what needed too much.
        if (budget_.is_spent()) {
            parser = MailParser::none;
            budget_.exceed();
        }
        const auto most = budget_.left_for(object.size());
        const auto outcome = engine_.scan(object, parser, Matches::first, most);
        budget_.spend(outcome.looked_at);
        if (is_over_size(outcome)) budget_.exceed();
        add(outcome, out);
        if (may_hide_others(outcome, signature_map_))
            add(engine_.scan(object, parser, Matches::all, most), out);
    }

    void add(const ClamOutcome& outcome, AntivirusResult& out) {
        had_failures_ = had_failures_ || outcome.failures.any();
        add_outcome(outcome, is_space_private_, out, signature_map_);
    }

    ClamEngine engine_;
    ClamScan scan_;
    std::string database_;
    SignatureMap signature_map_;
    std::uint64_t unpacked_bytes_;
    UnpackBudget budget_{0, 0};  // of the message in hand
    bool is_space_private_ = false;
    bool had_failures_ = false;
};

// iconv loads a module for each charset, from files that no worker can reach: the handles stay open
// for the life of the zygote, and with them the modules.
void load_charsets() {
    for (const char* const charset :
         {"ISO-8859-1", "ISO-8859-2", "ISO-8859-15", "WINDOWS-1250", "WINDOWS-1251", "WINDOWS-1252",
          "KOI8-R", "GB18030", "BIG5", "SHIFT_JIS", "EUC-JP", "ISO-2022-JP", "EUC-KR", "UTF-7"})
        static_cast<void>(::iconv_open("UTF-8", charset));
    ::tzset();
}

}  // namespace

Result<std::unique_ptr<ScanTask>> make_antivirus_task(const ScannerOptions& options) {
    ClamLimits limits;
    limits.time = options.timeout;
    limits.object_bytes = std::max(limits.object_bytes, options.max_message_size + (1U << 20U));
    keep_freed_memory();
    auto engine = ClamEngine::load(options.database, options.temp_directory, limits);
    if (!engine) return tl::unexpected(engine.error());
    use_huge_pages();
    load_charsets();
    prepare_archive_library();
    return std::make_unique<AntivirusTask>(std::move(*engine), options);
}

}  // namespace cordon
