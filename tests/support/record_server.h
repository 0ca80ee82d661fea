// SPDX-License-Identifier: GPL-2.0-only
// The other side of a SEQPACKET socket: a thread that answers each connection's one record with
// what a function makes of it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "conf/base/ipc.h"

namespace cordon::test {

class RecordServer {
 public:
    /// Nothing: the connection is closed without an answer.
    using Answer = std::function<std::optional<std::string>(Record&)>;

    RecordServer(const std::string& path, Answer answer);
    /// The whole conversation is the function's; the connection is closed after it.
    using Serve = std::function<void(int connection)>;
    RecordServer(const std::string& path, Serve conversation);
    ~RecordServer();
    RecordServer(const RecordServer&) = delete;
    RecordServer& operator=(const RecordServer&) = delete;

 private:
    void serve() const;

    Serve serve_;
    UniqueFd listener_;
    UniqueFd stop_;
    std::thread thread_;
};

}  // namespace cordon::test
