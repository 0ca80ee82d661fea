// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/store/shared_store.h"

#include <fmt/format.h>

#include "conf/base/text.h"
#include "scoring/store/event_record.h"
#include "scoring/store/weight_table.h"

namespace cordon {

namespace {

// KEYS lock, log; ARGV time, name
constexpr const char* kTakeLock =
    "if redis.call('EXISTS', KEYS[1]) == 1 then return '' end "
    "local holder = string.format('%d %s', redis.call('HINCRBY', KEYS[2], 'fence', 1), ARGV[2]) "
    "redis.call('SET', KEYS[1], holder, 'NX', 'PX', ARGV[1]) return holder";
// KEYS lock; ARGV holder, time
constexpr const char* kKeepLock =
    "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end "
    "return redis.call('PEXPIRE', KEYS[1], ARGV[2])";
constexpr const char* kLeaveLock =
    "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end return redis.call('DEL', KEYS[1])";
// KEYS lock, log, stream, hosts, table; ARGV holder, epoch, last
constexpr const char* kFound =
    "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end "
    "redis.call('DEL', KEYS[3], KEYS[4], KEYS[5]) "
    "redis.call('HSET', KEYS[2], 'epoch', ARGV[2], 'events', ARGV[3]) return 1";
// KEYS log, stream, hosts; ARGV host, epoch, most, then number and event of each
constexpr const char* kSend =
    "if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[2] then "
    "return redis.error_reply('EPOCH the log is another one') end "
    "local last = tonumber(redis.call('HGET', KEYS[3], ARGV[1]) or '0') "
    "if redis.call('XLEN', KEYS[2]) >= tonumber(ARGV[3]) then return last end "
    "for i = 4, #ARGV, 2 do local number = tonumber(ARGV[i]) if number > last then "
    "redis.call('XADD', KEYS[2], string.format('%d-0', redis.call('HINCRBY', KEYS[1], 'events', "
    "1)), 'e', ARGV[i + 1]) last = number end end "
    "redis.call('HSET', KEYS[3], ARGV[1], last) return last";
// KEYS lock, table, stream; ARGV holder, last, first event to keep, table
constexpr const char* kPublish =
    "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end "
    "redis.call('HSET', KEYS[2], 'bytes', ARGV[4], 'events', ARGV[2], 'holder', ARGV[1]) "
    "redis.call('XTRIM', KEYS[3], 'MINID', ARGV[3] .. '-0') "
    "return redis.call('HINCRBY', KEYS[2], 'count', 1)";

/// "1234-0"
std::optional<std::uint64_t> event_number(const std::string& id) {
    return parse_unsigned(std::string_view(id).substr(0, id.find('-')));
}

const std::string* field_of(const RedisReply& entry) {
    if (entry.items.size() != 2 || entry.items[1].items.size() < 2) return nullptr;
    return &entry.items[1].items[1].text;
}

}  // namespace

SharedStore::SharedStore(RedisConnection connection, std::string host)
    : connection_(std::move(connection)), host_(std::move(host)) {}

/// The braces keep all keys in one slot of a cluster.
std::string SharedStore::key(std::string_view name) const {
    return fmt::format("{{cordon:{}.{}}}:{}", kTableVersion, kFeatureVersion, name);
}

Result<RedisReply> SharedStore::run(const char* script, const std::vector<std::string>& names,
                                    const std::vector<std::string>& arguments) {
    RedisCommand command{"EVAL", script, std::to_string(names.size())};
    for (const auto& name : names) command.push_back(key(name));
    command.insert(command.end(), arguments.begin(), arguments.end());
    return connection_.ask(command);
}

Result<SharedState> SharedStore::state() {
    const std::vector<RedisCommand> questions = {{"HMGET", key("log"), "epoch", "events"},
                                                 {"HGET", key("hosts"), host_},
                                                 {"HGET", key("table"), "count"},
                                                 {"GET", key("lock")}};
    const auto replies = connection_.ask_each(questions);
    if (!replies) return tl::unexpected(replies.error());
    const auto& log = replies->at(0).items;
    if (log.size() != 2) return fail("an answer that makes no sense");
    return SharedState{log[0].text, log[1].count(), replies->at(1).count(), replies->at(2).count(),
                       replies->at(3).text};
}

Result<std::optional<std::string>> SharedStore::take_lock(Milliseconds time,
                                                          const std::string& host_name) {
    const auto reply = run(kTakeLock, {"lock", "log"}, {std::to_string(time.count()), host_name});
    if (!reply) return tl::unexpected(reply.error());
    return reply->text.empty() ? std::nullopt : std::optional(reply->text);
}

Result<bool> SharedStore::keep_lock(const std::string& holder, Milliseconds time) {
    const auto reply = run(kKeepLock, {"lock"}, {holder, std::to_string(time.count())});
    if (!reply) return tl::unexpected(reply.error());
    return reply->number == 1;
}

Result<void> SharedStore::leave_lock(const std::string& holder) {
    const auto reply = run(kLeaveLock, {"lock"}, {holder});
    if (!reply) return tl::unexpected(reply.error());
    return {};
}

Result<bool> SharedStore::found(const std::string& holder, const std::string& epoch,
                                std::uint64_t last) {
    const auto reply = run(kFound, {"lock", "log", "stream", "hosts", "table"},
                           {holder, epoch, std::to_string(last)});
    if (!reply) return tl::unexpected(reply.error());
    return reply->number == 1;
}

Result<std::uint64_t> SharedStore::send(const std::string& epoch,
                                        const std::vector<SpooledEvent>& events) {
    std::vector<std::string> arguments{host_, epoch, std::to_string(kMostWaiting)};
    for (const auto& [number, event] : events) {
        arguments.push_back(std::to_string(number));
        arguments.push_back(encode_event(event));
    }
    const auto reply = run(kSend, {"log", "stream", "hosts"}, arguments);
    if (!reply) return tl::unexpected(reply.error());
    return reply->count();
}

Result<std::vector<SpooledEvent>> SharedStore::events_after(std::uint64_t number,
                                                            std::size_t limit) {
    const auto reply = connection_.ask({"XRANGE", key("stream"), fmt::format("{}-0", number + 1),
                                        "+", "COUNT", std::to_string(limit)});
    if (!reply) return tl::unexpected(reply.error());
    std::vector<SpooledEvent> out;
    for (const auto& entry : reply->items) {
        const auto* const bytes = field_of(entry);
        const auto id = bytes == nullptr ? std::nullopt : event_number(entry.items[0].text);
        if (!id) return fail("an entry of the stream that makes no sense");
        auto event = decode_event(*bytes);
        if (!event) ++damaged_;
        // One without features teaches nothing, but its number has been seen.
        SpooledEvent one{*id, event ? std::move(*event) : LearnEvent()};
        if (one.event.features.empty()) one.event.features = encode_features({});
        out.push_back(std::move(one));
    }
    return out;
}

Result<std::optional<std::uint64_t>> SharedStore::publish(const std::string& holder,
                                                          std::uint64_t last,
                                                          const std::string& table) {
    const std::uint64_t first = last > kKeptEvents ? last - kKeptEvents : 0;
    const auto reply = run(kPublish, {"lock", "table", "stream"},
                           {holder, std::to_string(last), std::to_string(first), table});
    if (!reply) return tl::unexpected(reply.error());
    return reply->number == 0 ? std::nullopt : std::optional(reply->count());
}

Result<std::string> SharedStore::table() {
    auto reply = connection_.ask({"HGET", key("table"), "bytes"});
    if (!reply) return tl::unexpected(reply.error());
    return std::move(reply->text);
}

}  // namespace cordon
