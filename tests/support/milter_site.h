// SPDX-License-Identifier: GPL-2.0-only
// A site with one milter process for tests: folders, configuration, a content pool and a keeper
// that answer what the test tells them. Antivirus is off unless the test turns it on.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>

#include "milter/session.h"
#include "tests/support/builders.h"
#include "tests/support/fake_libmilter.h"
#include "tests/support/fake_roles.h"
#include "tests/support/temporary_directory.h"

namespace cordon::test {

/// To <Alice@Example.org> (with NOTIFY=FAILURE), <bob@b.example> and <carol@example.org>.
Mail mail_for_three();

class MilterSite {
 public:
    /// `options` are further sections of the configuration. Without `has_quarantine` no mailbox.
    explicit MilterSite(const std::string& options = "", bool has_quarantine = true);

    /// From now on the content pool finds these rules: TWO, FIVE, SEVEN and SEVENTEEN score so.
    void find(std::initializer_list<std::string> rules) const;
    /// From now on the antivirus pool finds this.
    void find_virus(const std::string& name) const;
    /// libmilter's side: a new connection, negotiated and greeted.
    std::unique_ptr<FakeMta> connection() const;

    /// What a reload would bring.
    SnapshotPtr snapshot_with(const std::string& options, bool has_quarantine) const;

    /// Shuts a role down, as if it had died.
    void stop_scanner() { scanner.reset(); }
    void stop_keeper() { keeper.reset(); }

    TemporaryDirectory directory;
    std::unique_ptr<FakeScanner> scanner;
    std::unique_ptr<FakeScanner> antivirus;  // there when the options say [clamav] enabled = yes
    std::unique_ptr<FakeKeeper> keeper;
    std::unique_ptr<MilterProcess> process;
};

}  // namespace cordon::test
