// SPDX-License-Identifier: GPL-2.0-only
// The file of the keys that seal held mail: one line a key, "ID SECRET MADE-AT", the newest first,
// mode 0600. A key is made only where nothing can be sealed with another: a restored server without
// its key must say so, not begin anew.
#pragma once

#include "quarantine/seal/seal.h"

namespace cordon {

/// Reads the file. Missing, it is made when `may_generate` says that nothing is held, else an
/// error; an empty one is a person's word that a new key shall be made. A file that others can
/// read, or that is damaged, is an error with the remedy.
Result<SealKeys> load_seal_keys(const std::string& path, bool may_generate, std::int64_t now);

/// A new first key; keys that were replaced more than `keep` seconds ago are dropped. Written
/// before it is given back.
Result<SealKeys> rotate_seal_keys(const std::string& path, SealKeys keys, std::int64_t now,
                                  std::int64_t keep);

std::string encode_seal_keys(const SealKeys& keys);
Result<SealKeys> decode_seal_keys(std::string_view text);

}  // namespace cordon
