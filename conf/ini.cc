// SPDX-License-Identifier: GPL-2.0-only
// Own reader because boost::program_options::parse_config_file cuts values at any '#' and names no
// line in its errors; types, defaults and help stay Boost's (conf/options).
#include "conf/ini.h"

#include <fmt/format.h>
#include <glob.h>

#include "conf/base/file_descriptor.h"
#include "conf/base/text.h"

namespace cordon {

namespace {

constexpr std::size_t kMaxFileBytes = 16U << 20U;
constexpr int kMaxIncludeDepth = 8;

std::string_view without_comment(std::string_view line) {
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '#' && (i == 0 || is_blank(line[i - 1]))) return line.substr(0, i);
    }
    return line;
}

class Reader {
 public:
    Result<void> read_text(std::string_view text, const std::string& file, int depth);
    Result<void> read_path(const std::string& path, int depth);

    std::vector<IniEntry> entries;

 private:
    Result<void> read_line(std::string_view raw, const std::string& file, unsigned line, int depth);
    Result<void> open_section(std::string_view text);
    Result<void> include(const std::string& pattern, const std::string& from, int depth);

    std::string section_;
    bool can_continue_ = false;
};

Result<void> Reader::open_section(std::string_view text) {
    if (text.size() < 3 || text.back() != ']') return fail("a section is written [name]");
    section_ = std::string(trim(text.substr(1, text.size() - 2)));
    if (section_.empty()) return fail("a section is written [name]");
    return {};
}

Result<void> Reader::include(const std::string& pattern, const std::string& from, int depth) {
    if (depth >= kMaxIncludeDepth) return fail("includes are nested too deep: " + pattern);
    const auto slash = from.rfind('/');
    const bool is_relative = !pattern.starts_with('/') && slash != std::string::npos;
    const std::string full = is_relative ? from.substr(0, slash + 1) + pattern : pattern;
    glob_t found{};
    errno = 0;
    const int code = ::glob(full.c_str(), GLOB_ERR, nullptr, &found);
    const int error = errno;
    std::vector<std::string> paths;
    for (std::size_t i = 0; code == 0 && i < found.gl_pathc; ++i)
        paths.emplace_back(found.gl_pathv[i]);
    ::globfree(&found);
    // A folder that is missing holds no files; one that can't be read may hold half the policy.
    if (code == GLOB_ABORTED && error != ENOENT) return fail_errno("cannot include " + full, error);
    const bool is_pattern = full.find_first_of("*?[") != std::string::npos;
    if (paths.empty() && !is_pattern) return fail("cannot include " + full + ": no such file");
    for (const auto& path : paths) {
        if (auto read = read_path(path, depth + 1); !read) return read;
    }
    return {};
}

Result<void> Reader::read_line(std::string_view raw, const std::string& file, unsigned line,
                               int depth) {
    if (raw.find('\0') != std::string_view::npos) return fail("a NUL byte");
    const std::string_view text = trim(without_comment(raw));
    const bool is_continuation = !raw.empty() && is_blank(raw.front()) && can_continue_;
    if (text.empty()) {
        if (trim(raw).empty()) can_continue_ = false;
        return {};
    }
    if (is_continuation) {
        auto& value = entries.back().value;
        value += (value.empty() ? "" : " ") + std::string(text);
        return {};
    }
    can_continue_ = false;
    if (text.front() == '[') return open_section(text);
    const auto equals = text.find('=');
    const std::string_view key = trim(text.substr(0, equals));
    if (equals == std::string_view::npos || key.empty())
        return fail(fmt::format("expected 'key = value', found '{}'", printable(text, 60)));
    const std::string_view value = trim(text.substr(equals + 1));
    if (key == "include") return include(std::string(value), file, depth);
    entries.push_back({section_, std::string(key), std::string(value), file, line});
    can_continue_ = true;
    return {};
}

Result<void> Reader::read_text(std::string_view text, const std::string& file, int depth) {
    unsigned number = 0;
    for (const auto line : split(text, '\n')) {
        ++number;
        if (auto read = read_line(line, file, number, depth); !read) {
            const bool is_located = read.error().what.starts_with("@");
            return is_located ? read
                              : fail(fmt::format("@{}:{}: {}", file, number, read.error().what));
        }
    }
    return {};
}

Result<void> Reader::read_path(const std::string& path, int depth) {
    auto text = read_file(path, kMaxFileBytes);
    if (!text) return fail(text.error().what);  // the place is the including line
    const std::string outer_section = std::exchange(section_, {});
    can_continue_ = false;
    auto read = read_text(*text, path, depth);
    section_ = outer_section;
    can_continue_ = false;
    return read;
}

Result<std::vector<IniEntry>> finish(Reader& reader, const Result<void>& read) {
    if (read) return std::move(reader.entries);
    const std::string& what = read.error().what;  // '@' marks a message that names its place
    return fail(what.starts_with("@") ? what.substr(1) : what);
}

}  // namespace

Result<std::vector<IniEntry>> parse_ini(std::string_view text, const std::string& file_name) {
    Reader reader;
    return finish(reader, reader.read_text(text, file_name, 0));
}

Result<std::vector<IniEntry>> read_ini(const std::string& path) {
    Reader reader;
    return finish(reader, reader.read_path(path, 0));
}

}  // namespace cordon
