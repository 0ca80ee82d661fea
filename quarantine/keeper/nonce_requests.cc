// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/keeper/nonce_messages.h"

#include "quarantine/keeper/keeper.h"

namespace cordon {

void add_nonce_handlers(KeeperHandlers& handlers) {
    handlers.add<IssueNonceRequest>([](Keeper& keeper, IssueNonceRequest& request, const UniqueFd&,
                                       UniqueFd&) -> Result<IssueNonceAnswer> {
        if (request.purpose.empty() || request.purpose == "release")
            return fail("a release gets its nonce with its order");
        auto nonce = keeper.journal->issue_nonce(request.purpose, unix_time());
        if (!nonce) return tl::unexpected(nonce.error());
        return IssueNonceAnswer{std::move(*nonce)};
    });
    handlers.add<TakeNonceRequest>([](Keeper& keeper, TakeNonceRequest& request, const UniqueFd&,
                                      UniqueFd&) -> Result<TakeNonceAnswer> {
        auto taken = keeper.journal->take_nonce(request.nonce, request.mail_from,
                                                request.recipients, unix_time());
        if (!taken) return tl::unexpected(taken.error());
        return TakeNonceAnswer{std::move(taken->purpose), std::move(taken->id)};
    });
}

}  // namespace cordon
