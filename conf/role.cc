// SPDX-License-Identifier: GPL-2.0-only
#include "conf/role.h"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/program_options/options_description.hpp>
#include <boost/program_options/parsers.hpp>
#include <boost/program_options/variables_map.hpp>
#include <cstdio>

#include "conf/base/ipc.h"
#include "conf/base/log.h"

namespace cordon {

namespace po = boost::program_options;

namespace {

constexpr std::uint8_t kReady = 1;
constexpr std::uint8_t kFailed = 2;
constexpr std::size_t kMaxConfigBytes = 64U << 20U;
constexpr Milliseconds kTellTime(1000);
constexpr std::size_t kMaxNoticeText = 4000;

}  // namespace

std::optional<RoleArguments> parse_role_arguments(int argc, char** argv, const char* program) {
    RoleArguments out;
    po::options_description options(fmt::format("{} is started by cordond", program));
    options.add_options()("config-fd", po::value<int>(&out.config_fd)->required(), "configuration")(
        "listen-fd", po::value<int>(&out.listen_fd), "listener")(
        "control-fd", po::value<int>(&out.control_fd), "control socket")(
        "secret-fd", po::value<int>(&out.secret_fd), "password")(
        "pool", po::value<std::string>(&out.pool), "content or antivirus");
    try {
        po::variables_map values;
        po::store(po::parse_command_line(argc, argv, options), values);
        po::notify(values);
    } catch (const po::error& error) {
        fmt::print(stderr, "{}: {}; this program is started by cordond(8)\n", program,
                   error.what());
        return std::nullopt;
    }
    return out;
}

Result<ConfigurationPtr> read_role_configuration(const RoleArguments& arguments,
                                                 const char* program) {
    return read_configuration(arguments.config_fd, program);
}

Result<ConfigurationPtr> read_configuration(int fd, const char* program) {
    const auto text = read_all(fd, kMaxConfigBytes);
    if (!text) return wrap("configuration", text.error());
    auto configuration = parse_configuration(*text, "configuration");
    if (configuration) {
        const auto& options = (*configuration)->log;
        log::open(program, options.target, options.format, options.level);
    }
    return configuration;
}

Result<void> send_notice(int control, const RoleNotice& notice) {
    if (control < 0) return {};
    RecordWriter record;
    record.u8(notice.is_ready ? kReady : kFailed).text(notice.text.substr(0, kMaxNoticeText));
    return send_record(control, record.take(), -1, Deadline::in(kTellTime));
}

Result<RoleNotice> receive_notice(int control, Deadline deadline) {
    const auto record = receive_record(control, deadline);
    if (!record) return tl::unexpected(record.error());
    if (!*record) return fail("ended before it was ready");
    RecordReader in((*record)->bytes);
    const auto status = in.u8();
    auto text = in.text();
    if (!in.is_complete() || (status != kReady && status != kFailed))
        return fail("sent a malformed notice");
    return RoleNotice{status == kReady, std::move(text)};
}

void role_ready(const RoleArguments& arguments) {
    static_cast<void>(send_notice(arguments.control_fd, {true, {}}));
}

int role_failure(const RoleArguments& arguments, int exit_code, const Error& error) {
    log::error("failed", {{"error", error.what}});
    static_cast<void>(send_notice(arguments.control_fd, {false, error.what}));
    return exit_code;
}

Result<std::string> wait_role_ready(int control, Deadline deadline) {
    auto notice = receive_notice(control, deadline);
    if (!notice) return tl::unexpected(notice.error());
    if (!notice->is_ready) return fail(notice->text);
    return std::move(notice->text);
}

Result<UniqueFd> text_descriptor(std::string_view text) {
    auto fd = make_memfd("cordon-config");
    if (!fd) return fd;
    if (auto written = write_all(fd->get(), text); !written) return tl::unexpected(written.error());
    ::lseek(fd->get(), 0, SEEK_SET);
    return fd;
}

}  // namespace cordon
