// SPDX-License-Identifier: GPL-2.0-only
#include "milter/handover.h"

#include <gtest/gtest.h>

#include "conf/role.h"
#include "tests/support/builders.h"
#include "tests/support/matchers.h"

namespace cordon {
namespace {

using test::a_catalogue;
using test::a_configuration;
using test::FailsWith;
using test::IsOk;

TEST(Handover, GivesConfigurationAndCatalogueAgain) {
    const auto c = a_configuration(
        "[milter]\nmode = shadow\n[scores]\nRULE = 2.5\n[domain.example.org]\ntag = 1\n");
    const auto fd = write_handover(*c, a_catalogue({{"RULE", 1}, {"OTHER", 3}}));
    ASSERT_THAT(fd, IsOk());
    const auto snapshot = read_handover(fd->get());
    ASSERT_THAT(snapshot, IsOk());
    EXPECT_EQ((*snapshot)->configuration->text, c->text);
    EXPECT_EQ((*snapshot)->configuration->milter.mode, Mode::shadow);
    EXPECT_EQ((*snapshot)->catalogue.find("RULE")->score, 2.5) << "the site's score";
    EXPECT_EQ((*snapshot)->catalogue.find("OTHER")->score, 3);
}

TEST(Handover, CanBeReadBySeveralChildren) {
    const auto fd = write_handover(*a_configuration(""), a_catalogue({{"RULE", 1}}));
    ASSERT_THAT(read_handover(fd->get()), IsOk());
    ASSERT_THAT(read_handover(fd->get()), IsOk());
}

TEST(Handover, ThatIsCutIsRefused) {
    const auto whole =
        write_handover(*a_configuration("[log]\nlevel = warn\n"), a_catalogue({{"RULE", 1}}));
    const std::string bytes(Mapping::of(whole->get()).value().bytes());
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{3}, bytes.size() / 2, bytes.size() - 1}) {
        const auto fd = text_descriptor(bytes.substr(0, size));
        EXPECT_THAT(read_handover(fd->get()), FailsWith("malformed handover")) << size;
    }
}

}  // namespace
}  // namespace cordon
