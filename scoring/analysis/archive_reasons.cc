// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/analysis/archive_reasons.h"

namespace cordon {

std::vector<UnreadReason> archive_reasons(const std::vector<ArchiveNote>& notes) {
    std::vector<UnreadReason> reasons;
    for (const ArchiveNote& note : notes) {
        switch (note.trouble) {
            case ArchiveTrouble::conflict: break;
            case ArchiveTrouble::encrypted:
                reasons.push_back({Unread::encrypted, note.detail});
                break;
            case ArchiveTrouble::damaged:
                reasons.push_back({Unread::unscanned, "damaged archive: " + note.detail});
                break;
            case ArchiveTrouble::unopened:
                reasons.push_back({Unread::unscanned, "archive not opened: " + note.detail});
                break;
            case ArchiveTrouble::limit:
            case ArchiveTrouble::bomb:
                reasons.push_back({Unread::unscanned, "limit of archives: " + note.detail});
                break;
        }
    }
    return reasons;
}

}  // namespace cordon
