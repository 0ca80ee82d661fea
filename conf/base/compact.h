// SPDX-License-Identifier: GPL-2.0-only
// Records for keeping: integers in as few bytes as they need (LEB128), texts with their length.
// One function a structure, `fields(archive, value)`, both writes and reads it. The reader believes
// no length and no enumerator, and allocates no more than it was given.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace cordon {

class CompactWriter {
 public:
    template <typename... Values>
    CompactWriter& operator()(const Values&... values) {
        (put(values), ...);
        return *this;
    }
    std::string take() { return std::move(out_); }

 private:
    void number(std::uint64_t value) {
        for (; value >= 0x80; value >>= 7) out_ += static_cast<char>((value & 0x7F) | 0x80);
        out_ += static_cast<char>(value);
    }
    void put(const std::string& value) {
        number(value.size());
        out_ += value;
    }
    template <typename T>
    requires std::unsigned_integral<T> || std::is_enum_v<T>
    void put(T value) { number(static_cast<std::uint64_t>(value)); }
    /// The sign is the last bit, so that small negative numbers are short too.
    template <std::signed_integral T>
    void put(T value) {
        const auto wide = static_cast<std::int64_t>(value);
        number((static_cast<std::uint64_t>(wide) << 1) ^ static_cast<std::uint64_t>(wide >> 63));
    }
    template <typename T>
    void put(const std::optional<T>& value) {
        put(value.has_value());
        if (value) put(*value);
    }
    template <typename T>
    void put(const std::vector<T>& values) {
        number(values.size());
        for (const auto& value : values) put(value);
    }
    template <typename T>
    requires std::is_class_v<T>
    void put(const T& value) {
        fields(*this, const_cast<T&>(value));  // which a writer does not change
    }

    std::string out_;
};

class CompactReader {
 public:
    explicit CompactReader(std::string_view bytes) : rest_(bytes) {}

    template <typename... Values>
    CompactReader& operator()(Values&... values) {
        (get(values), ...);
        return *this;
    }
    /// Good, and nothing is left.
    bool is_complete() const { return good_ && rest_.empty(); }

 private:
    std::uint64_t number() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
            const auto byte = static_cast<unsigned char>(rest_.front());
            rest_.remove_prefix(1);
            value |= std::uint64_t{byte & 0x7FU} << shift;
            if (byte < 0x80) return value;
        }
        good_ = false;
        rest_ = {};
        return 0;
    }
    void get(std::string& value) {
        const auto size = number();
        good_ = good_ && size <= rest_.size();
        value = good_ ? rest_.substr(0, size) : std::string_view();
        rest_.remove_prefix(value.size());
    }
    void get(bool& value) {
        const auto read = number();
        good_ = good_ && read <= 1;
        value = read == 1;
    }
    template <std::unsigned_integral T>
    void get(T& value) {
        const auto read = number();
        value = static_cast<T>(read);
        good_ = good_ && value == read;
    }
    template <std::signed_integral T>
    void get(T& value) {
        const auto read = number();
        const auto wide =
            static_cast<std::int64_t>(read >> 1) ^ -static_cast<std::int64_t>(read & 1);
        value = static_cast<T>(wide);
        good_ = good_ && value == wide;
    }
    template <typename T>
    requires std::is_enum_v<T>
    void get(T& value) {
        const auto read = number();
        good_ = good_ && read < count_of(T{});
        if (good_) value = static_cast<T>(read);
    }
    template <typename T>
    void get(std::optional<T>& value) {
        bool is_there = false;
        get(is_there);
        value.reset();
        if (is_there && good_) get(value.emplace());
    }
    template <typename T>
    void get(std::vector<T>& values) {
        const auto count = number();
        good_ = good_ && count <= rest_.size();  // each element takes at least a byte
        values.clear();
        for (std::uint64_t i = 0; i < count && good_; ++i) get(values.emplace_back());
    }
    template <typename T>
    requires std::is_class_v<T>
    void get(T& value) { fields(*this, value); }

    std::string_view rest_;
    bool good_ = true;
};

}  // namespace cordon
