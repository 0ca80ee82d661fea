// SPDX-License-Identifier: GPL-2.0-only
// A folder of its own for each test, removed with all that is in it.
#pragma once

#include <string>
#include <string_view>

namespace cordon::test {

class TemporaryDirectory {
 public:
    TemporaryDirectory();
    ~TemporaryDirectory();
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

    const std::string& path() const { return path_; }
    std::string file(std::string_view name) const { return path_ + "/" + std::string(name); }
    /// Writes a file, with the folders that it lies in, and gives its path.
    std::string write(std::string_view name, std::string_view bytes) const;

 private:
    std::string path_;
};

}  // namespace cordon::test
