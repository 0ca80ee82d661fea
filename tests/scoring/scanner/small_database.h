// SPDX-License-Identifier: GPL-2.0-only
// A signature database with the EICAR test file alone, in a folder that lives as long as the
// object.
#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "conf/base/file_descriptor.h"
#include "conf/base/text.h"
#include "scoring/scanner/canary.h"

namespace cordon::test {

class SmallDatabase {
 public:
    SmallDatabase() : folder_(::testing::TempDir() + "cordon-db-XXXXXX") {
        EXPECT_NE(::mkdtemp(folder_.data()), nullptr);
        EXPECT_EQ(::chmod(folder_.c_str(), 0755), 0);
        add("eicar.ndb", "Eicar-Test-Signature:0:0:" + to_hex(eicar()) + "\n");
    }
    SmallDatabase(const SmallDatabase&) = delete;
    SmallDatabase& operator=(const SmallDatabase&) = delete;
    ~SmallDatabase() {
        std::error_code error;
        std::filesystem::remove_all(folder_, error);
    }

    const std::string& folder() const { return folder_; }
    void add(const std::string& name, const std::string& content) const {
        EXPECT_TRUE(replace_file(folder_ + "/" + name, content, 0644));
    }
    void remove(const std::string& name) const { std::filesystem::remove(folder_ + "/" + name); }

 private:
    std::string folder_;
};

}  // namespace cordon::test
