// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/analysis/canonical.h"

#include <algorithm>
#include <array>

#include "conf/base/text.h"

namespace cordon {

namespace {

constexpr std::string_view kCrlf = "\r\n";

/// Bytes on their way into a hash, up to a limit.
class Sink {
 public:
    explicit Sink(std::uint64_t limit) : left_(limit) {}

    void add(std::string_view bytes) {
        length_ += bytes.size();
        const auto taken =
            bytes.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size())));
        left_ -= taken.size();
        if (taken.size() > buffer_.size() - used_) flush();
        if (taken.size() > buffer_.size()) return hash_.add(taken);
        std::copy(taken.begin(), taken.end(), buffer_.begin() + static_cast<long>(used_));
        used_ += taken.size();
    }
    BodyHash finish() {
        flush();
        return {hash_.finish(), length_};
    }
    std::uint64_t length() const { return length_; }

 private:
    void flush() {
        hash_.add({buffer_.data(), used_});
        used_ = 0;
    }

    Sha256 hash_;
    std::uint64_t left_;
    std::uint64_t length_ = 0;
    std::array<char, 4096> buffer_{};
    std::size_t used_ = 0;
};

/// Runs of blanks become one, those at the end go.
void add_relaxed_line(std::string_view line, Sink& sink) {
    while (!line.empty() && is_blank(line.back())) line.remove_suffix(1);
    while (!line.empty()) {
        const auto word = std::min(line.find_first_of(" \t"), line.size());
        sink.add(line.substr(0, word));
        line.remove_prefix(word);
        if (line.empty()) return;
        sink.add(" ");
        line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    }
}

void add_relaxed_body(std::string_view body, Sink& sink) {
    std::size_t empty_lines = 0;
    while (!body.empty()) {
        const auto end = body.find(kCrlf);
        auto line = body.substr(0, end);
        body.remove_prefix(end == std::string_view::npos ? body.size() : end + kCrlf.size());
        if (line.find_first_not_of(" \t") == std::string_view::npos) {
            ++empty_lines;
            continue;
        }
        for (; empty_lines > 0; --empty_lines) sink.add(kCrlf);
        add_relaxed_line(line, sink);
        sink.add(kCrlf);
    }
}

void add_simple_body(std::string_view body, Sink& sink) {
    while (body.ends_with(kCrlf)) body.remove_suffix(kCrlf.size());
    sink.add(body);
    sink.add(kCrlf);
}

}  // namespace

Sha256::Sha256() : context_(::EVP_MD_CTX_new()) {
    ::EVP_DigestInit_ex(context_.get(), ::EVP_sha256(), nullptr);
}

void Sha256::add(std::string_view bytes) {
    ::EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size());
}

std::string Sha256::finish() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    ::EVP_DigestFinal_ex(context_.get(), digest.data(), &length);
    return {reinterpret_cast<const char*>(digest.data()), length};
}

BodyHash hash_body(std::string_view body, bool is_relaxed, std::uint64_t limit) {
    Sink sink(limit);
    if (is_relaxed)
        add_relaxed_body(body, sink);
    else
        add_simple_body(body, sink);
    return sink.finish();
}

std::string canonical_field(std::string_view field, bool is_relaxed) {
    if (!is_relaxed) return std::string(field);
    const auto colon = std::min(field.find(':'), field.size());
    auto name = field.substr(0, colon);
    while (!name.empty() && is_blank(name.back())) name.remove_suffix(1);
    std::string out = lower(name) + ":";
    const auto begin = out.size();
    std::string_view value = field.substr(std::min(colon + 1, field.size()));
    bool was_blank = false;
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (value.substr(i, 2) == kCrlf) {
            ++i;
            continue;
        }
        if (is_blank(value[i])) {
            was_blank = true;
            continue;
        }
        if (was_blank && out.size() > begin) out += ' ';
        was_blank = false;
        out += value[i];
    }
    return out;
}

RawMessage split_message(std::string_view bytes, std::size_t max_fields) {
    RawMessage out;
    while (!bytes.empty()) {
        if (bytes.starts_with(kCrlf)) {
            out.body = bytes.substr(kCrlf.size());
            return out;
        }
        std::size_t end = 0;
        do {
            const auto line = bytes.find(kCrlf, end);
            end = line == std::string_view::npos ? bytes.size() : line + kCrlf.size();
        } while (end < bytes.size() && is_blank(bytes[end]));
        auto text = bytes.substr(0, end);
        if (text.ends_with(kCrlf)) text.remove_suffix(kCrlf.size());
        auto name = text.substr(0, text.find(':'));
        while (!name.empty() && is_blank(name.back())) name.remove_suffix(1);
        const bool is_field = text.find(':') != std::string_view::npos && !name.empty() &&
                              name.find_first_of(" \t\r\n") == std::string_view::npos;
        if (!is_field) {  // for an MTA the body begins here
            out.body = bytes;
            return out;
        }
        if (out.fields.size() < max_fields) out.fields.push_back({name, text});
        bytes.remove_prefix(end);
    }
    return out;
}

}  // namespace cordon
