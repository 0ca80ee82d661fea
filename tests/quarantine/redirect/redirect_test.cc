// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/redirect/redirect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cordon {
namespace {

using ::testing::ElementsAre;

TEST(PlanRedirect, AddsTheMailboxWithoutAnyNotice) {
    const auto plan =
        plan_redirect("quarantine@example.org", {{"<a@example.org>", "NOTIFY=FAILURE"}});
    EXPECT_EQ(plan.add, "<quarantine@example.org>");
    EXPECT_EQ(plan.add_parameters, "NOTIFY=NEVER");
}

TEST(PlanRedirect, RemovesRecipientsWithTheBytesReceived) {
    const auto plan =
        plan_redirect("q@example.org", {{"<Alice@EXAMPLE.org>", ""}, {"bare@example.org", ""}});
    EXPECT_THAT(plan.remove, ElementsAre("<Alice@EXAMPLE.org>", "bare@example.org"));
}

TEST(PlanRedirect, RemovesTheSameBytesOnce) {
    const auto plan =
        plan_redirect("q@example.org",
                      {{"<a@example.org>", ""}, {"<A@example.org>", ""}, {"<a@example.org>", ""}});
    EXPECT_THAT(plan.remove, ElementsAre("<a@example.org>", "<A@example.org>"));
}

}  // namespace
}  // namespace cordon
