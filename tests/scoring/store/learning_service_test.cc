// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/store/learning_service.h"

#include <cstdlib>
#include <filesystem>

#include "tests/support/matchers.h"

namespace cordon {
namespace {

using test::IsOk;

LearnEvent event(unsigned number, LabelOrigin origin) {
    return {std::to_string(number), true, origin, encode_features({number, 5000}), 1};
}

TEST(LearningService, LearnsWhatManyThreadsTeachAndWhatIsPosted) {
    std::string folder = ::testing::TempDir() + "service-XXXXXX";
    ASSERT_NE(::mkdtemp(folder.data()), nullptr);
    {
        auto store = LearningStore::open(folder + "/learning", "");
        ASSERT_THAT(store, IsOk());
        const auto service = LearningService::start(std::move(*store));
        {
            std::vector<std::jthread> teachers;
            for (unsigned t = 0; t < 4; ++t)
                teachers.emplace_back([&service, t] {
                    for (unsigned i = 0; i < 25; ++i)
                        EXPECT_THAT(service->learn({event(100 * t + i, LabelOrigin::person)}),
                                    IsOk());
                });
        }
        EXPECT_EQ(service->counts().spam, 100U);
        EXPECT_TRUE(service->post(event(4000, LabelOrigin::automatic)));
    }
    const auto again = LearningStore::open(folder + "/learning", "");
    ASSERT_THAT(again, IsOk());
    EXPECT_EQ((*again)->counts().spam, 101U);
    std::filesystem::remove_all(folder);
}

TEST(LearningService, DropsPostedEventsRatherThanGrow) {
    std::string folder = ::testing::TempDir() + "service-XXXXXX";
    ASSERT_NE(::mkdtemp(folder.data()), nullptr);
    {
        auto store = LearningStore::open(folder + "/learning", "");
        ASSERT_THAT(store, IsOk());
        const auto service = LearningService::start(std::move(*store));
        bool was_dropped = false;
        for (unsigned i = 0; i < 200'000 && !was_dropped; ++i)
            was_dropped = !service->post(event(i % 1000, LabelOrigin::automatic));
        EXPECT_TRUE(was_dropped);
    }
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace cordon
