// SPDX-License-Identifier: GPL-2.0-only
#include "conf/store_url.h"

#include <gtest/gtest.h>

#include "tests/support/matchers.h"

namespace cordon {
namespace {

using test::FailsWith;
using test::IsOk;

TEST(StoreUrl, LocalSharesNothing) {
    const auto url = parse_store_url("local");
    ASSERT_THAT(url, IsOk());
    EXPECT_FALSE(url->is_shared());
}

TEST(StoreUrl, NamesHostPortAndDatabase) {
    const auto url = parse_store_url("redis://[2001:db8::1]:6380/3");
    ASSERT_THAT(url, IsOk());
    EXPECT_EQ(url->host, "2001:db8::1");
    EXPECT_EQ(url->port, 6380);
    EXPECT_EQ(url->database, 3U);
}

TEST(StoreUrl, KnowsTheUsualPort) {
    const auto url = parse_store_url("redis://store.example.org/");
    ASSERT_THAT(url, IsOk());
    EXPECT_EQ(url->port, 6379);
    EXPECT_EQ(url->database, 0U);
}

TEST(StoreUrl, NamesASocket) {
    const auto url = parse_store_url("unix:/run/redis/redis.sock");
    ASSERT_THAT(url, IsOk());
    EXPECT_EQ(url->socket, "/run/redis/redis.sock");
    EXPECT_TRUE(url->is_shared());
}

TEST(StoreUrl, RefusesWhatItDoesNotKnow) {
    for (const auto* const text :
         {"", "redis", "rediss://host", "redis://", "redis://host/x", "redis://host/99999999",
          "redis://host:0", "unix:relative", "mysql://host", "redis://user:secret@host"})
        EXPECT_THAT(parse_store_url(text), FailsWith("'")) << text;
}

}  // namespace
}  // namespace cordon
