// SPDX-License-Identifier: GPL-2.0-only
#include "tests/support/builders.h"

#include <gtest/gtest.h>

#include "conf/base/ipc.h"

namespace cordon::test {

ConfigurationPtr a_configuration(const std::string& text) {
    auto parsed = parse_configuration(text, "test.conf");
    EXPECT_TRUE(parsed) << parsed.error().what;
    return parsed ? *parsed : std::make_shared<Configuration>();
}

Catalogue a_catalogue(std::initializer_list<std::pair<std::string, double>> rules) {
    Catalogue out;
    for (const auto& [name, score] : rules)
        EXPECT_TRUE(out.add(name, {score, "About " + name, "test"})) << name;
    return out;
}

Analysis an_analysis(std::initializer_list<std::string> rules) {
    Analysis out;
    for (const auto& rule : rules) out.hits.push_back({rule, "seen"});
    out.subject = "Invoice 17";
    out.from = "Bob <bob@example.com>";
    out.from_domain = "example.com";
    out.from_address = "bob@example.com";
    out.report = "An excerpt for people";
    return out;
}

Evidence clean_evidence() {
    Evidence out;
    out.envelope.mail_from = "bob@example.com";
    out.content = an_analysis({});
    out.antivirus = AntivirusResult{};
    return out;
}

Verdict a_verdict(double score) {
    Verdict out;
    out.score = score;
    return out;
}

Verdict a_virus_verdict(const std::string& name) {
    Verdict out;
    out.virus = name;
    return out;
}

Verdict an_unread_verdict(Unread kind) {
    Verdict out;
    out.unread.push_back({kind, "for a reason"});
    return out;
}

Policy a_policy(double tag, double quarantine, double reject) {
    Policy out;
    out.tag = {tag};
    out.quarantine = {quarantine};
    out.reject = {reject};
    return out;
}

HeldMessage a_held_message(const std::string& id) {
    HeldMessage out;
    out.id = id;
    out.received_at = 1'764'000'000;
    out.mail_from = "<bob@example.com>";
    out.recipients = {{"<Alice@Example.org>", "NOTIFY=FAILURE"}, {"<carol@example.org>", ""}};
    out.reason = "score 7";
    return out;
}

UniqueFd memory_with(std::string_view bytes) {
    auto fd = make_memfd("test");
    EXPECT_TRUE(fd && write_all(fd->get(), bytes));
    return fd ? std::move(*fd) : UniqueFd();
}

}  // namespace cordon::test
