// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/release/release_engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "conf/base/guarded.h"
#include "tests/support/builders.h"
#include "tests/support/record_server.h"
#include "tests/support/temporary_directory.h"

namespace cordon {
namespace {

using test::RecordServer;
using testing::ElementsAre;

/// A keeper that dies over the first order it gives out.
class DyingKeeper {
 public:
    explicit DyingKeeper(const std::string& path)
        : server_(path, RecordServer::Serve([this](int connection) { serve(connection); })) {}
    std::vector<KeeperRequest> asked() {
        return asked_.with([](const auto& all) { return all; });
    }

 private:
    void serve(int connection) {
        const auto deadline = Deadline::in(Milliseconds(10'000));
        const auto frame = receive_frame(connection, deadline);
        ASSERT_TRUE(frame);
        const auto kind = static_cast<KeeperRequest>(frame->kind);
        const auto count = asked_.with([kind](auto& all) {
            all.push_back(kind);
            return all.size();
        });
        if (kind == KeeperRequest::resume)
            static_cast<void>(send_frame(connection, 1, "", -1, deadline));
        else if (count > 2)
            static_cast<void>(
                send_frame(connection, 1, Encoder()(TakeOrderAnswer{}).take(), -1, deadline));
    }

    Guarded<std::vector<KeeperRequest>> asked_;
    RecordServer server_;
};

TEST(ReleaseEngine, TakesUpAgainWhatAKeeperMayHaveGivenItWhenItDied) {
    const test::TemporaryDirectory folder;
    DyingKeeper keeper(folder.file("keeper.sock"));
    ReleaseEngine engine(
        test::a_configuration("[cordon]\nrun-directory = " + folder.path() + "\n"));
    for (int i = 0; i < 3; ++i) engine.tick();
    EXPECT_THAT(keeper.asked(),
                ElementsAre(KeeperRequest::resume, KeeperRequest::take_order, KeeperRequest::resume,
                            KeeperRequest::take_order, KeeperRequest::take_order));
}

}  // namespace
}  // namespace cordon
