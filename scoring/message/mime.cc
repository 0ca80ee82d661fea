// SPDX-License-Identifier: GPL-2.0-only
// See mime.h. Fields are looked up by lenient names, values go through parameters.h.
#include "scoring/message/mime.h"

#include <algorithm>
#include <array>

#include "conf/base/text.h"
#include "scoring/message/charset.h"
#include "scoring/message/encoded_word.h"
#include "scoring/message/parameters.h"
#include "scoring/message/url_bytes.h"

namespace cordon {

namespace {

constexpr std::size_t kLongestDetail = 200;
constexpr std::size_t kLongestFieldName = 200;
constexpr ByteSet kLineEnds("\r\n");

bool is_control(char c) {
    return static_cast<unsigned char>(c) < ' ' || c == '\x7f';
}

std::string extension_of(std::string_view name) {
    const std::size_t dot = name.rfind('.');
    return dot == std::string_view::npos ? std::string() : lower(name.substr(dot + 1));
}

std::string first_word(std::string_view text) {
    text = trim(text);
    return lower(text.substr(0, text.find_first_of(" \t,;")));
}

// What nobody sees in a name: characters without width, and blanks outside ASCII.
constexpr std::array<std::string_view, 8> kUnseen = {"\u00ad", "\u200b", "\u200c", "\u200d",
                                                     "\u2060", "\ufeff", "\u00a0", "\u3000"};

class DeclarationReader {
 public:
    DeclarationReader(const HeaderBlock& headers, std::string_view default_type,
                      const Limits& limits)
        : headers_(headers), default_type_(default_type), limits_(limits) {}

    Declaration run() {
        note_header();
        for (const HeaderField& field : headers_.fields()) take(field);
        if (out_.types.empty()) out_.types.push_back({std::string(default_type_), {}, {}});
        if (out_.encodings.empty()) out_.encodings.push_back({TransferEncoding::identity, "7bit"});
        note_encodings();
        take_names();
        return std::move(out_);
    }

 private:
    void note(std::string_view rule, std::string_view detail) {
        out_.oddities.push_back({rule, std::string(detail.substr(0, kLongestDetail))});
    }

    void note_header() {
        if (headers_.has_nul) note("MIME_HEADER_NUL", "");
        if (headers_.has_lone_cr) note("MIME_HEADER_LONE_CR", "");
        if (headers_.over_limit) note("LIMIT_HEADER", "");
    }

    void take(const HeaderField& field) {
        // All names of interest begin with "Content-"; most fields are none of them.
        if (field.name.size() < 12) return;
        const char first = ascii_lower(field.name[0]);
        if (first != 'c' && first > ' ') return;
        if (is_field(field, "Content-Type"))
            take_type(field);
        else if (is_field(field, "Content-Transfer-Encoding"))
            take_encoding(field);
        else if (is_field(field, "Content-Disposition"))
            take_disposition(field);
        else
            return;
        const bool is_odd = std::any_of(field.name.begin(), field.name.end(), is_control) ||
                            is_blank(field.name.back());
        if (is_odd) note("MIME_FIELD_NAME_ODD", field.name);
    }

    void note_value(const ParameterizedValue& value, std::string_view text) {
        if (value.is_broken) note("MIME_PARAMETER_BROKEN", text);
        if (value.has_comment) note("MIME_PARAMETER_COMMENT", text);
        if (value.is_broken || value.has_comment) broken_.emplace_back(text);
    }

    void take_type(const HeaderField& field) {
        const std::string text = unfold(field.value);
        ParameterizedValue value = parse_parameterized(text, limits_);
        note_value(value, text);
        ContentType type;
        type.type = valid_type(printable(value.value, limits_.parameter_bytes));
        const auto charsets = parameter_readings(value.parameters, "charset", false);
        if (!charsets.empty()) type.charset = printable(first_word(charsets.front()), 80);
        if (type.is_multipart()) {
            type.boundaries = parameter_readings(value.parameters, "boundary", false);
            add_more_boundaries(type.boundaries);
        }
        append(type_parameters_, value.parameters);
        add_type(std::move(type));
    }

    std::string valid_type(const std::string& written) {
        const std::size_t slash = written.find('/');
        if (slash != std::string::npos && slash > 0 && slash + 1 < written.size()) {
            return written.substr(0, written.find('/', slash + 1));
        }
        note("MIME_TYPE_INVALID", written);
        if (written.starts_with("multipart")) return "multipart/mixed";
        return std::string(default_type_);
    }

