// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/lookups/authentication.h"

namespace cordon {

SpfResult Authentication::spf_result() const {
    if (helo_spf && helo_spf->result == SpfResult::fail) return SpfResult::fail;
    return spf ? spf->result : SpfResult::none;
}

bool Authentication::is_author_authenticated() const {
    return dmarc && dmarc->result == DmarcOutcome::Result::pass;
}

}  // namespace cordon
