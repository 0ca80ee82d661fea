// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/journal/journal.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "conf/base/file_descriptor.h"
#include "quarantine/journal/state_file.h"
#include "tests/support/builders.h"
#include "tests/support/matchers.h"
#include "tests/support/temporary_directory.h"

namespace cordon {
namespace {

using test::a_held_message;
using test::FailsWith;
using test::IsOk;
using test::TemporaryDirectory;

constexpr std::int64_t kNow = 1'800'000'000;
constexpr auto kId = "67a1b2c3";

/// One message held for <Alice@Example.org> and <bob@example.org>.
struct Held {
    Held() {
        auto opened = Journal::open(folder.file("journal.db"));
        EXPECT_THAT(opened, IsOk());
        journal = std::move(*opened);
        add(kId, kNow);
    }
    void add(const std::string& id, std::int64_t received_at) const {
        auto message = a_held_message(id);
        message.received_at = received_at;
        message.mail_from = "<dana@example.net>";
        message.recipients = {{"<Alice@Example.org>", ""}, {"<bob@example.org>", ""}};
        EXPECT_THAT(journal->add(message, "held", "cordon"), IsOk());
    }
    ReleaseJob job(std::int64_t now = kNow) const {
        const auto taken = journal->take_order(now);
        EXPECT_TRUE(taken && taken->job);
        return taken && taken->job ? *taken->job : ReleaseJob{};
    }
    ItemState state() const { return journal->find(kId)->status.state; }
    TemporaryDirectory folder;
    std::unique_ptr<Journal> journal;
};

ReleaseResult result_of(const ReleaseJob& job, RecipientState state, const std::string& reply) {
    ReleaseResult out{job.order, job.id, {}, "", 60};
    for (const auto& path : job.recipients) out.outcomes.push_back({path, state, reply});
    return out;
}

TEST(Journal, KeepsASubjectThatIsPrintableAsItIs) {
    const Held held;
    auto message = a_held_message("67a1b2c4");
    message.subject = R"(C:\letters \x0a \u{202e})";
    ASSERT_THAT(held.journal->add(message, "held", "cordon"), IsOk());
    EXPECT_EQ(held.journal->find("67a1b2c4")->status.subject, message.subject);
}

TEST(Journal, TellsHowManyAreInAStateAndSinceWhen) {
    const Held held;
    held.add("67a1b2c4", kNow - 500);
    held.add("67a1b2c5", kNow - 900);
    ASSERT_THAT(held.journal->confirm("67a1b2c5", "root", kNow), IsOk());
    const auto figures = held.journal->figures();
    ASSERT_THAT(figures, IsOk());
    ASSERT_EQ(figures->size(), 2U);
    EXPECT_EQ(figures->at(0).state, ItemState::held);
    EXPECT_EQ(figures->at(0).messages, 2U);
    EXPECT_EQ(figures->at(0).oldest, kNow - 500);
    EXPECT_EQ(figures->at(1).state, ItemState::spam);
    EXPECT_EQ(figures->at(1).oldest, kNow - 900);
}

TEST(Journal, NamesReleasesThatWereOrderedLongAgoAndAreNotDone) {
    const Held held;
    ASSERT_THAT(held.journal->release({kId, "root"}, kNow), IsOk());
    EXPECT_TRUE(held.journal->ordered_before(kNow)->empty());
    EXPECT_EQ(*held.journal->ordered_before(kNow + 1), std::vector<std::string>{kId});
    const auto job = held.job();
    ASSERT_THAT(held.journal->record(result_of(job, RecipientState::sent, "250 ok"), kNow), IsOk());
    EXPECT_TRUE(held.journal->ordered_before(kNow + 1)->empty());
}

TEST(Journal, ReleasesForAllRecipientsOnce) {
    const Held held;
    EXPECT_EQ(held.journal->release({kId, "root"}, kNow)->state, ItemState::sending);
    const auto job = held.job();
    EXPECT_EQ(job.recipients,
              (std::vector<std::string>{"<Alice@Example.org>", "<bob@example.org>"}));
    EXPECT_EQ(job.attempt, 1U);
    const auto change = held.journal->record(result_of(job, RecipientState::sent, "250 ok"), kNow);
    ASSERT_THAT(change, IsOk());
    EXPECT_EQ(change->state, ItemState::sent);
    EXPECT_TRUE(change->is_finished);
    EXPECT_FALSE(held.journal->take_order(kNow + 99'999)->job);
}

TEST(Journal, TakesASecondReleaseOfTheSameForNoNews) {
    const Held held;
    ASSERT_THAT(held.journal->release({kId, "root"}, kNow), IsOk());
    EXPECT_FALSE(held.journal->release({kId, "imap:carol"}, kNow)->has_changed);
    const auto job = held.job();
    EXPECT_FALSE(held.journal->release({kId, "imap:carol"}, kNow)->has_changed);
    EXPECT_FALSE(held.journal->take_order(kNow)->job);
    ASSERT_THAT(held.journal->record(result_of(job, RecipientState::sent, "250"), kNow), IsOk());
    EXPECT_FALSE(held.journal->release({kId, "root"}, kNow)->has_changed);
    EXPECT_EQ(held.state(), ItemState::sent);
}

TEST(Journal, ReleasesForOneRecipientAndKeepsTheOther) {
    const Held held;
    ASSERT_THAT(held.journal->release({kId, "root", {"BOB@example.org"}}, kNow), IsOk());
    const auto job = held.job();
    EXPECT_EQ(job.recipients, std::vector<std::string>{"<bob@example.org>"});
    EXPECT_EQ(held.journal->record(result_of(job, RecipientState::sent, "250"), kNow)->state,
              ItemState::held);
    ASSERT_THAT(held.journal->release({kId, "root"}, kNow), IsOk());
    EXPECT_EQ(held.job().recipients, std::vector<std::string>{"<Alice@Example.org>"});
}

TEST(Journal, RefusesARecipientForWhomItIsNotHeld) {
    const Held held;
    EXPECT_THAT(held.journal->release({kId, "root", {"eve@example.org"}}, kNow),
                FailsWith("is not held for eve@example.org"));
    EXPECT_EQ(held.state(), ItemState::held);
}

TEST(Journal, ReleasesToAnotherAddressAndStaysHeldForItsOwn) {
    const Held held;
    ASSERT_THAT(held.journal->release({kId, "root", {}, "abuse@example.org"}, kNow), IsOk());
    const auto job = held.job();
    EXPECT_TRUE(job.is_redirect);
    EXPECT_EQ(job.recipients, std::vector<std::string>{"<abuse@example.org>"});
    EXPECT_EQ(held.journal->record(result_of(job, RecipientState::sent, "250"), kNow)->state,
              ItemState::held);
}

TEST(Journal, RefusesAnotherAddressThatIsNone) {
    const Held held;
    EXPECT_THAT(held.journal->release({kId, "root", {}, "a b>@x"}, kNow),
                FailsWith("is not an address"));
}

TEST(Journal, TriesAgainLaterForThoseWhoWereDeferred) {
    const Held held;
    ASSERT_THAT(held.journal->release({kId, "root"}, kNow), IsOk());
    auto result = result_of(held.job(), RecipientState::sending, "452 full");
    result.outcomes[0].state = RecipientState::sent;
    EXPECT_EQ(held.journal->record(result, kNow)->state, ItemState::sending);
    EXPECT_FALSE(held.journal->take_order(kNow + 59)->job);
    EXPECT_EQ(held.journal->take_order(kNow + 59)->next_due, kNow + 60);
    const auto again = held.job(kNow + 60);
    EXPECT_EQ(again.recipients, std::vector<std::string>{"<bob@example.org>"});
    EXPECT_EQ(again.attempt, 2U);
}

TEST(Journal, GivesAFreshAttemptToWhatWasInFlightAtARestart) {
    const Held held;
    ASSERT_THAT(held.journal->release({kId, "root"}, kNow), IsOk());
    const auto lost = held.job();
    EXPECT_FALSE(held.journal->take_order(kNow + 1)->job);
    ASSERT_THAT(held.journal->resume(kNow + 1), IsOk());
    const auto fresh = held.job(kNow + 1);
    EXPECT_EQ(fresh.attempt, 2U);
    EXPECT_NE(fresh.nonce, lost.nonce);
}

TEST(Journal, KeepsWhatTheServerSaidAndCanReleaseAFailureAgain) {
    const Held held;
    ASSERT_THAT(held.journal->release({kId, "root"}, kNow), IsOk());
    auto result = result_of(held.job(), RecipientState::failed, "550 no such user");
    result.note = "what to do";
    EXPECT_EQ(held.journal->record(result, kNow)->state, ItemState::failed);
    const auto item = held.journal->find(kId);
    EXPECT_EQ(item->status.note, "what to do");
    EXPECT_EQ(item->recipients[0].reply, "550 no such user");
    EXPECT_TRUE(held.journal->release({kId, "root"}, kNow)->has_changed);
    EXPECT_EQ(held.journal->find(kId)->status.note, "");
}

TEST(Journal, ConfirmsOnceAndLetsAPersonChangeHisMind) {
    const Held held;
    EXPECT_TRUE(held.journal->confirm(kId, "imap:carol", kNow)->has_changed);
    EXPECT_FALSE(held.journal->confirm(kId, "imap:carol", kNow)->has_changed);
    EXPECT_TRUE(held.journal->note_lesson(kId, Learned::spam, "imap:carol", kNow).value());
    EXPECT_FALSE(held.journal->note_lesson(kId, Learned::spam, "imap:carol", kNow).value());
    EXPECT_EQ(held.journal->release({kId, "imap:carol"}, kNow)->state, ItemState::sending);
    EXPECT_TRUE(held.journal->note_lesson(kId, Learned::ham, "imap:carol", kNow).value());
}

TEST(Journal, WithdrawsAReleaseThatWasNotBegun) {
    const Held held;
    ASSERT_THAT(held.journal->release({kId, "root"}, kNow), IsOk());
    EXPECT_EQ(held.journal->confirm(kId, "root", kNow)->state, ItemState::spam);
    EXPECT_FALSE(held.journal->take_order(kNow + 99)->job);
}

TEST(Journal, ChangesNothingUnderAReleaseInFlight) {
    const Held held;
    ASSERT_THAT(held.journal->release({kId, "root"}, kNow), IsOk());
    held.job();
    EXPECT_THAT(held.journal->confirm(kId, "root", kNow), FailsWith("being released"));
    EXPECT_THAT(held.journal->may_remove(kId), FailsWith("being released"));
}

TEST(Journal, ForgetsTheIdOfWhatIsGone) {
    const Held held;
    ASSERT_THAT(held.journal->set_gone(kId, "root", "deleted", ""), IsOk());
    EXPECT_THAT(held.journal->find(kId), FailsWith("no held message '67a1b2c3'"));
    EXPECT_THAT(held.journal->release({kId, "root"}, kNow), FailsWith("no held message"));
    EXPECT_TRUE(held.journal->list({})->items.empty());
    EXPECT_EQ(held.journal->events(kId, 10)->back().what, "deleted");
}

TEST(Journal, ListsPageByPageInTheOrderOfReception) {
    const Held held;
    for (int i = 1; i < 25; ++i) held.add(fmt::format("67a1b2{:02}", i), kNow - i);
    ItemQuery query;
    query.limit = 7;
    std::vector<std::int64_t> times;
    do {
        const auto page = held.journal->list(query);
        ASSERT_THAT(page, IsOk());
        for (const auto& item : page->items) times.push_back(item.received_at);
        query.after = page->next;
    } while (!query.after.empty());
    EXPECT_EQ(times.size(), 25U);
    EXPECT_TRUE(std::is_sorted(times.begin(), times.end()));
}

TEST(Journal, ListsWhatChangedSince) {
    const Held held;
    held.add("67a1b2c4", kNow);
    ItemQuery query;
    query.changed_after = held.journal->list({.changed_after = 0})->items.back().change;
    EXPECT_TRUE(held.journal->list(query)->items.empty());
    ASSERT_THAT(held.journal->confirm(kId, "root", kNow), IsOk());
    const auto changed = held.journal->list(query);
    ASSERT_EQ(changed->items.size(), 1U);
    EXPECT_EQ(changed->items[0].id, kId);
}

TEST(Journal, FiltersBySenderRecipientSubjectAndTimeLiterally) {
    const Held held;
    EXPECT_EQ(held.journal->list({.sender = "DANA"})->items.size(), 1U);
    EXPECT_EQ(held.journal->list({.recipient = "bob@"})->items.size(), 1U);
    EXPECT_TRUE(held.journal->list({.recipient = "b_b"})->items.empty());
    EXPECT_TRUE(held.journal->list({.sender = "%' OR '1'='1"})->items.empty());
    EXPECT_TRUE(held.journal->list({.received_before = kNow})->items.empty());
    EXPECT_EQ(held.journal->list({.received_from = kNow})->items.size(), 1U);
}

TEST(Journal, FilesWhatWasSent) {
    const Held held;
    EXPECT_EQ(held.journal->mark_filed({kId, "Quarantine", 1, 2}, kNow)->state, ItemState::held);
    ASSERT_THAT(held.journal->release({kId, "root"}, kNow), IsOk());
    ASSERT_THAT(held.journal->record(result_of(held.job(), RecipientState::sent, "250"), kNow),
                IsOk());
    EXPECT_EQ(held.journal->mark_filed({kId, "Quarantine/Released", 1, 3}, kNow)->state,
              ItemState::filed);
    EXPECT_EQ(held.journal->find(kId)->status.uid, 3U);
}

TEST(Journal, RefusesAFileThatIsNoJournal) {
    const TemporaryDirectory folder;
    ASSERT_THAT(replace_file(folder.file("journal.db"), std::string(9000, 'x'), 0600), IsOk());
    EXPECT_THAT(Journal::open(folder.file("journal.db")), FailsWith("not a database"));
}

TEST(Nonce, LetsOneMessageWithItsEnvelopePassOnce) {
    const Held held;
    ASSERT_THAT(held.journal->release({kId, "root"}, kNow), IsOk());
    const auto job = held.job();
    const auto taken =
        held.journal->take_nonce(job.nonce, "<dana@example.net>", {"<bob@example.org>"}, kNow);
    ASSERT_THAT(taken, IsOk());
    EXPECT_EQ(taken->id, kId);
    EXPECT_EQ(taken->purpose, "release");
    EXPECT_THAT(
        held.journal->take_nonce(job.nonce, "<dana@example.net>", {"<bob@example.org>"}, kNow),
        FailsWith("not a release of ours"));
}

TEST(Nonce, IsNoRightToSendElsewhere) {
    const Held held;
    ASSERT_THAT(held.journal->release({kId, "root", {"bob@example.org"}}, kNow), IsOk());
    const auto take = [&](const std::string& from, const std::vector<std::string>& to) {
        EXPECT_THAT(held.journal->resume(kNow), IsOk());
        return held.journal->take_nonce(held.job().nonce, from, to, kNow);
    };
    EXPECT_FALSE(take("<dana@example.net>", {"<eve@example.com>"}));
    EXPECT_FALSE(take("<dana@example.net>", {"<bob@example.org>", "<eve@example.com>"}));
    EXPECT_FALSE(take("<dana@example.net>", {"<Alice@Example.org>"}));  // not of this release
    EXPECT_FALSE(take("<eve@example.net>", {"<bob@example.org>"}));
    EXPECT_FALSE(take("<>", {"<bob@example.org>"}));
    EXPECT_FALSE(take("<dana@example.net>", {}));
    EXPECT_TRUE(take("<dana@example.net>", {"<bob@example.org>"}));
}

TEST(Nonce, GrowsOldAndIsVoidAfterTheNextAttempt) {
    const Held held;
    ASSERT_THAT(held.journal->release({kId, "root"}, kNow), IsOk());
    const auto first = held.job();
    ASSERT_THAT(held.journal->resume(kNow), IsOk());
    const auto second = held.job();
    const std::vector<std::string> to{"<bob@example.org>"};
    EXPECT_FALSE(held.journal->take_nonce(first.nonce, "<dana@example.net>", to, kNow));
    EXPECT_FALSE(held.journal->take_nonce(second.nonce, "<dana@example.net>", to, kNow + 7201));
}

TEST(Nonce, ThatNobodyTookShowsAListenerWithoutOurFilter) {
    const Held held;
    ASSERT_THAT(held.journal->release({kId, "root"}, kNow), IsOk());
    EXPECT_TRUE(held.journal->record(result_of(held.job(), RecipientState::sent, "250"), kNow)
                    ->was_unfiltered);
}

TEST(StateFile, GivesBackWhatIsDone) {
    const Held held;
    ASSERT_THAT(held.journal->release({kId, "root"}, kNow), IsOk());
    auto result = result_of(held.job(), RecipientState::failed, "550 100% no");
    result.outcomes[0].state = RecipientState::sent;
    result.note = "line\nbreak";
    ASSERT_THAT(held.journal->record(result, kNow), IsOk());
    const auto again = decode_states(kId, encode_states(*held.journal->find(kId)));
    EXPECT_EQ(again.status.state, ItemState::failed);
    EXPECT_EQ(again.recipients.at(0).state, RecipientState::sent);
    EXPECT_EQ(again.recipients.at(1).reply, "550 100% no");
}

TEST(StateFile, TakesWhatWasUnderWayForHeld) {
    const auto item = decode_states(kId, "state=sending\nrcpt=<a@b>\nrcpt-state=sending\n");
    EXPECT_EQ(item.status.state, ItemState::held);
    EXPECT_EQ(item.recipients.at(0).state, RecipientState::held);
    EXPECT_EQ(decode_states(kId, "rubbish\nrcpt-state=sent\n=\n").status.state, ItemState::held);
}

}  // namespace
}  // namespace cordon
