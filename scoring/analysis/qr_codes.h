// SPDX-License-Identifier: GPL-2.0-only
// QR codes (ISO/IEC 18004) in attached pictures and in JPEG pictures of attached PDFs: phishing
// hides its link in them from filters, and the reader's telephone opens it. libzbar reads them.
#pragma once

#include <string>
#include <vector>

#include "scoring/analysis/picture.h"
#include "scoring/analysis/qr_marks.h"
#include "scoring/message/message.h"

namespace cordon {

/// Reads the pictures of one message.
class QrReader {
 public:
    /// Texts of the codes in a picture, at most ten. Only the places where marks of a code stand
    /// (qr_marks.h) are read; a picture without them costs no more than a look for these.
    std::vector<std::string> texts_in(const GreyPicture& picture);

    /// False: more marks, or larger codes, than libzbar can read in tens of milliseconds.
    bool is_complete() const { return is_complete_; }

 private:
    std::vector<std::string> texts_at(const GreyPicture& picture, const QrPlace& place,
                                      unsigned contrast);
    /// False when that is more than is left to do for a message.
    bool decode(const GreyPicture& piece, unsigned contrast);

    std::vector<std::string> texts_;
    std::size_t pixels_left_ = std::size_t{4} << 20U;  // libzbar takes some 10 ns for one
    bool is_complete_ = true;
};

struct QrLinks {
    std::vector<Link> links;
    bool is_complete = true;  // as QrReader says
};

/// Links in QR codes of the message's pictures: the first few pictures, of bounded size.
QrLinks qr_links(const Message& message);

/// libzbar converts charsets with files of the system: before the sandbox closes.
void prepare_qr_reader();

}  // namespace cordon
