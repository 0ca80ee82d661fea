// SPDX-License-Identifier: GPL-2.0-only
#include "milter/restart_need.h"

#include <gmock/gmock.h>

#include "tests/support/builders.h"

namespace cordon {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::string kBefore =
    "[cordon]\nown-domains = example.org\n[quarantine]\nmailbox = q@example.org\n";

std::vector<std::string> keys_after(const std::string& change) {
    return keys_for_restart(*test::a_configuration(kBefore),
                            *test::a_configuration(kBefore + change));
}

TEST(KeysForRestart, NamesWhatOnlyAStartCanChange) {
    EXPECT_THAT(keys_after("vault-max = 1G\nseal-key-file = /etc/cordon/seal.key\n"),
                ElementsAre("quarantine.vault-max", "quarantine.seal-key-file"));
}

TEST(KeysForRestart, LeavesToAReloadWhatKeeperAndReviewerTakeOver) {
    EXPECT_THAT(keys_after("retention = 1d\nallow-time = 1d\nfolder = Held\nimap-user = q\n"
                           "[policy]\nlearning = nobody\nlanguage = de\ntag = 3\n"),
                IsEmpty());
}

TEST(KeysForRestart, FindsNothingWhereNothingChanged) {
    EXPECT_THAT(keys_after(""), IsEmpty());
}

}  // namespace
}  // namespace cordon
