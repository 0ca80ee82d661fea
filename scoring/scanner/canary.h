// SPDX-License-Identifier: GPL-2.0-only
// The EICAR test file, which every scanner must find, in the places where it must be found.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cordon {

struct Canary {
    std::string place;  // "in a zip archive", for the message
    std::string mail;
};

/// The test file of eicar.org, put together at run time so that no program of ours is a detection.
std::string eicar();

/// A zip archive with one member (PKWARE APPNOTE 4.3).
std::string zip_of(std::string_view name, std::string_view content, bool deflated);

std::vector<Canary> make_canaries();

}  // namespace cordon
