// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/doctor/postfix_config.h"

#include <fmt/format.h>

#include <array>

#include "conf/base/file_descriptor.h"
#include "conf/base/text.h"

namespace cordon {

namespace {

constexpr std::size_t kMaxFileBytes = 4U << 20U;
constexpr int kMaxExpansions = 1000;  // of one value: a circle of names ends here
constexpr std::size_t kMaxValueBytes = 65536;

/// Words, of which one in braces may hold blanks: `-o { name = value }`.
std::vector<std::string> braced_words(std::string_view text) {
    std::vector<std::string> out;
    std::string word;
    int depth = 0;
    for (const char c : text) {
        if (depth == 0 && is_space(c)) {
            if (!word.empty()) out.push_back(std::exchange(word, {}));
            continue;
        }
        if (c == '{' && depth++ == 0 && word.empty()) continue;
        if (c == '}' && depth > 0 && --depth == 0) {
            out.push_back(std::exchange(word, {}));
            continue;
        }
        word += c;
    }
    if (!word.empty()) out.push_back(std::move(word));
    return out;
}

std::pair<std::string, std::string> name_and_value(std::string_view text) {
    const auto equals = text.find('=');
    if (equals == std::string_view::npos) return {std::string(trim(text)), ""};
    return {std::string(trim(text.substr(0, equals))), std::string(trim(text.substr(equals + 1)))};
}

}  // namespace

std::vector<std::pair<unsigned, std::string>> postfix_lines(std::string_view text) {
    std::vector<std::pair<unsigned, std::string>> out;
    unsigned number = 0;
    for (const auto line : split(text, '\n')) {
        ++number;
        const auto content = trim(line);
        if (content.empty() || content.front() == '#') continue;  // also between continuations
        if (is_blank(line.front()) && !out.empty())
            out.back().second += " " + std::string(content);
        else
            out.emplace_back(number, content);
    }
    return out;
}

Result<PostfixService> parse_service(std::string_view line) {
    const auto fields = braced_words(line);
    if (fields.size() < 8) return fail("fewer than eight fields: " + printable(line, 80));
    PostfixService out;
    out.name = fields[0];
    out.type = fields[1];
    out.is_chrooted = fields[4] == "y";  // "-" is no from Postfix 3.0 on
    out.command = fields[7];
    for (std::size_t i = 8; i < fields.size(); ++i) {
        std::string option = fields[i];
        if (option == "-o" && i + 1 < fields.size())
            option = fields[++i];
        else if (option.starts_with("-o"))
            option = option.substr(2);
        else
            continue;
        const auto [name, value] = name_and_value(option);
        out.overrides[name] = value;
    }
    return out;
}

Result<PostfixConfig> PostfixConfig::read(const std::string& directory) {
    PostfixConfig out;
    out.directory = directory;
    const auto main = read_file(directory + "/main.cf", kMaxFileBytes);
    if (!main) return tl::unexpected(main.error());
    for (const auto& [number, line] : postfix_lines(*main)) {
        auto [name, value] = name_and_value(line);
        out.lines[name] = number;
        out.parameters[name] = std::move(value);
    }
    const auto master = read_file(directory + "/master.cf", kMaxFileBytes);
    if (!master) return tl::unexpected(master.error());
    for (const auto& [number, line] : postfix_lines(*master)) {
        auto service = parse_service(line);
        if (!service)
            return fail(
                fmt::format("{}/master.cf:{}: {}", directory, number, service.error().what));
        service->line = number;
        out.services.push_back(std::move(*service));
    }
    return out;
}

bool PostfixConfig::is_set(std::string_view name, const PostfixService* service) const {
    return (service != nullptr && service->overrides.contains(name)) || parameters.contains(name);
}

std::string PostfixConfig::expand(const std::string& text, const PostfixService* service,
                                  int& budget) const {
    std::string out;
    for (std::size_t i = 0; i < text.size() && out.size() < kMaxValueBytes; ++i) {
        if (text[i] != '$') {
            out += text[i];
            continue;
        }
        auto begin = i + 1;
        const char close = begin < text.size() && text[begin] == '{'   ? '}'
                           : begin < text.size() && text[begin] == '(' ? ')'
                                                                       : '\0';
        if (close != '\0') ++begin;
        auto end = begin;
        while (end < text.size() &&
               (is_alpha(text[end]) || is_digit(text[end]) || text[end] == '_'))
            ++end;
        if (end == begin) continue;
        const auto name = text.substr(begin, end - begin);
        const bool is_conditional = close != '\0' && (end >= text.size() || text[end] != close);
        if (is_conditional) {  // ${name?value}: left as it stands
            out += text[i];
            continue;
        }
        if (budget-- <= 0) return out;
        out += value_of(name, service, budget);
        i = close != '\0' ? end : end - 1;
    }
    return out;
}

std::string PostfixConfig::value_of(std::string_view name, const PostfixService* service,
                                    int& budget) const {
    if (service != nullptr)
        if (const auto own = service->overrides.find(name); own != service->overrides.end())
            return expand(own->second, service, budget);
    const auto found = parameters.find(name);
    return found == parameters.end() ? std::string() : expand(found->second, service, budget);
}

std::string PostfixConfig::value(std::string_view name, std::string_view fallback,
                                 const PostfixService* service) const {
    int budget = kMaxExpansions;
    return is_set(name, service) ? value_of(name, service, budget) : std::string(fallback);
}

std::string PostfixConfig::place(std::string_view name) const {
    const auto line = lines.find(name);
    return line == lines.end() ? directory + "/main.cf"
                               : fmt::format("{}/main.cf:{}", directory, line->second);
}

std::vector<PostfixMilter> parse_milters(std::string_view text) {
    std::vector<PostfixMilter> out;
    std::string word;
    int depth = 0;
    const auto finish = [&] {
        const auto parts = words(word);
        word.clear();
        if (parts.empty()) return;
        PostfixMilter milter{parts.front(), {}};
        for (std::size_t i = 1; i < parts.size(); ++i) {
            const auto [name, value] = name_and_value(parts[i]);
            milter.attributes[name] = value;
        }
        out.push_back(std::move(milter));
    };
    for (const char c : text) {
        if (c == '{') {
            ++depth;
        } else if (c == '}') {
            if (depth > 0 && --depth == 0) finish();
        } else if (depth == 0 && (is_space(c) || c == ',')) {
            finish();
        } else {
            word += c;
        }
    }
    finish();
    return out;
}

std::int64_t postfix_seconds(std::string_view text, std::int64_t fallback) {
    text = trim(text);
    std::int64_t factor = 1;
    constexpr std::array<std::pair<char, std::int64_t>, 5> kUnits = {
        {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 604800}}};
    for (const auto& [letter, seconds] : kUnits)
        if (text.ends_with(letter)) factor = seconds;
    if (!text.empty() && is_alpha(text.back())) text.remove_suffix(1);
    const auto number = parse_unsigned(text);
    return number && *number < 1'000'000'000 ? static_cast<std::int64_t>(*number) * factor
                                             : fallback;
}

}  // namespace cordon
