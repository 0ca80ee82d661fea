// SPDX-License-Identifier: GPL-2.0-only
//
// null_milter SOCKET: asks the MTA for every step and the whole body, looks at each byte, and
// accepts. What a message costs here is what libmilter and the MTA cost by themselves: the floor
// that tests/bench/bench.py measures Cordon against, and a filter to prove the test rig with.

#include <libmilter/mfapi.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <numeric>
#include <span>

namespace {

// The sum keeps the compiler from dropping the reads; libmilter calls back on several threads.
thread_local volatile std::uint32_t bytes_sum = 0;

sfsistat on_connect(SMFICTX*, char*, _SOCK_ADDR*) {
    return SMFIS_CONTINUE;
}
sfsistat on_text(SMFICTX*, char*) {
    return SMFIS_CONTINUE;
}
sfsistat on_unknown(SMFICTX*, const char*) {
    return SMFIS_CONTINUE;
}
sfsistat on_envelope(SMFICTX*, char**) {
    return SMFIS_CONTINUE;
}
sfsistat on_header(SMFICTX*, char*, char*) {
    return SMFIS_CONTINUE;
}
sfsistat on_step(SMFICTX*) {
    return SMFIS_CONTINUE;
}

sfsistat on_body(SMFICTX*, unsigned char* data, std::size_t size) {
    const std::span<const unsigned char> bytes(data, size);
    bytes_sum = std::accumulate(bytes.begin(), bytes.end(), std::uint32_t{0});
    return SMFIS_CONTINUE;
}

// TCP_NODELAY on the listener reaches the accepted sockets; without it TCP answers wait 44 ms.
void set_no_delay_on_listeners() {
    const int on = 1;
    for (int descriptor = 3; descriptor < 16; ++descriptor) {
        setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
}

smfiDesc description() {
    static std::array<char, 12> name{"null_milter"};
    smfiDesc filter{};
    filter.xxfi_name = name.data();
    filter.xxfi_version = SMFI_VERSION;
    filter.xxfi_connect = on_connect;
    filter.xxfi_helo = on_text;
    filter.xxfi_envfrom = on_envelope;
    filter.xxfi_envrcpt = on_envelope;
    filter.xxfi_data = on_step;
    filter.xxfi_header = on_header;
    filter.xxfi_eoh = on_step;
    filter.xxfi_body = on_body;
    filter.xxfi_eom = on_step;
    filter.xxfi_abort = on_step;
    filter.xxfi_close = on_step;
    filter.xxfi_unknown = on_unknown;
    return filter;
}

}  // namespace

int main(int argc, char** argv) {
    const std::span<char*> arguments(argv, static_cast<std::size_t>(argc));
    if (arguments.size() != 2) {
        std::fputs("usage: null_milter SOCKET\n", stderr);
        return 64;
    }
    if (smfi_setconn(arguments[1]) == MI_FAILURE || smfi_register(description()) == MI_FAILURE ||
        smfi_opensocket(true) == MI_FAILURE) {
        std::fprintf(stderr, "null_milter: cannot listen on %s\n", arguments[1]);
        return 1;
    }
    set_no_delay_on_listeners();
    return smfi_main();
}
