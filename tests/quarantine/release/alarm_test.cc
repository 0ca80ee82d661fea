// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/release/alarm.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <utime.h>

#include "conf/base/text.h"
#include "quarantine/keeper/item_messages.h"
#include "tests/support/builders.h"
#include "tests/support/temporary_directory.h"

namespace cordon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::int64_t kNow = 1'800'000'000;
constexpr std::int64_t kDay = 86'400;

KeepingStatus a_status() {
    KeepingStatus out;
    out.vault_limit = 100U << 20U;
    return out;
}

struct Site {
    std::vector<std::string> troubles(std::int64_t signature_time,
                                      const KeepingStatus& keeping = a_status()) const {
        const auto path = folder.write("db/x.ndb", "x");
        const utimbuf times{signature_time, signature_time};
        EXPECT_EQ(::utime(path.c_str(), &times), 0);
        return find_troubles(
            *test::a_configuration("[clamav]\ndatabase = " + folder.file("db") + "\n"), keeping,
            kNow);
    }
    test::TemporaryDirectory folder;
};

TEST(Alarm, IsSilentWhileAllIsWell) {
    EXPECT_THAT(Site().troubles(kNow - kDay), IsEmpty());
}

TEST(Alarm, TellsOfSignaturesThatNobodyRenews) {
    EXPECT_THAT(Site().troubles(kNow - 5 * kDay), ElementsAre(HasSubstr("5 days old")));
    const test::TemporaryDirectory empty;
    EXPECT_FALSE(signature_age(empty.path(), kNow));
    EXPECT_FALSE(signature_age("/nonexistent", kNow));
}

TEST(Alarm, NamesReleasesThatDoNotGetThrough) {
    auto keeping = a_status();
    keeping.stuck = 1;
    keeping.stuck_ids = {"67a1b2c3"};
    EXPECT_THAT(Site().troubles(kNow, keeping),
                ElementsAre(HasSubstr("more than an hour: 67a1b2c3. ")));
}

TEST(Alarm, TellsOfALostKeyAndOfNothingThatCanWait) {
    KeepingStatus keeping = a_status();
    keeping.states = {{ItemState::failed, 4, 1}};
    EXPECT_THAT(Site().troubles(kNow, keeping), IsEmpty());
    keeping.expiry_pause = "a seal key is missing or unknown";
    keeping.misses_key = true;
    EXPECT_THAT(Site().troubles(kNow, keeping), ElementsAre(HasSubstr("nothing expires")));
}

TEST(AlarmMail, AsksForNoReplyAndHasOnlyWholeLines) {
    const auto mail = alarm_mail("postmaster@example.org", "mx.example.org", {"One."}, kNow);
    EXPECT_THAT(mail, HasSubstr("Auto-Submitted: auto-generated\r\n"));
    EXPECT_THAT(mail, HasSubstr("\r\n\r\n* One.\r\n"));
    for (const auto line : split(mail, '\n'))
        EXPECT_TRUE(line.empty() || line.ends_with('\r')) << line;
}

}  // namespace
}  // namespace cordon
