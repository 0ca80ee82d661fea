// SPDX-License-Identifier: GPL-2.0-only
// Matchers for Result<T>: EXPECT_THAT(result, IsOk()) shows the error, FailsWith("words") wants one
// that contains the words.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "conf/base/result.h"

namespace cordon::test {

MATCHER(IsOk, "is good") {
    if (arg) return true;
    *result_listener << "the error is: " << arg.error().what;
    return false;
}

MATCHER_P(FailsWith, words, std::string("fails with ") + words) {
    if (arg) {
        *result_listener << "there is no error";
        return false;
    }
    *result_listener << "the error is: " << arg.error().what;
    return arg.error().what.find(words) != std::string::npos;
}

}  // namespace cordon::test
