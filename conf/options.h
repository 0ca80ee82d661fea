// SPDX-License-Identifier: GPL-2.0-only
// The one table of options: it reads the file (through Boost.Program_options), prints `config
// show`,
// --help and the manual. A new option is a new row in options.cc.
#pragma once

#include <boost/program_options/options_description.hpp>
#include <functional>
#include <string>
#include <vector>

#include "conf/configuration.h"

namespace cordon {

struct OptionRow {
    std::string name;        // "section.key"
    std::string value_name;  // "SECONDS"
    std::string help;
    std::function<std::string()> show;  // the bound value as text
};

/// Options bound to the members of one object, which must outlive the table.
class OptionTable {
 public:
    static OptionTable of(Configuration& configuration);  // the whole file
    static OptionTable of(DnsListOptions& list);          // one [dnsbl.NAME]
    static OptionTable of(Policy& policy);                // one [domain.*] or [user.*] section

    /// Reads one value into its member; the error is a sentence without a place.
    Result<void> assign(const std::string& name, const std::string& value) const;
    bool knows(const std::string& name) const;
    const std::vector<OptionRow>& rows() const { return rows_; }

 private:
    OptionTable() = default;
    template <typename T>
    void add(const char* name, T& member, const char* value_name, const char* help);
    void add_daemon(Configuration& configuration);
    void add_scanning(Configuration& configuration);
    void add_authentication(Configuration& configuration);
    void add_policy(Policy& policy, const std::string& prefix);
    void add_keeping(Configuration& configuration);

    std::shared_ptr<boost::program_options::options_description> options_;
    std::vector<OptionRow> rows_;
};

/// The manual's and --help's list: mdoc for cordon.conf(5), or plain text.
std::string options_manual();
std::string options_help();

}  // namespace cordon
