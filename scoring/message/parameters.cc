// SPDX-License-Identifier: GPL-2.0-only
// See parameters.h. The scanner is a single pass; the readings are built from what it found.
#include "scoring/message/parameters.h"

#include <algorithm>

#include "conf/base/text.h"
#include "scoring/message/charset.h"
#include "scoring/message/encoded_word.h"
#include "scoring/message/url_bytes.h"

namespace cordon {

namespace {

constexpr ByteSet kNameEnds("=;");
constexpr ByteSet kNeverInName(" \t()<>@,\\/[]?");
constexpr ByteSet kNeverInToken("\"(\\");

constexpr std::size_t kMostParameters = 100;

bool is_control(char c) {
    return static_cast<unsigned char>(c) < ' ' || c == '\x7f';
}

class ParameterReader {
 public:
    ParameterReader(std::string_view text, const Limits& limits) : text_(text), limits_(limits) {}

    ParameterizedValue run() {
        take_value();
        while (at_ < text_.size() && out_.parameters.size() < kMostParameters) take_parameter();
        return std::move(out_);
    }

 private:
    void take_value() {
        const std::size_t end = std::min(text_.find(';'), text_.size());
        bool removed = false;
        const std::string plain = without_comments(text_.substr(0, end), removed);
        if (removed) out_.has_comment = true;
        const std::string_view trimmed = trim(plain);
        for (std::size_t i = 0; i < trimmed.size(); ++i) {
            const char c = trimmed[i];
            if (is_blank(c) && (out_.value.ends_with('/') || goes_on_with_slash(trimmed, i))) {
                continue;
            }
            if (is_blank(c) || c == ',') {
                // "multipart/mixed boundary=x": the rest is read as parameters.
                out_.is_broken = true;
                at_ = std::min(text_.find(c, text_.find_first_not_of(" \t")), text_.size());
                return;
            }
            if (c == '=' && out_.value.find('/') == std::string::npos) {
                // "Content-Disposition: filename=x": there is no value, only parameters.
                out_.is_broken = true;
                out_.value.clear();
                return;
            }
            if (c == '"' || is_control(c))
                out_.is_broken = true;
            else if (out_.value.size() < limits_.parameter_bytes)
                out_.value += ascii_lower(c);
        }
        at_ = end;
    }

    static bool goes_on_with_slash(std::string_view text, std::size_t i) {
        i = text.find_first_not_of(" \t", i);
        return i != std::string_view::npos && text[i] == '/';
    }

    void skip_separators() {
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (c == '(' && at_ < no_comment_after_) {
                const std::size_t length = comment_length(text_.substr(at_));
                if (length == 0) {
                    no_comment_after_ = at_;
                    continue;
                }
                out_.has_comment = true;
                at_ += length;
            } else if (is_blank(c) || c == ';' || c == ',') {
                ++at_;
            } else {
                return;
            }
        }
    }

    void take_parameter() {
        skip_separators();
        if (at_ >= text_.size()) return;
        const std::size_t stop = kNameEnds.find_in(text_, at_);
        Parameter parameter;
        set_name(text_.substr(at_, stop - at_), parameter);
        at_ = stop;
        if (at_ >= text_.size() || text_[at_] == ';') {
            if (!parameter.name.empty()) out_.is_broken = true;
            return;
        }
        ++at_;
        while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
        take_parameter_value(parameter);
        out_.parameters.push_back(std::move(parameter));
    }

    void set_name(std::string_view written, Parameter& parameter) {
        bool removed = false;
        std::string name = lower(trim(without_comments(written, removed)));
        if (removed) out_.has_comment = true;
        std::erase_if(name, [](char c) { return is_control(c) || c == '"'; });
        if (name.ends_with('*')) {
            parameter.is_extended = true;
            name.pop_back();
        }
        const std::size_t star = name.find('*');
        if (star != std::string::npos) {
            const auto section = parse_unsigned(std::string_view(name).substr(star + 1));
            if (section && *section < 1000)
                parameter.section = static_cast<int>(*section);
            else
                out_.is_broken = true;
            name.resize(star);
        }
        if (kNeverInName.find_in(name) < name.size()) out_.is_broken = true;
        // "foo bar boundary=x" names what stands last.
        const std::size_t blank = name.find_last_of(" \t");
        if (blank != std::string::npos) name.erase(0, blank + 1);
        parameter.name = name.substr(0, limits_.parameter_bytes);
    }

    void take_parameter_value(Parameter& parameter) {
        const std::size_t begin = at_;
        if (at_ < text_.size() && text_[at_] == '"')
            take_quoted(parameter);
        else
            take_token(parameter);
        const std::string_view raw = trim(text_.substr(begin, at_ - begin));
        parameter.raw = raw.substr(0, limits_.parameter_bytes);
        // The end of a file name tells what it is.
        constexpr std::size_t kEnd = 64;
        if (parameter.value.size() > limits_.parameter_bytes && limits_.parameter_bytes > kEnd) {
            parameter.value.erase(limits_.parameter_bytes - kEnd,
                                  parameter.value.size() - limits_.parameter_bytes);
        }
    }

