// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/store/memory_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "conf/base/text.h"

namespace cordon {

namespace {

// KEYS log, stream, hosts, snapshot; ARGV the epoch before, epoch, last, snapshot
constexpr const char* kFound =
    "if (redis.call('HGET', KEYS[1], 'epoch') or '') ~= ARGV[1] then return 0 end "
    "redis.call('DEL', KEYS[2], KEYS[3]) redis.call('SET', KEYS[4], ARGV[4]) "
    "redis.call('HSET', KEYS[1], 'epoch', ARGV[2], 'entries', ARGV[3], 'snapshot', ARGV[3]) "
    "return 1";
// KEYS log, stream, hosts; ARGV host, epoch, most, then last change and changes of each entry
constexpr const char* kSend =
    "if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[2] then "
    "return redis.error_reply('EPOCH the log is another one') end "
    "local last = tonumber(redis.call('HGET', KEYS[3], ARGV[1]) or '0') "
    "if redis.call('XLEN', KEYS[2]) >= tonumber(ARGV[3]) then return last end "
    "local time = redis.call('TIME')[1] "
    "for i = 4, #ARGV, 2 do local number = tonumber(ARGV[i]) if number > last then "
    "redis.call('XADD', KEYS[2], string.format('%d-0', redis.call('HINCRBY', KEYS[1], 'entries', "
    "1)), 'h', ARGV[1], 't', time, 'c', ARGV[i + 1]) last = number end end "
    "redis.call('HSET', KEYS[3], ARGV[1], last) return last";
// KEYS log, snapshot, stream; ARGV epoch, place, first entry to keep, snapshot
constexpr const char* kPublish =
    "if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[1] or "
    "tonumber(redis.call('HGET', KEYS[1], 'snapshot') or '0') >= tonumber(ARGV[2]) then return 0 "
    "end redis.call('SET', KEYS[2], ARGV[4]) redis.call('HSET', KEYS[1], 'snapshot', ARGV[2]) "
    "redis.call('XTRIM', KEYS[3], 'MINID', ARGV[3] .. '-0') return 1";

/// The braces keep all keys in one slot of a cluster.
std::string key(const std::string& name) {
    return "{cordon:senders.1}:" + name;
}

/// [h, HOST, t, TIME, c, CHANGES]
Result<void> read_fields(const std::vector<RedisReply>& fields, MemoryEntry& out) {
    constexpr std::size_t kFields = 6;
    if (fields.size() != kFields || !is_host_name(fields[1].text) || fields[3].number <= 0)
        return fail("an entry of other fields");
    auto changes = decode_changes(fields[5].text);
    if (!changes) return tl::unexpected(changes.error());
    out.host = fields[1].text;
    out.time = fields[3].number;
    out.changes = std::move(*changes);
    return {};
}

}  // namespace

Result<MemoryEntry> memory_entry_of(const RedisReply& reply) {
    const auto id =
        reply.items.empty() ? std::string_view() : std::string_view(reply.items[0].text);
    const auto position = parse_unsigned(id.substr(0, id.find('-')));
    if (!position || reply.items.size() != 2) return fail("an answer that makes no sense");
    MemoryEntry out{*position, {}, 0, {}, {}};
    if (auto done = read_fields(reply.items[1].items, out); !done) out.damage = done.error().what;
    return out;
}

MemoryLog::MemoryLog(RedisConnection connection, std::string host)
    : connection_(std::move(connection)), host_(std::move(host)) {}

Result<RedisReply> MemoryLog::run(const char* script, const std::vector<std::string>& names,
                                  const std::vector<std::string>& arguments) {
    RedisCommand command{"EVAL", script, std::to_string(names.size())};
    for (const auto& name : names) command.push_back(key(name));
    command.insert(command.end(), arguments.begin(), arguments.end());
    return connection_.ask(command);
}

Result<MemoryLogState> MemoryLog::state() {
    const std::vector<RedisCommand> questions = {
        {"HMGET", key("log"), "epoch", "entries", "snapshot"}, {"HGET", key("hosts"), host_}};
    const auto replies = connection_.ask_each(questions);
    if (!replies) return tl::unexpected(replies.error());
    const auto& log = replies->at(0).items;
    if (log.size() != 3) return fail("an answer that makes no sense");
    return MemoryLogState{log[0].text, log[1].count(), log[2].count(), replies->at(1).count()};
}

Result<bool> MemoryLog::found(const std::string& before, const std::string& next,
                              const MemorySnapshot& snapshot) {
    const auto reply =
        run(kFound, {"log", "stream", "hosts", "snapshot"},
            {before, next, std::to_string(snapshot.position), encode_snapshot(snapshot)});
    if (!reply) return tl::unexpected(reply.error());
    return reply->number == 1;
}

Result<std::uint64_t> MemoryLog::send(const std::string& epoch,
                                      const std::vector<SpooledChange>& changes) {
    std::vector<std::string> arguments{host_, epoch, std::to_string(kMostEntries)};
    for (std::size_t i = 0; i < changes.size(); i += kChangesOfEntry) {
        const auto end = std::min(i + kChangesOfEntry, changes.size());
        arguments.push_back(std::to_string(changes[end - 1].number));
        arguments.push_back(encode_changes(
            std::vector<SpooledChange>(changes.begin() + static_cast<std::ptrdiff_t>(i),
                                       changes.begin() + static_cast<std::ptrdiff_t>(end))));
    }
    const auto reply = run(kSend, {"log", "stream", "hosts"}, arguments);
    if (!reply) return tl::unexpected(reply.error());
    return reply->count();
}

Result<std::vector<MemoryEntry>> MemoryLog::entries_after(std::uint64_t position,
                                                          std::size_t limit) {
    const auto reply = connection_.ask({"XRANGE", key("stream"), fmt::format("{}-0", position + 1),
                                        "+", "COUNT", std::to_string(limit)});
    if (!reply) return tl::unexpected(reply.error());
    std::vector<MemoryEntry> out;
    for (const auto& item : reply->items) {
        auto entry = memory_entry_of(item);
        if (!entry) return tl::unexpected(entry.error());
        out.push_back(std::move(*entry));
    }
    return out;
}

Result<void> MemoryLog::publish(const std::string& epoch, const MemorySnapshot& snapshot) {
    const auto first =
        snapshot.position > kKeptEntries ? snapshot.position - kKeptEntries : std::uint64_t{0};
    const auto reply = run(kPublish, {"log", "snapshot", "stream"},
                           {epoch, std::to_string(snapshot.position), std::to_string(first),
                            encode_snapshot(snapshot)});
    if (!reply) return tl::unexpected(reply.error());
    return {};
}

Result<MemorySnapshot> MemoryLog::snapshot() {
    const auto reply = connection_.ask({"GET", key("snapshot")});
    if (!reply) return tl::unexpected(reply.error());
    return decode_snapshot(reply->text);
}

}  // namespace cordon
