// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/analysis/rule_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>
#include <set>

#include "conf/base/text.h"
#include "conf/ini.h"

namespace cordon {

namespace {

std::string stem_of(const std::string& path) {
    return std::filesystem::path(path).stem().string();
}

tl::unexpected<Error> fail_at(const std::string& where, std::string_view what) {
    return fail(where + ": " + std::string(what));
}

Result<std::vector<std::string>> files_of(const std::string& path) {
    std::error_code error;
    if (!std::filesystem::exists(path, error))
        return fail(
            path +
            ": no rules there; install Cordon as a whole, or set [rules] shipped to their folder");
    if (!std::filesystem::is_directory(path, error)) return std::vector<std::string>{path};
    std::vector<std::string> files;
    std::filesystem::directory_iterator entries(path, error);
    if (error) return fail(path + ": " + error.message());
    for (const std::filesystem::directory_iterator end; entries != end; entries.increment(error)) {
        if (error) return fail(path + ": " + error.message());
        if (entries->path().extension() == ".rules") files.push_back(entries->path().string());
    }
    std::sort(files.begin(), files.end());
    return files;
}

/// Names of numbers ([_NAME] value = ...) and the words that they stand for.
using NamedNumbers = std::map<std::string, std::string, std::less<>>;

bool is_name_character(char c) {
    return (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_';
}

/// Where a quoted word or a regular expression that begins at `at` ends.
std::size_t end_of_literal(std::string_view text, std::size_t at) {
    const char quote = text[at];
    for (++at; at < text.size() && text[at] != quote; ++at) {
        if (text[at] == '\\') ++at;
    }
    return std::min(at + 1, text.size());
}

/// Puts what named numbers stand for in the place of their names.
std::string with_numbers(std::string_view when, const NamedNumbers& numbers) {
    std::string out;
    for (std::size_t at = 0; at < when.size();) {
        std::size_t end = at + 1;
        if (when[at] == '/' || when[at] == '"') {
            end = end_of_literal(when, at);
        } else if (is_name_character(when[at])) {
            while (end < when.size() && is_name_character(when[end])) ++end;
        }
        const auto word = when.substr(at, end - at);
        const auto number = numbers.find(word);
        out += number == numbers.end() ? word : std::string_view(number->second);
        at = end;
    }
    return out;
}

/// Reads the keys of one section after the other into a definition.
class Section {
 public:
    Section(const IniEntry& first, const NamedNumbers& numbers)
        : numbers_(numbers), first_(first.where()) {
        rule_.name = first.section;
        rule_.family = stem_of(first.file);
    }

    Result<void> read(const IniEntry& entry);
    Result<RuleDefinition> finish();
    const std::string& name() const { return rule_.name; }

 private:
    Result<void> read_once(const IniEntry& entry);

    const NamedNumbers& numbers_;
    RuleDefinition rule_;
    std::string first_;
    std::set<std::string> seen_;
};

Result<void> Section::read(const IniEntry& entry) {
    if (entry.key != "hit" && entry.key != "miss") return read_once(entry);
    auto sample = parse_sample(entry.value);
    if (!sample) return fail_at(entry.where(), sample.error().what);
    sample->is_hit = entry.key == "hit";
    sample->where = entry.where();
    seen_.insert(entry.key);
    rule_.samples.push_back(std::move(*sample));
    return {};
}

Result<void> Section::read_once(const IniEntry& entry) {
    if (!seen_.insert(entry.key).second) {
        return fail_at(entry.where(), "rule " + rule_.name + ": " + entry.key +
                                          " stands twice; each rule has a name of its own");
    }
    if (entry.key == "describe") {
        rule_.describe = entry.value;
    } else if (entry.key == "score") {
        const char* end = entry.value.data() + entry.value.size();
        const auto read = std::from_chars(entry.value.data(), end, rule_.score);
        if (read.ec != std::errc{} || read.ptr != end) {
            return fail_at(entry.where(), "expected a score such as 1.5, found '" +
                                              printable(entry.value, 40) + "'");
        }
    } else if (entry.key == "when") {
        auto when = parse_expression(with_numbers(entry.value, numbers_));
        if (!when) return fail_at(entry.where(), "rule " + rule_.name + ": " + when.error().what);
        rule_.when = std::move(*when);
        rule_.where = entry.where();
    } else {
        return fail_at(entry.where(), "unknown key '" + printable(entry.key, 40) +
                                          "' (known: describe score when hit miss value)");
    }
    return {};
}

Result<RuleDefinition> Section::finish() {
    const auto missing = [&](const std::string& key) {
        return fail_at(first_, "rule " + rule_.name + " has no '" + key + "'");
    };
    if (seen_.count("when") == 0) return missing("when");
    if (rule_.is_block()) {
        if (seen_.size() == 1) return std::move(rule_);
        return fail_at(first_, "rule " + rule_.name + " is a building block: only 'when' counts");
    }
    for (const char* key : {"describe", "score"}) {
        if (seen_.count(key) == 0) return missing(key);
    }
    // A meta rule may leave its samples to the rules that it is made of.
    const bool is_meta = !rule_.when.rules.empty();
    for (const char* key : {"hit", "miss"}) {
        if (!is_meta && seen_.count(key) == 0) return missing(key);
    }
    return std::move(rule_);
}

/// [_NAME] value = ...: a number that rules further down in the file refer to.
Result<bool> read_number(const std::vector<IniEntry>& entries, std::size_t at,
                         NamedNumbers& numbers) {
    const IniEntry& entry = entries[at];
    if (entry.key != "value") return false;
    const bool is_only = at + 1 == entries.size() || entries[at + 1].section != entry.section;
    if (!entry.section.starts_with('_') || !is_only)
        return fail_at(entry.where(), "'value' names a number and stands alone in a [_NAME]");
    std::string value = with_numbers(entry.value, numbers);
    if (auto number = parse_expression(value + " > 0"); !number)
        return fail_at(entry.where(), entry.section + ": " + number.error().what);
    if (!numbers.emplace(entry.section, std::move(value)).second)
        return fail_at(entry.where(), entry.section + " stands twice");
    return true;
}

Result<void> read_rule_file(const std::string& path, std::vector<RuleDefinition>& rules) {
    auto entries = read_ini(path);
    if (!entries) return fail(entries.error().what);
    NamedNumbers numbers;
    for (auto entry = entries->begin(); entry != entries->end();) {
        if (entry->section.empty()) return fail_at(entry->where(), "a [RULE_NAME] must come first");
        const auto place = static_cast<std::size_t>(entry - entries->begin());
        const auto is_number = read_number(*entries, place, numbers);
        if (!is_number) return fail(is_number.error().what);
        if (*is_number) {
            ++entry;
            continue;
        }
        Section section(*entry, numbers);
        for (; entry != entries->end() && entry->section == section.name(); ++entry) {
            if (auto read = section.read(*entry); !read) return read;
        }
        auto rule = section.finish();
        if (!rule) return fail(rule.error().what);
        rules.push_back(std::move(*rule));
    }
    return {};
}

Result<std::string> unescape(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\' || i + 1 == text.size()) {
            out += text[i];
            continue;
        }
        const char c = text[++i];
        if (c == 'n') {
            out += '\n';
        } else if (c == 't') {
            out += '\t';
        } else if (c == '\\') {
            out += '\\';
        } else if (c == 'x' && i + 2 < text.size()) {
            unsigned value = 0;
            const char* digits = text.data() + i + 1;
            const auto read = std::from_chars(digits, digits + 2, value, 16);
            if (read.ptr != digits + 2) return fail("\\x in a sample needs two hexadecimal digits");
            out += static_cast<char>(value);
            i += 2;
        } else {
            return fail(fmt::format("unknown escape \\{} in a sample (known: \\n \\t \\\\ \\xNN)",
                                    printable(std::string_view(&c, 1))));
        }
    }
    return out;
}

/// Lines such as "@helo mail.example.org" before the message tell what the SMTP session said.
Result<void> read_envelope_line(std::string_view line, EnvelopeFacts& envelope) {
    const auto blank = line.find(' ');
    const auto name = line.substr(1, blank == std::string_view::npos ? blank : blank - 1);
    const std::string value(blank == std::string_view::npos ? "" : trim(line.substr(blank)));
    if (name == "helo") {
        envelope.helo = value;
    } else if (name == "mail_from") {
        envelope.mail_from = value;
    } else if (name == "client_name") {
        envelope.client_name = value;
    } else if (name == "auth_user") {
        envelope.auth_user = value;
    } else if (name == "recipient") {
        envelope.recipients.push_back(value);
    } else {
        return fail("unknown @" + printable(name, 40) +
                    " in a sample (known: helo mail_from client_name auth_user recipient)");
    }
    return {};
}

std::string message_of(std::string_view text) {
    constexpr std::string_view kHeader = "From: Alice <alice@example.org>\nSubject: sample\n";
    for (const std::string_view type : {"plain", "html"}) {
        const std::string_view prefix = type == "plain" ? "Body:" : "Html:";
        if (!text.starts_with(prefix)) continue;
        return fmt::format("{}MIME-Version: 1.0\nContent-Type: text/{}; charset=utf-8\n\n{}\n",
                           kHeader, type, trim(text.substr(prefix.size())));
    }
    return std::string(text) + (text.find("\n\n") == std::string_view::npos ? "\n\n" : "\n");
}

}  // namespace

Result<RuleSample> parse_sample(std::string_view text) {
    auto plain = unescape(text);
    if (!plain) return fail(plain.error().what);
    RuleSample sample;
    sample.envelope.mail_from = "alice@example.org";
    std::string_view rest = *plain;
    while (rest.starts_with('@')) {
        const auto end = std::min(rest.find('\n'), rest.size());
        if (auto read = read_envelope_line(rest.substr(0, end), sample.envelope); !read) {
            return fail(read.error().what);
        }
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    sample.message = message_of(rest);
    return sample;
}

Result<std::vector<RuleDefinition>> read_rule_files(const std::vector<std::string>& files_or_dirs) {
    std::vector<RuleDefinition> rules;
    for (const auto& path : files_or_dirs) {
        auto files = files_of(path);
        if (!files) return fail(files.error().what);
        for (const auto& file : *files) {
            if (auto read = read_rule_file(file, rules); !read) return fail(read.error().what);
        }
    }
    return rules;
}

}  // namespace cordon
