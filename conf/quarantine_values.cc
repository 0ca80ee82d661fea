// SPDX-License-Identifier: GPL-2.0-only
#include "conf/quarantine_values.h"

#include "conf/spelling.h"
#include "conf/values.h"

namespace cordon {

template <>
struct Spellings<LearnFrom> {
    static constexpr auto kTable =
        std::to_array<Spelling<LearnFrom>>({{LearnFrom::nobody, "nobody"},
                                            {LearnFrom::reviewers, "reviewers"},
                                            {LearnFrom::users, "users"}});
};
template <>
struct Spellings<Language> {
    static constexpr auto kTable =
        std::to_array<Spelling<Language>>({{Language::english, "en"}, {Language::german, "de"}});
};
template <>
struct Spellings<UserFolders> {
    static constexpr auto kTable = std::to_array<Spelling<UserFolders>>(
        {{UserFolders::none, "none"}, {UserFolders::shared, "shared"}});
};
template <>
struct Spellings<UserLogin> {
    static constexpr auto kTable = std::to_array<Spelling<UserLogin>>(
        {{UserLogin::address, "address"}, {UserLogin::local_part, "local-part"}});
};

template <>
Result<LearnFrom> parse_value(const std::string& text) {
    return parse_enum<LearnFrom>(text);
}
template <>
Result<Language> parse_value(const std::string& text) {
    return parse_enum<Language>(text);
}
template <>
Result<UserFolders> parse_value(const std::string& text) {
    return parse_enum<UserFolders>(text);
}
template <>
Result<UserLogin> parse_value(const std::string& text) {
    return parse_enum<UserLogin>(text);
}
template <>
Result<TimeOfDay> parse_value(const std::string& text) {
    const auto fields = split(text, ':');
    if (fields.size() == 2 && fields[0].size() <= 2 && fields[1].size() == 2) {
        const auto hour = parse_unsigned(fields[0]);
        const auto minute = parse_unsigned(fields[1]);
        if (hour && minute && *hour < 24 && *minute < 60)
            return TimeOfDay{static_cast<unsigned>(*hour * 60 + *minute)};
    }
    return fail(fmt::format("'{}' is not a time of day like 07:00", printable(text, 60)));
}

std::string to_text(LearnFrom value) {
    return enum_text(value);
}
std::string to_text(Language value) {
    return enum_text(value);
}
std::string to_text(UserFolders value) {
    return enum_text(value);
}
std::string to_text(UserLogin value) {
    return enum_text(value);
}
std::string to_text(const TimeOfDay& value) {
    return fmt::format("{:02}:{:02}", value.minutes / 60, value.minutes % 60);
}

}  // namespace cordon