    static void add_more_boundaries(std::vector<std::string>& boundaries) {
        const std::vector<std::string> seen = boundaries;
        const auto add = [&boundaries](std::string boundary) {
            if (boundary.empty() || boundaries.size() >= 16) return;
            if (std::find(boundaries.begin(), boundaries.end(), boundary) == boundaries.end()) {
                boundaries.push_back(std::move(boundary));
            }
        };
        for (const std::string& boundary : seen) {
            const std::size_t end = boundary.find_first_of(" \t\"\\,(");
            if (end != std::string::npos && end > 0) add(boundary.substr(0, end));
            if (boundary.find("=?") != std::string::npos) add(decode_encoded_words(boundary));
            add(std::string(trim(boundary)));
        }
    }

    void add_type(ContentType type) {
        if (!out_.types.empty()) {
            const ContentType& first = out_.types.front();
            const bool is_same = first.type == type.type && first.boundaries == type.boundaries;
            note(is_same ? "MIME_TYPE_DUPLICATE" : "MIME_TYPE_CONFLICT",
                 first.type + " and " + type.type);
            if (is_same) return;
        }
        if (out_.types.size() < 8) out_.types.push_back(std::move(type));
    }

    void take_encoding(const HeaderField& field) {
        std::string text = unfold(field.value);
        const std::string as_written = text;
        bool is_disguised = false;
        if (text.find("=?") != std::string::npos) {
            text = decode_encoded_words(text);
            is_disguised = true;
        }
        text = without_comments(text, is_disguised);
        const auto erased = std::erase_if(
            text, [](char c) { return is_control(c) || c == '"' || c == '\\' || c == '\''; });
        if (erased > 0) is_disguised = true;
        const std::string token = lower(trim(text));
        ++encoding_fields_;
        const TransferEncoding whole = transfer_encoding_for(token);
        if (whole != TransferEncoding::unknown) {
            if (is_disguised) note("MIME_ENCODING_DISGUISED", as_written);
            out_.encodings.push_back({whole, token});
            return;
        }
        take_unknown_encoding(token, as_written);
    }

    /// A token that is none: the words in it, then what it resembles.
    void take_unknown_encoding(const std::string& token, const std::string& as_written) {
        std::vector<TransferEncoding> found;
        for (std::size_t i = 0; i < token.size();) {
            const std::size_t begin = token.find_first_not_of(" \t,;:", i);
            if (begin == std::string::npos) break;
            i = std::min(token.find_first_of(" \t,;:", begin), token.size());
            const TransferEncoding word = transfer_encoding_for(token.substr(begin, i - begin));
            if (word != TransferEncoding::unknown) found.push_back(word);
        }
        if (found.empty()) found.push_back(resembling(token));
        const bool is_harmless = found.size() == 1 && found[0] == TransferEncoding::identity;
        if (!is_harmless) note("MIME_ENCODING_DISGUISED", as_written);
        note("MIME_ENCODING_UNKNOWN", as_written);
        const std::string shown = printable(token, 80);
        out_.encodings.push_back({TransferEncoding::identity, shown});
        for (const TransferEncoding encoding : found) {
            if (out_.encodings.size() < 8) out_.encodings.push_back({encoding, shown});
        }
    }

    static TransferEncoding resembling(std::string_view token) {
        using enum TransferEncoding;
        const auto has = [token](std::string_view piece) {
            return token.find(piece) != std::string_view::npos;
        };
        if (has("64")) return base64;
        if (has("quot") || has("printable")) return quoted_printable;
        if (has("uu")) return uuencode;
        if (has("yenc")) return yenc;
        if (has("binhex")) return binhex;
        return identity;
    }

    void note_encodings() {
        const TransferEncoding first = out_.encodings.front().encoding;
        if (first == TransferEncoding::uuencode || first == TransferEncoding::yenc ||
            first == TransferEncoding::binhex) {
            note("MIME_ENCODING_RARE", out_.encodings.front().token);
        }
        if (encoding_fields_ < 2) return;
        const bool all_same =
            std::all_of(out_.encodings.begin(), out_.encodings.end(),
                        [first](const DeclaredEncoding& e) { return e.encoding == first; });
        note(all_same ? "MIME_ENCODING_DUPLICATE" : "MIME_ENCODING_CONFLICT",
             out_.encodings[0].token + " and " + out_.encodings[1].token);
    }

    void take_disposition(const HeaderField& field) {
        const std::string text = unfold(field.value);
        ParameterizedValue value = parse_parameterized(text, limits_);
        note_value(value, text);
        if (value.value == "attachment") out_.is_attachment = true;
        append(disposition_parameters_, value.parameters);
    }

    static void append(std::vector<Parameter>& list, std::vector<Parameter>& more) {
        std::move(more.begin(), more.end(), std::back_inserter(list));
    }

