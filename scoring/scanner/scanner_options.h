// SPDX-License-Identifier: GPL-2.0-only
// What the scanner is told: the part of the configuration that zygotes and workers need, as plain
// data.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "conf/base/clock.h"
#include "conf/signature_map.h"

namespace cordon {

enum class PoolKind : std::uint8_t { content, antivirus };

/// What libclamav gets to see of a message.
enum class ClamScan : std::uint8_t {
    parts,  // the raw message without libclamav's mail parser, and the parts that we decoded
    whole,  // the whole message, decoded by libclamav
    both,
};

struct ScannerOptions {
    PoolKind pool = PoolKind::content;
    unsigned workers = 4;
    Milliseconds timeout{20'000};  // a message never takes longer
    std::uint64_t memory_limit = 512U
                                 << 20U;  // a worker beyond its zygote; also its temporary space
    std::uint64_t max_message_size = 50U << 20U;
    std::uint64_t unpacked_bytes = 192U << 20U;  // of any message; more in proportion to its size
    // The life of one worker: whichever comes first ends it.
    std::uint32_t worker_messages = 500;
    Milliseconds worker_age{600'000};
    std::uint64_t worker_growth = 128U << 20U;  // of its own memory since it was ready
    Milliseconds canary_every{60'000};          // and in between it proves itself anew
    std::vector<std::string> rule_paths;        // files or folders of *.rules
    std::vector<std::string> own_domains;
    int weights_fd = -1;   // the classifier's table, read-only; -1: no classifier
    std::string database;  // folder of signatures
    ClamScan scan = ClamScan::parts;
    SignatureMap signatures;
    std::string temp_directory = "/tmp";  // for loading, and for workers without namespaces
};

}  // namespace cordon
