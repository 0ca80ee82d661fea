// SPDX-License-Identifier: GPL-2.0-only
// QR codes (ISO/IEC 18004) in attached pictures and in JPEG pictures of attached PDFs: phishing
// hides its link in them from filters, and the reader's telephone opens it. libzbar reads them.
#pragma once

#include <string>
#include <vector>

#include "scoring/analysis/picture.h"
#include "scoring/message/message.h"

namespace cordon {

/// Texts of the codes in a picture, at most ten. Pictures without the three marks in the corners of
/// a code, or with hundreds of them, cost nothing more than a look for these.
std::vector<std::string> qr_texts(const GreyPicture& picture);

/// Links in QR codes of the message's pictures: the first few pictures, of bounded size.
std::vector<Link> qr_links(const Message& message);

/// libzbar converts charsets with files of the system: before the sandbox closes.
void prepare_qr_reader();

}  // namespace cordon
