// SPDX-License-Identifier: GPL-2.0-only
// Scanner pools for one run of the command line: the same workers as the daemon's, on private
// sockets, gone when the object is.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "scoring/gather/examination.h"
#include "scoring/scanner/launch.h"

namespace cordon {

class PrivatePools {
 public:
    /// Starts the pools and waits until they are ready; `snapshot` tells where they are.
    /// `weights`: the classifier's table, read-only, or none.
    static Result<std::unique_ptr<PrivatePools>> start(const Configuration& configuration,
                                                       UniqueFd weights);
    ~PrivatePools();
    PrivatePools(const PrivatePools&) = delete;
    PrivatePools& operator=(const PrivatePools&) = delete;

    const PoolPaths& paths() const { return paths_; }

    /// CPU time of zygotes and workers so far, in microseconds (a clock tick is 10 ms).
    std::int64_t cpu_us() const;

 private:
    PrivatePools() = default;
    Result<void> start_pool_at(const std::string& pool, const Configuration& configuration,
                               UniqueFd weights);

    std::string directory_;
    PoolPaths paths_;
    std::vector<UniqueFd> listeners_;
    std::vector<PoolProcess> processes_;
};

}  // namespace cordon
