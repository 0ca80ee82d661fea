// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/store/event_record.h"

#include "tests/support/matchers.h"

namespace cordon {
namespace {

using test::FailsWith;
using test::IsOk;

LearnEvent an_event() {
    return {std::string(64, 'a'), true, LabelOrigin::automatic, encode_features({1, 5, 70'000}),
            1'700'000'000};
}

TEST(EventRecord, GivesTheEventBack) {
    const auto event = decode_event(encode_event(an_event()));
    ASSERT_THAT(event, IsOk());
    EXPECT_EQ(event->identity, an_event().identity);
    EXPECT_TRUE(event->is_spam);
    EXPECT_EQ(event->origin, LabelOrigin::automatic);
    EXPECT_EQ(event->features, an_event().features);
    EXPECT_EQ(event->time, 1'700'000'000);
}

TEST(EventRecord, RefusesWhatIsCutAtAnyByte) {
    const auto whole = encode_event(an_event());
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_FALSE(decode_event(whole.substr(0, size))) << size;
    EXPECT_THAT(decode_event(whole + "x"), FailsWith("damaged"));
}

TEST(EventRecord, RefusesWhatNoHostWouldSay) {
    auto event = an_event();
    event.identity[3] = 'X';
    EXPECT_THAT(decode_event(encode_event(event)), FailsWith("damaged"));
    event = an_event();
    event.origin = static_cast<LabelOrigin>(7);
    EXPECT_THAT(decode_event(encode_event(event)), FailsWith("damaged"));
    event = an_event();
    event.features = "nonsense";
    EXPECT_FALSE(decode_event(encode_event(event)));
    EXPECT_THAT(decode_event("\x02"), FailsWith("another version"));
}

}  // namespace
}  // namespace cordon
