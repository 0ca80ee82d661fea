// SPDX-License-Identifier: GPL-2.0-only
#include "milter/restart_need.h"

namespace cordon {

std::vector<std::string> keys_for_restart(const Configuration& a, const Configuration& b) {
    std::vector<std::string> out;
    const auto compare = [&out](const char* key, const auto& one, const auto& other) {
        if (one != other) out.emplace_back(key);
    };
    compare("cordon.state-directory", a.cordon.state_directory, b.cordon.state_directory);
    compare("cordon.run-directory", a.cordon.run_directory, b.cordon.run_directory);
    compare("cordon.user", a.cordon.user, b.cordon.user);
    compare("milter.socket", to_text(a.milter.socket), to_text(b.milter.socket));
    compare("milter.socket-group", a.milter.socket_group, b.milter.socket_group);
    compare("milter.socket-mode", a.milter.socket_mode.value, b.milter.socket_mode.value);
    compare("milter.processes", a.milter.processes, b.milter.processes);
    compare("milter.idle-timeout", a.milter.idle_timeout.value, b.milter.idle_timeout.value);
    compare("milter.memory", a.milter.memory.value, b.milter.memory.value);
    compare("milter.metrics", a.milter.metrics, b.milter.metrics);
    compare("history.retention", a.history.retention.value, b.history.retention.value);
    compare("history.max-size", a.history.max_size.value, b.history.max_size.value);
    compare("quarantine.vault", a.vault_directory(), b.vault_directory());
    compare("quarantine.vault-max", a.quarantine.vault_max.value, b.quarantine.vault_max.value);
    compare("quarantine.seal-key-file", a.quarantine.seal_key_file, b.quarantine.seal_key_file);
    compare("learning.store", a.learning.store, b.learning.store);
    compare("learning.store-password-file", a.learning.store_password_file,
            b.learning.store_password_file);
    return out;
}

bool need_new_antivirus(const Configuration& a, const Configuration& b) {
    return a.clamav.enabled != b.clamav.enabled || a.clamav.database != b.clamav.database ||
           a.clamav.scan != b.clamav.scan || a.signatures != b.signatures ||
           a.scanner.workers != b.scanner.workers ||
           a.scanner.timeout.value != b.scanner.timeout.value ||
           a.scanner.memory_limit.value != b.scanner.memory_limit.value ||
           a.milter.max_message_size.value != b.milter.max_message_size.value ||
           a.log.target != b.log.target || a.log.format != b.log.format ||
           a.log.level != b.log.level;
}

}  // namespace cordon
