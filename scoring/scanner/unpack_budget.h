// SPDX-License-Identifier: GPL-2.0-only
// What libclamav may look at in one message, everything that it unpacks included: in proportion to
// the message, so that large archives are read, and thirty small bombs stop like one.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

namespace cordon {

class UnpackBudget {
 public:
    /// `base` is what a message of any size may unpack to.
    UnpackBudget(std::uint64_t message_size, std::uint64_t base)
        : total_(base + kPerByte * message_size), left_(total_) {}

    /// Nothing more is unpacked.
    bool is_spent() const { return left_ == 0; }
    /// Something was, or may have been, passed over.
    bool is_exceeded() const { return is_exceeded_; }
    /// For the next object of that size, which may at least be looked at as it is.
    std::uint64_t left_for(std::uint64_t size) const { return std::max(left_, size + kSlack); }
    void spend(std::uint64_t bytes) { left_ -= std::min(left_, bytes); }
    /// An object needs more than there is.
    void exceed() {
        left_ = 0;
        is_exceeded_ = true;
    }
    /// Of two ways through the same bytes the dearer one counts.
    void count_once_with(const UnpackBudget& other) {
        left_ = std::min(left_, other.left_);
        is_exceeded_ = is_exceeded_ || other.is_exceeded_;
    }
    std::string reason() const {
        return "limit: the message unpacks to more than " + std::to_string(total_ >> 20U) + " MB";
    }

 private:
    // Each byte is looked at as it came, decoded, and in the archives around it.
    static constexpr std::uint64_t kPerByte = 8;
    static constexpr std::uint64_t kSlack = 4096;

    std::uint64_t total_;
    std::uint64_t left_;
    bool is_exceeded_ = false;
};

}  // namespace cordon
