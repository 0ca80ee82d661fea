// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/lookups/name_server.h"

#include <algorithm>
#include <array>

#include "conf/base/log.h"
#include "conf/base/text.h"
#include "scoring/lookups/dns_message.h"

namespace cordon {

namespace {

constexpr Milliseconds kFirstPause(1000);
constexpr Milliseconds kLongestPause(10'000);
constexpr int kPayload = 1232;

tl::unexpected<Error> fail_ares(const std::string& thing, int status) {
    return fail(thing + ": " + ::ares_strerror(status));
}

}  // namespace

/// What c-ares carries through to answered().
struct NameServer::Query {
    NameServer& server;
    DnsQuestion question;
    Done done;
};

Result<void> start_ares() {
    static const int status = ::ares_library_init(ARES_LIB_INIT_ALL);
    if (status != ARES_SUCCESS) return fail_ares("c-ares", status);
    return {};
}

Result<std::vector<std::string>> system_name_servers() {
    ares_channel channel = nullptr;
    if (const int status = ::ares_init(&channel); status != ARES_SUCCESS)
        return fail_ares("name servers of the system", status);
    ares_addr_port_node* list = nullptr;
    const int status = ::ares_get_servers_ports(channel, &list);
    std::vector<std::string> out;
    for (auto* node = list; node != nullptr; node = node->next) {
        std::array<char, INET6_ADDRSTRLEN> text{};
        ::ares_inet_ntop(node->family, &node->addr, text.data(), text.size());
        const std::string port = node->udp_port != 0 ? std::to_string(node->udp_port) : "53";
        out.push_back((node->family == AF_INET6 ? "[" + std::string(text.data()) + "]"
                                                : std::string(text.data())) +
                      ":" + port);
    }
    ::ares_free_data(list);
    ::ares_destroy(channel);
    if (status != ARES_SUCCESS) return fail_ares("name servers of the system", status);
    return out;
}

Result<std::unique_ptr<NameServer>> NameServer::open(const std::string& address,
                                                     Milliseconds timeout) {
    ares_options options{};
    options.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_NOCHECKRESP |
                    ARES_FLAG_EDNS | ARES_FLAG_STAYOPEN;
    options.timeout = static_cast<int>(std::max<std::int64_t>(timeout.count(), 1));
    options.tries = 1;
    options.ednspsz = kPayload;
    ares_channel channel = nullptr;
    const int status = ::ares_init_options(
        &channel, &options,
        ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_EDNSPSZ);
    if (status != ARES_SUCCESS) return fail_ares("c-ares", status);
    std::unique_ptr<NameServer> out(new NameServer(address, channel));
    if (const int set = ::ares_set_servers_ports_csv(channel, address.c_str()); set != ARES_SUCCESS)
        return fail_ares("name server " + printable(address, 80), set);
    out->probe();
    return out;
}

NameServer::~NameServer() {
    is_closing_ = true;
    ::ares_destroy(channel_);
}

void NameServer::answered(void* query, int status, int, unsigned char* bytes, int size) {
    const std::unique_ptr<Query> own(static_cast<Query*>(query));
    std::unique_ptr<DnsAnswer> answer;
    if (status == ARES_SUCCESS && bytes != nullptr && size > 0) {
        answer = std::make_unique<DnsAnswer>(parse_answer(
            {reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)}, own->question));
        own->server.last_answer_ = Steady::now();
    }
    own->done(std::move(answer));
}

void NameServer::send(const DnsQuestion& question, Done done) {
    const auto bytes = encode_query(question, 0);  // c-ares puts a random id in
    auto query = std::make_unique<Query>(Query{*this, question, std::move(done)});
    ::ares_send(channel_, reinterpret_cast<const unsigned char*>(bytes.data()),
                static_cast<int>(bytes.size()), answered, query.release());
}

void NameServer::add_polls(std::vector<pollfd>& out) const {
    std::array<ares_socket_t, ARES_GETSOCK_MAXNUM> sockets{};
    const auto mask =
        static_cast<unsigned>(::ares_getsock(channel_, sockets.data(), ARES_GETSOCK_MAXNUM));
    for (unsigned i = 0; i < ARES_GETSOCK_MAXNUM; ++i) {
        const bool reads = (mask >> i & 1U) != 0;
        const bool writes = (mask >> (i + ARES_GETSOCK_MAXNUM) & 1U) != 0;
        if (!reads && !writes) continue;
        const int events = (reads ? POLLIN : 0) | (writes ? POLLOUT : 0);
        out.push_back({sockets.at(i), static_cast<short>(events), 0});
    }
}

void NameServer::process() {
    std::vector<pollfd> entries;
    add_polls(entries);
    if (!entries.empty() && ::poll(entries.data(), entries.size(), 0) > 0) {
        for (const auto& entry : entries) {
            const bool reads = (entry.revents & (POLLIN | POLLERR | POLLHUP)) != 0;
            const bool writes = (entry.revents & POLLOUT) != 0;
            if (reads || writes)
                ::ares_process_fd(channel_, reads ? entry.fd : ARES_SOCKET_BAD,
                                  writes ? entry.fd : ARES_SOCKET_BAD);
        }
    }
    ::ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);  // what timed out
    if (!is_up_ && !is_probing_ && Steady::now() >= next_probe_) probe();
}

Milliseconds NameServer::next_event() const {
    timeval left{};
    timeval most{kLongestPause.count() / 1000, 0};
    const auto* const next = ::ares_timeout(channel_, &most, &left);
    auto out = Milliseconds(next->tv_sec * 1000 + next->tv_usec / 1000 + 1);
    if (!is_up_ && !is_probing_) out = std::min(out, Deadline(next_probe_).left());
    return out;
}

void NameServer::suspect(Steady::time_point sent) {
    if (is_up_ && !is_probing_ && !is_closing_ && last_answer_ < sent) probe();
}

void NameServer::probe() {
    is_probing_ = true;
    send({"", DnsType::ns}, [this](const auto& answer) { probed(answer != nullptr); });
}

void NameServer::probed(bool is_up) {
    is_probing_ = false;
    if (is_closing_) return;
    if (is_up && !is_up_) log::info("dns-server-answers-again", {{"server", address_}});
    if (!is_up && is_up_)
        log::warn("dns-server-down",
                  {{"server", address_}, {"error", "it does not answer a query for the root"}});
    pause_ = is_up || is_up_ ? kFirstPause : std::min(2 * pause_, kLongestPause);
    next_probe_ = Steady::now() + pause_;
    is_up_ = is_up;
}

void NameServer::cancel() {
    ::ares_cancel(channel_);
}

}  // namespace cordon
