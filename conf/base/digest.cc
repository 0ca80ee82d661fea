// SPDX-License-Identifier: GPL-2.0-only
#include "conf/base/digest.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <cstdlib>

#include "conf/base/clock.h"
#include "conf/base/text.h"

namespace cordon {

namespace {

/// Fetched once: EVP_sha256() is looked up among the providers at each use, which costs more than
/// to hash a short text.
const EVP_MD* sha256() {
    static EVP_MD* const kMethod = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    return kMethod;
}

}  // namespace

std::string sha256_hex(std::string_view bytes) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, sha256(), nullptr) != 1)
        std::abort();  // out of memory, or an OpenSSL without SHA-256
    return to_hex({reinterpret_cast<const char*>(digest.data()), size});
}

std::string random_hex(std::size_t bytes) {
    std::string out(bytes, '\0');
    if (RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(bytes)) != 1)
        std::abort();  // an id that can be guessed or repeated is worse than a restart
    return to_hex(out);
}

std::string make_message_id() {
    return fmt::format("{:08x}{}", static_cast<std::uint32_t>(unix_time()), random_hex(5));
}

}  // namespace cordon
