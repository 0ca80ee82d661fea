// SPDX-License-Identifier: GPL-2.0-only
// Figures of a filter over labelled mail, as the TREC spam track defines them (Cormack and Lynam,
// "TREC 2005 Spam Track Overview", section 4).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "quarantine/ctl/offline.h"

namespace cordon {

/// One line of an index.
struct LabelledMail {
    std::string path;  // as written in the index
    bool is_spam = false;
    OfflineEnvelope envelope;
};

/// Tab-separated with a header line that names its columns: path and label, and where known
/// client_ip, helo, mail_from, rcpt, date (seconds since the epoch). Errors read "FILE:LINE:
/// message".
Result<std::vector<LabelledMail>> read_index(const std::string& path);

struct Scored {
    bool is_spam = false;
    double score = 0;
};

struct Figures {
    std::size_t ham = 0;
    std::size_t spam = 0;
    double ham_misclassified = 0;   // % at or over the threshold
    double spam_misclassified = 0;  // % under it
    double one_minus_roca = 0;  // %: area above the ROC curve, ties count half; NaN for one kind
    double lam = 0;             // %: logistic average of the two misclassification rates
};

Figures figures_of(std::vector<Scored> scored, double threshold);

/// Names of header fields to remove before scoring, one extended regular expression a line.
class HeaderFilter {
 public:
    static Result<HeaderFilter> read(const std::string& path);
    std::string without_matching(std::string_view message) const;

 private:
    struct Pattern;
    bool matches(std::string_view name) const;
    std::vector<std::shared_ptr<Pattern>> patterns_;
};

}  // namespace cordon
