// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/ctl/evaluation.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>

namespace cordon {
namespace {

/// When the one message of an index arrived whose column `date` holds this.
std::int64_t arrival(const std::string& date) {
    const auto path = std::filesystem::temp_directory_path() /
                      ("evaluation_test." + std::to_string(::getpid()) + ".tsv");
    std::ofstream(path) << "path\tlabel\tdate\na.eml\tham\t" << date << "\n";
    const auto mail = read_index(path);
    std::filesystem::remove(path);
    EXPECT_TRUE(mail) << mail.error().what;
    return mail ? mail->at(0).envelope.received_at : -1;
}

TEST(ReadIndex, TakesSecondsSinceTheEpochAsTheTimeOfArrival) {
    EXPECT_EQ(arrival("1764000000"), 1'764'000'000);
}

TEST(ReadIndex, TakesADayAsItsEnd) {
    EXPECT_EQ(arrival("2022-12-06"), 1'670'371'199);  // 23:59:59 UTC
    EXPECT_EQ(arrival("2022-12-06T10:00:00Z"), 1'670'371'199);
}

TEST(ReadIndex, KnowsNoTimeOfArrivalWhenThereIsNoDate) {
    EXPECT_EQ(arrival(""), 0);
    EXPECT_EQ(arrival("yesterday"), 0);
    EXPECT_EQ(arrival("2022-13-41"), 0);
}

TEST(FiguresOf, KnowsNoCurveOfMailOfOneKind) {
    EXPECT_TRUE(std::isnan(figures_of({{true, 7}, {true, 1}}, 6).one_minus_roca));
    EXPECT_EQ(figures_of({{true, 7}, {false, 1}}, 6).one_minus_roca, 0);
}

}  // namespace
}  // namespace cordon
