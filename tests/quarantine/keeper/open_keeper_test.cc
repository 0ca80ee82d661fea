// SPDX-License-Identifier: GPL-2.0-only
// A first start that is interrupted leaves nothing that the next one takes for a loss.
#include <gtest/gtest.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "conf/base/file_descriptor.h"
#include "quarantine/keeper/keeper.h"
#include "tests/support/builders.h"
#include "tests/support/matchers.h"
#include "tests/support/temporary_directory.h"

namespace cordon {
namespace {

using test::IsOk;

/// The names that appeared in a folder, in their order, each behind a blank.
std::string names_made(int watch) {
    alignas(inotify_event) std::array<char, 65536> events{};
    const ssize_t size = ::read(watch, events.data(), events.size());
    std::string names;
    for (ssize_t at = 0; at < size;) {
        const char* const place = &events.at(static_cast<std::size_t>(at));
        inotify_event event{};
        std::memcpy(&event, place, sizeof event);
        names.append(" ").append(place + sizeof event);
        at += static_cast<ssize_t>(sizeof event + event.len);
    }
    return names;
}

TEST(OpenKeeper, HasAKeyBeforeAJournalTellsThatMailWasHeldHere) {
    const test::TemporaryDirectory folder;
    const auto configuration = test::a_configuration(
        "[cordon]\nstate-directory = " + folder.path() + "\nrun-directory = " + folder.path());
    const UniqueFd watch(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
    ASSERT_GE(::inotify_add_watch(watch.get(), folder.path().c_str(), IN_CREATE | IN_MOVED_TO), 0);
    ASSERT_THAT(open_keeper(configuration), IsOk());
    const std::string names = names_made(watch.get()) + ' ';
    ASSERT_NE(names.find(" seal.key "), std::string::npos);
    EXPECT_LT(names.find(" seal.key "), names.find(" journal.db ")) << names;
}

}  // namespace
}  // namespace cordon
