// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/seal/key_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "conf/base/digest.h"
#include "conf/base/file_descriptor.h"
#include "conf/base/text.h"

namespace cordon {

namespace {

constexpr std::size_t kSecret = 32;
constexpr std::size_t kMaxFile = 64U << 10U;

SealKey new_key(std::int64_t now) {
    SealKey out{random_hex(4), std::string(kSecret, '\0'), now};
    if (::RAND_bytes(reinterpret_cast<unsigned char*>(out.secret.data()), kSecret) != 1)
        std::abort();  // a key that can be guessed seals nothing
    return out;
}

Result<SealKey> read_key(std::string_view line) {
    const auto fields = split(line, ' ');
    if (fields.size() != 3) return fail("no 'ID SECRET TIME'");
    SealKey out;
    out.id = fields[0];
    const auto secret = from_base64url(fields[1]);
    const auto made_at = parse_unsigned(fields[2]);
    if (out.id.size() != 8 || !secret || secret->size() != kSecret || !made_at)
        return fail("no 'ID SECRET TIME'");
    out.secret = *secret;
    out.made_at = static_cast<std::int64_t>(*made_at);
    return out;
}

Result<void> check_permissions(const std::string& path) {
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) return fail_errno(path);
    if ((info.st_mode & 077) != 0)
        return fail(fmt::format("{} can be read by others: chmod 600 {}", path, path));
    return {};
}

}  // namespace

std::string encode_seal_keys(const SealKeys& keys) {
    std::string out = "# Keys that seal held mail, the newest first. Keep a copy.\n";
    for (const auto& key : keys)
        out += fmt::format("{} {} {}\n", key.id, to_base64url(key.secret), key.made_at);
    return out;
}

Result<SealKeys> decode_seal_keys(std::string_view text) {
    SealKeys out;
    std::size_t number = 0;
    for (const auto line : split(text, '\n')) {
        ++number;
        if (trim(line).empty() || line.starts_with('#')) continue;
        auto key = read_key(trim(line));
        if (!key) return wrap(fmt::format("line {}", number), key.error());
        out.push_back(std::move(*key));
    }
    if (out.empty()) return fail("holds no key");
    return out;
}

namespace {

Result<SealKeys> make_key_file(const std::string& path, std::int64_t now) {
    SealKeys keys{new_key(now)};
    if (auto done = replace_file(path, encode_seal_keys(keys), 0600); !done)
        return wrap("writing the key", done.error());
    return keys;
}

}  // namespace

Result<SealKeys> load_seal_keys(const std::string& path, bool may_generate, std::int64_t now) {
    if (::access(path.c_str(), F_OK) != 0) {
        if (errno != ENOENT) return fail_errno(path);
        if (!may_generate)
            return fail(
                fmt::format("the key {} is missing while mail is held: put its copy back; "
                            "if it is lost for ever, put an empty file there for a new one",
                            path));
        return make_key_file(path, now);
    }
    if (auto good = check_permissions(path); !good) return tl::unexpected(good.error());
    const auto text = read_file(path, kMaxFile);
    if (!text) return tl::unexpected(text.error());
    if (text->empty()) return make_key_file(path, now);
    auto keys = decode_seal_keys(*text);
    if (!keys) return wrap(path, keys.error());
    return keys;
}

Result<SealKeys> rotate_seal_keys(const std::string& path, SealKeys keys, std::int64_t now,
                                  std::int64_t keep) {
    keys.insert(keys.begin(), new_key(now));
    // A key sealed until the next one was made: what it sealed last may be held so much longer.
    for (std::size_t i = keys.size() - 1; i > 0; --i)
        if (now - keys[i - 1].made_at > keep) keys.erase(keys.begin() + static_cast<long>(i));
    if (auto done = replace_file(path, encode_seal_keys(keys), 0600); !done)
        return wrap("writing the key", done.error());
    return keys;
}

}  // namespace cordon
