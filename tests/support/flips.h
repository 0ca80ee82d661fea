// SPDX-License-Identifier: GPL-2.0-only
// Signed messages, and what becomes of their signatures when each byte is changed in turn.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/signed_text.h"

namespace cordon::test {

struct SignedSample {
    std::string name;
    std::string message;
    std::string zone;  // with the key
    Coverage coverage;
};
/// Twenty: both kinds of keys, all canonical forms, l=, fields twice and absent, folds, empty
/// bodies.
std::vector<SignedSample> signed_samples();

struct FlipCount {
    std::size_t flips = 0;
    std::size_t passes = 0;          // what the signature does not cover, and other spellings
    std::vector<std::string> wrong;  // passes though what it covers has changed
};
/// Each byte of the message with each of these bits changed.
FlipCount flip_every_byte(const SignedSample& sample, const std::vector<unsigned>& masks);

}  // namespace cordon::test
