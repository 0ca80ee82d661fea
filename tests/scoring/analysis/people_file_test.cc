// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/analysis/people_file.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace cordon {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class OwnPeople : public ::testing::Test {
 protected:
    void SetUp() override { std::filesystem::create_directories(folder_); }
    void TearDown() override { std::filesystem::remove_all(folder_); }
    void write(const std::string& text) { std::ofstream(folder_ + "/own-people") << text; }

    const std::string folder_ =
        (std::filesystem::temp_directory_path() / ("own_people_test." + std::to_string(::getpid())))
            .string();
};

TEST_F(OwnPeople, AreNobodyWithoutAFile) {
    EXPECT_THAT(*read_own_people({folder_}), IsEmpty());
}

TEST_F(OwnPeople, StandOneALine) {
    write("# the board\nJane Doe\n\nJohn Roe <john@roe.example>\n");
    EXPECT_THAT(*read_own_people({folder_}),
                ElementsAre("Jane Doe", "John Roe <john@roe.example>"));
}

TEST_F(OwnPeople, HaveMoreThanAFirstName) {
    write("Jane Doe\nJohn\n");
    const auto read = read_own_people({folder_});
    ASSERT_FALSE(read);
    EXPECT_THAT(read.error().what, HasSubstr("own-people:2: 'John' is no name"));
}

TEST_F(OwnPeople, HaveWholeAddresses) {
    write("Jane Doe <jane>\n");
    EXPECT_FALSE(read_own_people({folder_}));
}

}  // namespace
}  // namespace cordon
