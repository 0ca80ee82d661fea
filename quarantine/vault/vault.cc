// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/vault/vault.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <functional>

#include "conf/base/digest.h"
#include "conf/base/owned.h"
#include "conf/base/text.h"

namespace cordon {

namespace {

constexpr std::string_view kNoGoodCopy = "no good copy in the vault";
constexpr std::string_view kHeldSuffix = ".held";
constexpr std::string_view kUnfinishedSuffix = ".part";
constexpr std::string_view kStateSuffix = ".state";
constexpr std::string_view kUnfinishedState = ".state.new";  // replace_file's
constexpr std::size_t kMaxStateBytes = 64U << 20U;

Result<void> for_each_name(const std::string& directory,
                           const std::function<void(const std::string&)>& each) {
    const Owned<DIR, ::closedir> dir(::opendir(directory.c_str()));
    if (!dir) return fail_errno(directory);
    while (const dirent* entry = ::readdir(dir.get())) each(entry->d_name);
    return {};
}

std::uint64_t size_of(const std::string& path) {
    struct stat info {};
    return ::stat(path.c_str(), &info) == 0 ? static_cast<std::uint64_t>(info.st_size) : 0;
}

Result<void> sync_directory(const std::string& directory) {
    const UniqueFd dir(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!dir || ::fsync(dir.get()) != 0) return fail_errno(directory);
    return {};
}

Result<OpenedMessage> open_file(const std::string& path) {
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!fd) return fail_errno(path);
    return read_held(fd.get(), path);
}

}  // namespace

Error no_good_copy(std::string_view why) {
    return {fmt::format("{}: {}", kNoGoodCopy, why)};
}

bool is_no_good_copy(const Error& error) {
    return error.what.starts_with(kNoGoodCopy);
}

Result<OpenedMessage> read_held(int fd, const std::string& name) {
    auto file = Mapping::of(fd);
    if (!file) return wrap(name, file.error());
    OpenedMessage out;
    out.file = std::move(*file);
    std::size_t head_bytes = 0;
    auto message = decode_head(out.file.bytes(), head_bytes);
    if (!message) return tl::unexpected(no_good_copy(name + ": " + message.error().what));
    out.message = std::move(*message);
    out.original = out.file.bytes().substr(head_bytes);
    if (out.original.size() != out.message.size)
        return tl::unexpected(no_good_copy(name + ": the original is cut or grown"));
    return out;
}

Result<std::unique_ptr<Vault>> Vault::open(const std::string& directory, std::uint64_t max_bytes) {
    if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST)
        return fail_errno("vault " + directory);
    if (::access(directory.c_str(), R_OK | W_OK | X_OK) != 0)
        return fail_errno("vault " + directory);
    std::unique_ptr<Vault> vault(new Vault(directory, max_bytes));
    const auto listed = for_each_name(directory, [&](const std::string& name) {
        const std::string path = directory + "/" + name;
        // Nobody was told that an unfinished one is held.
        if (name.ends_with(kUnfinishedSuffix) || name.ends_with(kUnfinishedState))
            ::unlink(path.c_str());
        if (name.ends_with(kHeldSuffix)) vault->used_bytes_ += size_of(path);
    });
    if (!listed) return wrap("vault", listed.error());
    return vault;
}

Result<void> Vault::write_file(const std::string& id, std::string_view head,
                               std::string_view body) const {
    const std::string unfinished = fmt::format("{}/{}{}", directory_, id, kUnfinishedSuffix);
    const std::string path = fmt::format("{}/{}{}", directory_, id, kHeldSuffix);
    // Made by nobody else, the unfinished file is also the lock on its id.
    const UniqueFd fd(::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!fd) return fail_errno(unfinished);
    Result<void> done;
    if (::access(path.c_str(), F_OK) == 0) done = fail_errno(path, EEXIST);
    if (done) done = write_all(fd.get(), head);
    if (done) done = write_all(fd.get(), body);
    if (done && ::fsync(fd.get()) != 0) done = fail_errno("fsync");
    if (done && ::rename(unfinished.c_str(), path.c_str()) != 0) done = fail_errno(path);
    if (!done) ::unlink(unfinished.c_str());
    return done;
}

