// SPDX-License-Identifier: GPL-2.0-only
// The unit tests. A socket whose other side has gone is an error to report, not a signal to die of.
#include <gtest/gtest.h>

#include <csignal>

#include "conf/base/log.h"

int main(int argc, char** argv) {
    ::testing::InitGoogleTest(&argc, argv);
    cordon::log::open("unit_tests", cordon::LogTarget::standard_error, cordon::LogFormat::text,
                      cordon::LogLevel::error);
    std::signal(SIGPIPE, SIG_IGN);
    return RUN_ALL_TESTS();
}
