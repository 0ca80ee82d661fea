// SPDX-License-Identifier: GPL-2.0-only
// A connection to Redis or Valkey (hiredis): commands one by one or pipelined, each read and write
// bounded in time. What the server answers is copied into plain values. A program that uses it
// ignores SIGPIPE. Belongs to one thread at a time.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "conf/base/clock.h"
#include "conf/base/owned.h"
#include "conf/base/result.h"
#include "conf/store_url.h"

struct redisContext;
extern "C" void redisFree(redisContext*);

namespace cordon {

struct RedisReply {
    enum class Kind : std::uint8_t { nil, text, number, list, error };
    Kind kind = Kind::nil;
    std::string text;         // also of an error: "OOM command not allowed ..."
    std::int64_t number = 0;  // also of a text that reads as one
    std::vector<RedisReply> items;

    bool is_nil() const { return kind == Kind::nil; }
    /// As a count: nothing, and what is no number, is none.
    std::uint64_t count() const { return number > 0 ? static_cast<std::uint64_t>(number) : 0; }
};

using RedisCommand = std::vector<std::string>;

class RedisConnection {
 public:
    /// Connected, authenticated where `password` is not empty, in the database of the URL. `time`
    /// bounds the connect and each single read or write from then on.
    static Result<RedisConnection> open(const StoreUrl& url, const std::string& password,
                                        Milliseconds time);

    /// What the server refuses is an error in its words.
    Result<RedisReply> ask(const RedisCommand& command);
    /// All at once, one reply for each; what the server refuses is among them. Fails when the
    /// connection is lost.
    Result<std::vector<RedisReply>> ask_all(std::span<const RedisCommand> commands);
    /// Likewise, but the first that the server refuses is the error of all.
    Result<std::vector<RedisReply>> ask_each(std::span<const RedisCommand> commands);

    /// After an error of the connection itself: of no more use.
    bool is_broken() const { return is_broken_; }
    int fd() const;

 private:
    explicit RedisConnection(redisContext* context) : context_(context) {}
    tl::unexpected<Error> broken();

    Owned<redisContext, redisFree> context_;
    bool is_broken_ = false;
};

}  // namespace cordon
