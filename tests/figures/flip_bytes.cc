// SPDX-License-Identifier: GPL-2.0-only
// flip_bytes: every bit of every byte of 20 signed messages is changed in turn; no signature may
// pass where what it covers has changed. (make build/release/figures/flip_bytes)
#include <cstdio>

#include "tests/support/flips.h"

int main() {
    std::size_t flips = 0;
    std::size_t passes = 0;
    std::size_t wrong = 0;
    for (const auto& sample : cordon::test::signed_samples()) {
        const auto count =
            cordon::test::flip_every_byte(sample, {1, 2, 4, 8, 16, 32, 64, 128, 255});
        flips += count.flips;
        passes += count.passes;
        wrong += count.wrong.size();
        for (const auto& line : count.wrong) std::printf("%s\n", line.c_str());
    }
    std::printf(
        "20 messages, %zu changes of a byte: %zu pass, %zu of them though what is signed has "
        "changed\n",
        flips, passes, wrong);
    return wrong == 0 ? 0 : 1;
}