    void take_quoted(Parameter& parameter) {
        std::size_t i = at_ + 1;
        for (; i < text_.size() && text_[i] != '"'; ++i) {
            // Only these two escapes: "C:\file" is a path that somebody wrote, not an escaped f.
            const bool is_escape = text_[i] == '\\' && i + 1 < text_.size() &&
                                   (text_[i + 1] == '"' || text_[i + 1] == '\\');
            if (is_escape) ++i;
            parameter.value += text_[i];
        }
        if (i >= text_.size()) {
            // Not closed: up to the next semicolon, as if there had been no quote.
            out_.is_broken = true;
            parameter.value = trim(text_.substr(at_ + 1, text_.find(';', at_) - at_ - 1));
            at_ = std::min(text_.find(';', at_), text_.size());
            return;
        }
        const std::size_t end = std::min(text_.find(';', i + 1), text_.size());
        bool removed = false;
        const std::string rest = without_comments(text_.substr(i + 1, end - i - 1), removed);
        if (removed) out_.has_comment = true;
        if (!trim(rest).empty()) out_.is_broken = true;
        at_ = end;
    }

    void take_token(Parameter& parameter) {
        const std::size_t end = std::min(text_.find(';', at_), text_.size());
        bool removed = false;
        parameter.value = trim(without_comments(text_.substr(at_, end - at_), removed));
        if (removed) out_.has_comment = true;
        if (kNeverInToken.find_in(parameter.value) < parameter.value.size()) out_.is_broken = true;
        at_ = end;
    }

    std::string_view text_;
    const Limits& limits_;
    std::size_t at_ = 0;
    std::size_t no_comment_after_ = std::string_view::npos;
    ParameterizedValue out_;
};

/// CHARSET'LANGUAGE'TEXT taken apart; without the two quotes it is all text.
std::string_view take_charset(std::string_view& value) {
    const std::size_t first = value.find('\'');
    if (first == std::string_view::npos) return {};
    const std::size_t second = value.find('\'', first + 1);
    if (second == std::string_view::npos) return {};
    const std::string_view charset = value.substr(0, first);
    value.remove_prefix(second + 1);
    return charset;
}

std::string join_sections(const std::vector<const Parameter*>& sections) {
    std::string bytes;
    std::string_view charset;
    bool is_extended = false;
    for (std::size_t i = 0; i < sections.size(); ++i) {
        std::string_view value = sections[i]->value;
        if (sections[i]->is_extended) {
            const std::string_view named = take_charset(value);
            if (charset.empty()) charset = named;
            is_extended = true;
            bytes += percent_decode(value);
        } else {
            bytes += value;
        }
    }
    if (!is_extended) return bytes;
    return to_utf8(bytes, charset, bytes.size() * 4).text;
}

void add_distinct(std::vector<std::string>& list, std::string value) {
    if (std::find(list.begin(), list.end(), value) == list.end()) list.push_back(std::move(value));
}

/// NAME*0, NAME*1 ...: up to the first gap, then all in order of number, then as they stand.
void add_continuations(std::vector<const Parameter*> sections, std::vector<std::string>& out) {
    if (sections.empty()) return;
    const std::vector<const Parameter*> as_written = sections;
    std::stable_sort(sections.begin(), sections.end(), [](const Parameter* a, const Parameter* b) {
        return a->section < b->section;
    });
    std::vector<const Parameter*> without_gap;
    for (const Parameter* section : sections) {
        if (section->section != static_cast<int>(without_gap.size())) break;
        without_gap.push_back(section);
    }
    if (!without_gap.empty()) add_distinct(out, join_sections(without_gap));
    add_distinct(out, join_sections(sections));
    add_distinct(out, join_sections(as_written));
}

}  // namespace

std::string percent_decode(std::string_view text) {
    const auto hex = [](char c) {
        const char l = ascii_lower(c);
        return is_digit(c) ? c - '0' : l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
    };
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size() && hex(text[i + 1]) >= 0 &&
            hex(text[i + 2]) >= 0) {
            out += static_cast<char>(hex(text[i + 1]) << 4 | hex(text[i + 2]));
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

std::string without_comments(std::string_view text, bool& removed) {
    std::size_t open = text.find('(');
    if (open == std::string_view::npos) return std::string(text);
    std::string out;
    while (open != std::string_view::npos) {
        const std::size_t length = comment_length(text.substr(open));
        if (length == 0) break;
        removed = true;
        out += text.substr(0, open);
        text.remove_prefix(open + length);
        open = text.find('(');
    }
    return out.append(text);
}

ParameterizedValue parse_parameterized(std::string_view unfolded, const Limits& limits) {
    return ParameterReader(unfolded, limits).run();
}

std::vector<std::string> parameter_readings(const std::vector<Parameter>& parameters,
                                            std::string_view name, bool decode_words) {
    std::vector<std::string> out;
    std::vector<const Parameter*> sections;
    for (const Parameter& parameter : parameters) {
        if (parameter.name != name) continue;
        if (parameter.section >= 0)
            sections.push_back(&parameter);
        else if (parameter.is_extended)
            add_distinct(out, join_sections({&parameter}));
    }
    add_continuations(std::move(sections), out);
    std::vector<std::string> raw;
    for (const Parameter& parameter : parameters) {
        if (parameter.name != name || parameter.section >= 0 || parameter.is_extended) continue;
        add_distinct(out, parameter.value);
        if (parameter.raw != parameter.value) add_distinct(raw, parameter.raw);
    }
    for (std::string& written : raw) {
        std::erase(written, '"');
        add_distinct(out, std::move(written));
    }
    if (!decode_words) return out;
    std::vector<std::string> decoded;
    for (const std::string& value : out) add_distinct(decoded, decode_encoded_words(value));
    return decoded;
}

}  // namespace cordon
