// SPDX-License-Identifier: GPL-2.0-only
// Domains of which rules know what they are for. Names are registered domains, lower case.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace cordon {

/// Anybody gets an address there.
bool is_freemail(std::string_view domain);

/// Companies that fraud imitates and that sign all their mail; `domain` is registered.
bool is_well_known(std::string_view domain);
std::span<const std::string_view> well_known_domains();

/// Short links that hide their destination.
bool is_link_shortener(std::string_view host);

/// Anybody gets a page there without showing a face; `host` is the full name.
bool is_free_hosting(std::string_view host);

/// Filters that rewrite all links in the mail they pass on: what such a link shows is honest.
bool is_link_rewriter(std::string_view host);

/// registered_domain() of the host, or the host itself when it has none.
std::string owner_of(std::string_view host);

}  // namespace cordon
