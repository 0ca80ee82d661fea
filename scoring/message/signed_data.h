// SPDX-License-Identifier: GPL-2.0-only
// The MIME entity inside opaque S/MIME (RFC 8551 sections 3.5.2 and 3.6): signed or compressed, not
// encrypted. Nothing is verified; that is the business of whoever trusts the signer.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cordon {

/// Whether the bytes begin as such data do, whatever their type and name say: in DER or BER, or in
/// the armour of PEM (RFC 7468 section 9). Cheap.
bool is_signed_data(std::string_view bytes);

/// Of DER, PEM, or base64 without an armour. Empty when there is none, or when it would be larger
/// than the limit.
std::string content_of_signed_data(std::string_view bytes, std::size_t limit);

/// The name of a file that was signed into "NAME.p7m"; empty when it has no extension of its own.
std::string name_of_signed_file(std::string_view name);

}  // namespace cordon
