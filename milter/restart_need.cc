// SPDX-License-Identifier: GPL-2.0-only
#include "milter/restart_need.h"

namespace cordon {

bool need_restart(const Configuration& a, const Configuration& b) {
    return a.cordon.state_directory != b.cordon.state_directory ||
           a.cordon.run_directory != b.cordon.run_directory || a.cordon.user != b.cordon.user ||
           to_text(a.milter.socket) != to_text(b.milter.socket) ||
           a.milter.socket_group != b.milter.socket_group ||
           a.milter.socket_mode.value != b.milter.socket_mode.value ||
           a.milter.processes != b.milter.processes ||
           a.milter.idle_timeout.value != b.milter.idle_timeout.value ||
           a.milter.memory.value != b.milter.memory.value || a.milter.metrics != b.milter.metrics ||
           a.history.retention.value != b.history.retention.value ||
           a.history.max_size.value != b.history.max_size.value ||
           a.vault_directory() != b.vault_directory() ||
           a.quarantine.vault_max.value != b.quarantine.vault_max.value ||
           a.learning.store != b.learning.store ||
           a.learning.store_password_file != b.learning.store_password_file;
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