Result<void> Vault::store(HeldMessage& message, int original) {
    const auto bytes = Mapping::of(original);
    if (!bytes) return wrap("reading the message", bytes.error());
    return store(message, bytes->bytes());
}

Result<void> Vault::store(HeldMessage& message, std::string_view original) {
    if (!is_message_id(message.id)) return fail("invalid message id");
    message.size = original.size();
    message.sha256 = sha256_hex(original);
    const std::string head = encode_head(message);
    const std::uint64_t needed = head.size() + message.size;
    if (used_bytes_.fetch_add(needed) + needed > max_bytes_) {
        used_bytes_ -= needed;
        return fail(
            fmt::format("the vault {} is full ({} of {} bytes): raise [quarantine] vault-max or "
                        "review held mail",
                        directory_, used_bytes_.load(), max_bytes_));
    }
    auto done = write_file(message.id, head, original);
    if (!done) used_bytes_ -= needed;
    if (done) done = sync_directory(directory_);
    if (!done) return wrap("writing to the vault " + directory_, done.error());
    return {};
}

std::string Vault::path_of(std::string_view id, std::string_view suffix) const {
    return fmt::format("{}/{}{}", directory_, id, suffix);
}

Result<UniqueFd> Vault::open_file(std::string_view id) const {
    if (!is_message_id(id)) return fail(fmt::format("'{}' is not an id", printable(id, 80)));
    const auto path = path_of(id, kHeldSuffix);
    UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!fd && errno == ENOENT) return tl::unexpected(no_good_copy(path + " is gone"));
    if (!fd) return fail_errno(path);
    return fd;
}

bool Vault::has(std::string_view id) const {
    return is_message_id(id) && ::access(path_of(id, kHeldSuffix).c_str(), F_OK) == 0;
}

Result<void> Vault::remove(std::string_view id) {
    if (!is_message_id(id)) return fail(fmt::format("'{}' is not an id", printable(id, 80)));
    const auto path = path_of(id, kHeldSuffix);
    const auto size = size_of(path);
    // The message first: states without a message mean nothing, a message without states is held.
    if (::unlink(path.c_str()) == 0)
        used_bytes_ -= size;
    else if (errno != ENOENT)
        return fail_errno(path);
    if (auto done = sync_directory(directory_); !done) return done;
    const auto state = path_of(id, kStateSuffix);
    if (::unlink(state.c_str()) != 0 && errno != ENOENT) return fail_errno(state);
    return {};
}

Result<std::vector<std::string>> Vault::ids() const {
    std::vector<std::string> out;
    const auto listed = for_each_name(directory_, [&](const std::string& name) {
        if (!name.ends_with(kHeldSuffix)) return;
        out.push_back(name.substr(0, name.size() - kHeldSuffix.size()));
    });
    if (!listed) return tl::unexpected(listed.error());
    std::sort(out.begin(), out.end());
    return out;
}

Result<void> Vault::write_state(std::string_view id, std::string_view text) const {
    if (!is_message_id(id)) return fail(fmt::format("'{}' is not an id", printable(id, 80)));
    return replace_file(path_of(id, kStateSuffix), text, 0600);
}

std::string Vault::read_state(std::string_view id) const {
    if (!is_message_id(id)) return {};
    return read_file(path_of(id, kStateSuffix), kMaxStateBytes).value_or("");
}

Result<OpenedMessage> open_held(const std::string& directory, std::string_view id) {
    if (!is_message_id(id)) return fail(fmt::format("'{}' is not an id", printable(id, 80)));
    return open_file(fmt::format("{}/{}{}", directory, id, kHeldSuffix));
}

Result<std::vector<HeldMessage>> list_held(const std::string& directory,
                                           std::vector<std::string>& damaged) {
    std::vector<HeldMessage> out;
    const auto listed = for_each_name(directory, [&](const std::string& name) {
        if (!name.ends_with(kHeldSuffix)) return;
        auto opened = open_file(directory + "/" + name);
        if (opened)
            out.push_back(std::move(opened->message));
        else
            damaged.push_back(opened.error().what);
    });
    if (!listed) return tl::unexpected(listed.error());
    std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
        return std::tie(a.received_at, a.id) < std::tie(b.received_at, b.id);
    });
    return out;
}

}  // namespace cordon
