// SPDX-License-Identifier: GPL-2.0-only
// main.cf, master.cf and sendmail.cf as `cordon doctor` reads them.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "quarantine/doctor/checks.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    cordon::PostfixConfig postfix;
    for (const auto& [number, line] : cordon::postfix_lines(text)) {
        if (auto service = cordon::parse_service(line)) postfix.services.push_back(*service);
        const auto equals = line.find('=');
        if (equals != std::string::npos)
            postfix.parameters[line.substr(0, equals)] = line.substr(equals + 1);
    }
    cordon::parse_milters(text);
    const cordon::Configuration configuration;
    cordon::Findings findings;
    cordon::check_postfix(configuration, postfix, findings);
    cordon::check_release(configuration, postfix, findings);
    cordon::check_sendmail(configuration, cordon::SendmailConfig::parse(text, "x"), findings);
    cordon::signature_time(text);
    return 0;
}
