// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/scanner/status_page.h"

#include <sys/mman.h>

#include <new>

namespace cordon {

Result<StatusPage> StatusPage::make() {
    void* const page =
        ::mmap(nullptr, sizeof(Status), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) return fail_errno("status page");
    return StatusPage(::new (page) Status());
}

StatusPage::~StatusPage() {
    if (status_ != nullptr) ::munmap(status_, sizeof(Status));
}

}  // namespace cordon
