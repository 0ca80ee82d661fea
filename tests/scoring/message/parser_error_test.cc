// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/message/parser_error.h"

#include <gtest/gtest.h>

namespace cordon {
namespace {

template <typename Step>
std::string thrown_in_part(Step step) {
    try {
        in_part(3, "its text", step);
    } catch (const ParserError& error) {
        return error.what();
    }
    return {};
}

TEST(InPart, NamesThePartWhoseBytesAParserThrewOver) {
    EXPECT_EQ(thrown_in_part([] { throw std::out_of_range("at: 7 >= 3"); }),
              "part 3, its text: at: 7 >= 3");
}

TEST(InPart, NamesTheInnermostPart) {
    const auto inner = [] { in_part(4, "an archive", [] { throw std::length_error("append"); }); };
    EXPECT_EQ(thrown_in_part(inner), "part 4, an archive: append");
}

TEST(InPart, LetsWhatIsNoFaultOfTheContentPass) {
    EXPECT_THROW(thrown_in_part([] { throw std::bad_alloc(); }), std::bad_alloc);
    EXPECT_THROW(thrown_in_part([] { throw std::system_error(EMFILE, std::generic_category()); }),
                 std::system_error);
}

}  // namespace
}  // namespace cordon
