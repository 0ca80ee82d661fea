// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/store/redis_connection.h"

#include <fmt/format.h>
#include <hiredis/hiredis.h>
#include <sys/time.h>

#include <charconv>

#include "conf/base/text.h"

namespace cordon {

namespace {

constexpr std::size_t kMostNesting = 8;  // XRANGE nests four deep

timeval timeval_of(Milliseconds time) {
    return {time.count() / 1000, time.count() % 1000 * 1000};
}

std::int64_t number_in(const std::string& text) {
    std::int64_t out = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc() && end == text.data() + text.size() ? out : 0;
}

RedisReply copy_of(const redisReply& reply, std::size_t depth) {
    RedisReply out;
    switch (reply.type) {
        case REDIS_REPLY_INTEGER:
            out.kind = RedisReply::Kind::number;
            out.number = reply.integer;
            break;
        case REDIS_REPLY_STRING:
        case REDIS_REPLY_STATUS:
        case REDIS_REPLY_ERROR:
            out.kind =
                reply.type == REDIS_REPLY_ERROR ? RedisReply::Kind::error : RedisReply::Kind::text;
            out.text.assign(reply.str, reply.len);
            out.number = number_in(out.text);
            break;
        case REDIS_REPLY_ARRAY:
            out.kind = RedisReply::Kind::list;
            for (std::size_t i = 0; i < reply.elements && depth < kMostNesting; ++i)
                out.items.push_back(copy_of(*reply.element[i], depth + 1));
            break;
        default: break;
    }
    return out;
}

void free_reply(redisReply* reply) {
    ::freeReplyObject(reply);
}

std::string words_of(const RedisReply& reply) {
    return printable(reply.text, 200);
}

}  // namespace

Result<RedisConnection> RedisConnection::open(const StoreUrl& url, const std::string& password,
                                              Milliseconds time) {
    const auto wait = timeval_of(time);
    RedisConnection out(url.socket.empty()
                            ? ::redisConnectWithTimeout(url.host.c_str(), url.port, wait)
                            : ::redisConnectUnixWithTimeout(url.socket.c_str(), wait));
    if (!out.context_) return fail("no memory for a connection");
    if (out.context_->err != 0) return out.broken();
    if (::redisSetTimeout(out.context_.get(), wait) != REDIS_OK) return out.broken();
    if (!password.empty())
        if (auto done = out.ask({"AUTH", password}); !done) return tl::unexpected(done.error());
    if (url.database != 0)
        if (auto done = out.ask({"SELECT", std::to_string(url.database)}); !done)
            return tl::unexpected(done.error());
    return out;
}

int RedisConnection::fd() const {
    return context_->fd;
}

tl::unexpected<Error> RedisConnection::broken() {
    is_broken_ = true;
    const bool is_late = context_->err == REDIS_ERR_IO && errno == EAGAIN;
    return fail(is_late ? "no answer in time" : printable(context_->errstr, 200));
}

Result<RedisReply> RedisConnection::ask(const RedisCommand& command) {
    auto replies = ask_all({&command, 1});
    if (!replies) return tl::unexpected(replies.error());
    auto& reply = replies->front();
    if (reply.kind == RedisReply::Kind::error) return fail(words_of(reply));
    return std::move(reply);
}

Result<std::vector<RedisReply>> RedisConnection::ask_all(std::span<const RedisCommand> commands) {
    for (const auto& command : commands) {
        std::vector<const char*> words;
        std::vector<std::size_t> sizes;
        for (const auto& word : command) {
            words.push_back(word.data());
            sizes.push_back(word.size());
        }
        if (::redisAppendCommandArgv(context_.get(), static_cast<int>(words.size()), words.data(),
                                     sizes.data()) != REDIS_OK)
            return broken();
    }
    std::vector<RedisReply> out;
    for (std::size_t i = 0; i < commands.size(); ++i) {
        void* raw = nullptr;
        errno = 0;
        if (::redisGetReply(context_.get(), &raw) != REDIS_OK) return broken();
        const Owned<redisReply, free_reply> reply(static_cast<redisReply*>(raw));
        if (!reply) return broken();
        out.push_back(copy_of(*reply, 0));
    }
    return out;
}

Result<std::vector<RedisReply>> RedisConnection::ask_each(std::span<const RedisCommand> commands) {
    auto replies = ask_all(commands);
    if (!replies) return replies;
    for (const auto& reply : *replies)
        if (reply.kind == RedisReply::Kind::error) return fail(words_of(reply));
    return replies;
}

}  // namespace cordon
