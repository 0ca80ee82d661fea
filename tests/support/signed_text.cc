// SPDX-License-Identifier: GPL-2.0-only
#include "tests/support/signed_text.h"

namespace cordon::test {

namespace {

using Lines = std::vector<std::string>;  // without their CRLF

/// The last one is what stands behind the last CRLF, often nothing.
Lines lines_of(const std::string& text) {
    Lines out;
    std::size_t begin = 0;
    for (auto end = text.find("\r\n"); end != std::string::npos; end = text.find("\r\n", begin)) {
        out.push_back(text.substr(begin, end - begin));
        begin = end + 2;
    }
    out.push_back(text.substr(begin));
    return out;
}

bool is_white(char c) {
    return c == ' ' || c == '\t';
}

std::string without_white_at_end(std::string text) {
    while (!text.empty() && is_white(text.back())) text.pop_back();
    return text;
}

/// "Every run of blanks is one blank."
std::string one_blank(const std::string& text) {
    std::string out;
    for (const char c : text)
        if (!is_white(c))
            out += c;
        else if (out.empty() || out.back() != ' ')
            out += ' ';
    return out;
}

std::string small_letters(std::string text) {
    for (auto& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return text;
}

struct Field {
    std::string name;  // in lower case
    Lines lines;
};

/// A line that begins a field has a name without blanks in front of its colon.
std::optional<std::string> name_in(const std::string& line) {
    const auto colon = line.find(':');
    if (colon == std::string::npos) return std::nullopt;
    const auto name = without_white_at_end(line.substr(0, colon));
    if (name.empty() || name.find_first_of(" \t\r\n") != std::string::npos) return std::nullopt;
    return small_letters(name);
}

struct Split {
    std::vector<Field> fields;
    Lines body;
};

/// The header ends at an empty line, or where a line is no field.
Split split(const std::string& message) {
    Split out;
    bool is_body = false;
    for (const auto& line : lines_of(message)) {
        if (is_body) {
            out.body.push_back(line);
            continue;
        }
        const auto name = name_in(line);
        if (line.empty()) {
            is_body = true;
        } else if (is_white(line.front()) && !out.fields.empty()) {
            out.fields.back().lines.push_back(line);
        } else if (name) {
            out.fields.push_back({*name, {line}});
        } else {
            is_body = true;
            out.body.push_back(line);
        }
    }
    return out;
}

std::string joined(const Lines& lines, const std::string& with) {
    std::string out;
    for (std::size_t i = 0; i < lines.size(); ++i) out += (i == 0 ? "" : with) + lines[i];
    return out;
}

std::string canonical(const Field& field, bool is_relaxed) {
    if (!is_relaxed) return joined(field.lines, "\r\n");
    const auto text = joined(field.lines, "");
    auto value = without_white_at_end(one_blank(text.substr(text.find(':') + 1)));
    if (value.starts_with(' ')) value.erase(0, 1);
    return field.name + ":" + value;
}

std::string canonical(Lines lines, bool is_relaxed) {
    // Behind the last CRLF nothing follows, or a line that lacks its own.
    if (!lines.empty() && lines.back().empty()) lines.pop_back();
    if (is_relaxed)
        for (auto& line : lines) line = without_white_at_end(one_blank(line));
    while (!lines.empty() && lines.back().empty()) lines.pop_back();
    if (lines.empty()) return is_relaxed ? "" : "\r\n";
    return joined(lines, "\r\n") + "\r\n";
}

/// The field with nothing behind its tag b=.
Field without_b(const Field& field) {
    auto text = joined(field.lines, "\r\n");
    std::size_t begin = text.find(':') + 1;
    while (begin < text.size()) {
        const auto end = std::min(text.find(';', begin), text.size());
        const auto equals = text.find('=', begin);
        std::string name;
        for (std::size_t i = begin; i < std::min(equals, end); ++i)
            if (!is_white(text[i]) && text[i] != '\r' && text[i] != '\n') name += text[i];
        if (name == "b" && equals < end) {
            text.erase(equals + 1, end - equals - 1);
            break;
        }
        begin = end + 1;
    }
    return {field.name, lines_of(text)};
}

}  // namespace

std::optional<std::string> signed_text(const std::string& message, const Coverage& coverage) {
    auto [fields, body] = split(message);
    const Field* signature = nullptr;
    for (const auto& field : fields)
        if (signature == nullptr && field.name == "dkim-signature") signature = &field;
    if (signature == nullptr) return std::nullopt;
    std::string out;
    std::vector<bool> used(fields.size());
    for (const auto& name : coverage.names) {
        for (std::size_t i = fields.size(); i > 0; --i) {
            if (used[i - 1] || fields[i - 1].name != name) continue;
            used[i - 1] = true;
            out += canonical(fields[i - 1], coverage.is_header_relaxed) + "\r\n";
            break;
        }
    }
    out += canonical(without_b(*signature), coverage.is_header_relaxed);
    const auto whole = canonical(body, coverage.is_body_relaxed);
    return out + "\r\n\r\n" +
           whole.substr(0, std::min<std::uint64_t>(coverage.body_limit, whole.size()));
}

}  // namespace cordon::test
