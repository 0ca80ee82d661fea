// SPDX-License-Identifier: GPL-2.0-only
#include "milter/history_sender.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "conf/base/guarded.h"
#include "quarantine/keeper/history_messages.h"
#include "tests/support/matchers.h"
#include "tests/support/milter_site.h"
#include "tests/support/record_server.h"

namespace cordon {
namespace {

using test::MilterSite;
using test::RecordServer;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr Milliseconds kLong(10'000);

/// A keeper that takes history and nothing else.
class HistoryKeeper {
 public:
    explicit HistoryKeeper(const std::string& path)
        : server_(path, RecordServer::Serve([this](int connection) { serve(connection); })) {}
    std::vector<HistoryRecord> records() {
        return records_.with([](const auto& records) { return records; });
    }

 private:
    void serve(int connection) {
        auto frame = receive_frame(connection, Deadline::in(kLong));
        PostHistoryRequest request;
        if (!frame || !Decoder(frame->body)(request).is_complete()) return;
        for (const auto& bytes : request.records)
            if (auto record = decode_history(bytes))
                records_.with([&](auto& records) { records.push_back(std::move(*record)); });
        static_cast<void>(send_frame(connection, 1, "", -1, Deadline::in(kLong)));
    }
    Guarded<std::vector<HistoryRecord>> records_;
    RecordServer server_;
};

TEST(HistorySender, SendsWhatTheMilterDecided) {
    MilterSite site("[user.bob@b.example]\nquarantine = off\nreject = off\n");
    site.find({"SEVENTEEN"});
    HistoryKeeper keeper(site.directory.file("history.sock"));
    const auto sender = std::make_shared<HistorySender>(site.directory.file("history.sock"),
                                                        site.process->context().metrics);
    site.process->keep_history(sender);
    site.connection()->send(test::mail_for_three());
    sender->flush(kLong);
    const auto records = keeper.records();
    ASSERT_EQ(records.size(), 1U);
    const auto& record = records.front();
    EXPECT_EQ(record.score, 17'000);
    ASSERT_EQ(record.decisions.size(), 3U);
    EXPECT_EQ(record.decisions[0].recipient, "Alice@Example.org");
    EXPECT_EQ(record.decisions[0].wanted, Action::reject);
    EXPECT_EQ(record.decisions[0].action, Action::quarantine);  // bob's is delivered
    EXPECT_EQ(record.decisions[1].action, Action::tag);
}

TEST(HistorySender, ADeadKeeperCostsTheHistoryAndNothingElse) {
    MilterSite site;
    site.find({"TWO"});
    const auto sender = std::make_shared<HistorySender>(site.directory.file("nobody.sock"),
                                                        site.process->context().metrics);
    site.process->keep_history(sender);
    EXPECT_EQ(site.connection()->send(test::mail_for_three()), SMFIS_CONTINUE);
    for (int i = 0; i < 6000; ++i) sender->post({});
    EXPECT_THAT(site.process->context().metrics->text(),
                Not(HasSubstr("\ncordon_history_dropped_total 0\n")));
}

}  // namespace
}  // namespace cordon
