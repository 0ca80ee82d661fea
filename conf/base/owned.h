// SPDX-License-Identifier: GPL-2.0-only
// Owned<T, free_function>: a unique_ptr for the handles of C libraries.
#pragma once

#include <memory>

namespace cordon {

template <auto kFree>
struct FreeWith {
    template <typename T>
    void operator()(T* handle) const noexcept {
        static_cast<void>(kFree(handle));
    }
};

template <typename T, auto kFree>
using Owned = std::unique_ptr<T, FreeWith<kFree>>;

}  // namespace cordon
