// SPDX-License-Identifier: GPL-2.0-only
// One function a structure, `fields(archive, value)`, both writes and reads it: an Encoder and a
// Decoder over the records of conf/base/ipc. The Decoder believes no length and no enumerator.
#pragma once

#include <concepts>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "conf/base/ipc.h"

namespace cordon {

/// Longest body of a request or an answer; beyond a record's size it travels in a memfd.
constexpr std::size_t kMaxKeeperBody = 64U << 20U;

class Encoder {
 public:
    template <typename... Values>
    Encoder& operator()(const Values&... values) {
        (put(values), ...);
        return *this;
    }
    std::string take() { return out_.take(); }

 private:
    void put(const std::string& value) { out_.text(value); }
    template <typename T>
    requires std::integral<T> || std::is_enum_v<T>
    void put(T value) { out_.u64(static_cast<std::uint64_t>(value)); }
    template <typename T>
    void put(const std::optional<T>& value) {
        put(value.has_value());
        if (value) put(*value);
    }
    template <typename T>
    void put(const std::vector<T>& values) {
        out_.u32(static_cast<std::uint32_t>(values.size()));
        for (const auto& value : values) put(value);
    }
    template <typename T>
    requires std::is_class_v<T>
    void put(const T& value) {
        fields(*this, const_cast<T&>(value));  // which an Encoder does not change
    }

    RecordWriter out_;
};

class Decoder {
 public:
    explicit Decoder(std::string_view bytes) : in_(bytes) {}

    template <typename... Values>
    Decoder& operator()(Values&... values) {
        (get(values), ...);
        return *this;
    }
    bool is_complete() const { return good_ && in_.is_complete(); }

 private:
    void get(std::string& value) { value = in_.text(kMaxKeeperBody); }
    void get(bool& value) {
        const auto number = in_.u64();
        good_ = good_ && number <= 1;
        value = number == 1;
    }
    template <typename T>
    requires std::integral<T>
    void get(T& value) {
        const auto number = in_.u64();
        value = static_cast<T>(number);
        good_ = good_ && static_cast<std::uint64_t>(value) == number;
    }
    template <typename T>
    requires std::is_enum_v<T>
    void get(T& value) {
        const auto number = in_.u64();
        good_ = good_ && number < count_of(T{});
        if (good_) value = static_cast<T>(number);
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
        const auto count = in_.count(4);  // each element takes at least that
        values.clear();
        for (std::uint32_t i = 0; i < count && in_.is_good() && good_; ++i)
            get(values.emplace_back());
    }
    template <typename T>
    requires std::is_class_v<T>
    void get(T& value) { fields(*this, value); }

    RecordReader in_;
    bool good_ = true;
};

}  // namespace cordon
