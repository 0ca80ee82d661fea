// SPDX-License-Identifier: GPL-2.0-only
// Writes JSON (RFC 8259): always valid UTF-8, control characters escaped, commas placed by itself.
// Writing only; a library is not worth its weight for that, and nothing here reads JSON.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace cordon {

class JsonWriter {
 public:
    JsonWriter& begin_object() { return open('{'); }
    JsonWriter& end_object() { return close('}'); }
    JsonWriter& begin_array() { return open('['); }
    JsonWriter& end_array() { return close(']'); }
    JsonWriter& key(std::string_view name);
    JsonWriter& text(std::string_view value);
    JsonWriter& number(std::int64_t value);
    JsonWriter& number(double value);  // rounded to 4 decimals; null when not finite
    JsonWriter& boolean(bool value);
    JsonWriter& null();

    JsonWriter& field(std::string_view name, std::string_view value) {
        return key(name).text(value);
    }
    JsonWriter& field(std::string_view name, std::int64_t value) { return key(name).number(value); }

    std::string take() { return std::move(out_); }

 private:
    JsonWriter& open(char bracket);
    JsonWriter& close(char bracket);
    void separate();

    std::string out_;
    bool needs_comma_ = false;
};

}  // namespace cordon
