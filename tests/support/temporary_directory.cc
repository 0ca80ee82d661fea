// SPDX-License-Identifier: GPL-2.0-only
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace cordon::test {

TemporaryDirectory::TemporaryDirectory()
    : path_(std::filesystem::temp_directory_path() / "cordon-test-XXXXXX") {
    EXPECT_NE(::mkdtemp(path_.data()), nullptr);
}

TemporaryDirectory::~TemporaryDirectory() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
}

std::string TemporaryDirectory::write(std::string_view name, std::string_view bytes) const {
    const std::filesystem::path full = file(name);
    std::filesystem::create_directories(full.parent_path());
    std::ofstream out(full, std::ios::binary);
    out << bytes;
    EXPECT_TRUE(out.flush().good()) << full;
    return full;
}

}  // namespace cordon::test
