// SPDX-License-Identifier: GPL-2.0-only
// Builders: the smallest valid thing of each kind, with what the test is about put on top.
#pragma once

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "conf/base/file_descriptor.h"
#include "conf/configuration.h"
#include "quarantine/vault/held_message.h"
#include "scoring/judge/verdict.h"

namespace cordon::test {

/// A configuration from its text; a failure of the test when the text is not good.
ConfigurationPtr a_configuration(const std::string& text);

/// Rules with their scores, described as "About NAME".
Catalogue a_catalogue(std::initializer_list<std::pair<std::string, double>> rules);

/// What a content worker answers when these rules hit, in the catalogue's words.
Analysis an_analysis(std::initializer_list<std::string> rules);

/// Evidence of a clean message that was read in full.
Evidence clean_evidence();

Verdict a_verdict(double score);
Verdict a_virus_verdict(const std::string& name);
Verdict an_unread_verdict(Unread kind);

/// tag, quarantine, reject as given; the rest as shipped.
Policy a_policy(double tag, double quarantine, double reject);

HeldMessage a_held_message(const std::string& id);

/// A memfd that holds the bytes.
UniqueFd memory_with(std::string_view bytes);

}  // namespace cordon::test