    void take_names() {
        if (type_parameters_.empty() && disposition_parameters_.empty()) return;
        add_names(disposition_parameters_, "filename");
        add_names(type_parameters_, "name");
        add_names(type_parameters_, "filename");
        add_names(disposition_parameters_, "name");
        // Continuations that begin in one field and end in the other.
        const bool has_sections =
            std::any_of(disposition_parameters_.begin(), disposition_parameters_.end(),
                        [](const Parameter& p) { return p.section >= 0; });
        if (has_sections) {
            std::vector<Parameter> all = disposition_parameters_;
            all.insert(all.end(), type_parameters_.begin(), type_parameters_.end());
            add_names(all, "filename");
        }
        for (const std::string& text : broken_) add_last_resort_name(text);
        // A name without an extension beside one that has it is a mailer's habit.
        if (out_.names.size() > 1 && !extension_of(out_.names[0]).empty()) {
            note("MIME_NAME_CONFLICT", out_.names[0] + " and " + out_.names[1]);
        }
    }

    void add_names(const std::vector<Parameter>& parameters, std::string_view parameter) {
        for (std::string& name : parameter_readings(parameters, parameter, true)) {
            add_name(name);
            add_disguised(name);
        }
    }

    /// What some client or system makes of the name, where that has an extension.
    void add_disguised(const std::string& name) {
        const auto add = [this](std::string reading) {
            if (!extension_of(reading).empty()) add_name(std::move(reading));
        };
        if (name.find('\\') != std::string::npos) {
            std::string unescaped = name;
            std::erase(unescaped, '\\');
            add(std::move(unescaped));
        }
        if (name.size() > 2 && name.front() == '\'' && name.back() == '\'')
            add(name.substr(1, name.size() - 2));
        if (name.find('%') != std::string::npos) add(percent_decode(name));
        if (const auto nul = name.find('\0'); nul != std::string::npos) add(name.substr(0, nul));
        constexpr std::string_view kStream = "::$data";  // of NTFS: the file itself
        if (lower(name).ends_with(kStream)) add(name.substr(0, name.size() - kStream.size()));
        if (name.find_first_of("\xc2\xe2\xe3\xef") != std::string::npos) {
            std::string visible = name;
            for (const std::string_view unseen : kUnseen) erase_all(visible, unseen);
            if (visible != name) add(std::move(visible));
        }
    }

    static void erase_all(std::string& text, std::string_view piece) {
        for (std::size_t at = text.find(piece); at != std::string::npos; at = text.find(piece, at))
            text.erase(at, piece.size());
    }

    /// Everything after "name=", for values that the grammar cuts short.
    void add_last_resort_name(std::string_view text) {
        const std::string lowered = lower(text);
        const std::size_t at = lowered.rfind("name=");
        if (at == std::string::npos) return;
        std::string rest(text.substr(at + 5));
        std::erase(rest, '"');
        // What follows may be further parameters; a name has no equals sign.
        if (rest.find('=') == std::string::npos) add_name(decode_encoded_words(rest));
    }

    void add_name(std::string name) {
        // Percent escapes may have made any bytes of it.
        if (!is_valid_utf8(name)) name = to_utf8(name, {}, name.size() * 4).text;
        std::erase_if(name, is_control);
        name = trim(name);
        const std::size_t last = name.find_last_not_of(". ");
        if (last == std::string::npos) return;
        if (last + 1 < name.size()) {
            note("MIME_NAME_TRAILING", name);
            name.resize(last + 1);
        }
        const std::string extension = extension_of(name);
        const bool is_known =
            std::any_of(out_.names.begin(), out_.names.end(), [&](const std::string& known) {
                return known == name || extension_of(known) == extension;
            });
        if (!is_known && out_.names.size() < 8) out_.names.push_back(std::move(name));
    }

    const HeaderBlock& headers_;
    std::string_view default_type_;
    const Limits& limits_;
    Declaration out_;
    std::vector<Parameter> type_parameters_;
    std::vector<Parameter> disposition_parameters_;
    std::vector<std::string> broken_;
    int encoding_fields_ = 0;
};

}  // namespace

Declaration read_declaration(const HeaderBlock& headers, std::string_view default_type,
                             const Limits& limits) {
    return DeclarationReader(headers, default_type, limits).run();
}

bool begins_with_mime_field(std::string_view text) {
    std::size_t skipped = 0;
    while (skipped < 16 && !text.empty() && static_cast<unsigned char>(text[0]) <= ' ') {
        text.remove_prefix(1);
        ++skipped;
    }
    if (text.empty() || ascii_lower(text[0]) != 'c') return false;
    if (!istarts_with(text, "content-")) return false;
    // Bounded: a message may hold a hundred thousand such lines without a colon behind them.
    text = text.substr(0, kLongestFieldName);
    const std::string_view line = text.substr(0, kLineEnds.find_in(text));
    return line.find(':') != std::string_view::npos || istarts_with(line, "content-t") ||
           istarts_with(line, "content-d");
}

}  // namespace cordon
