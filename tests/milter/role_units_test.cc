// SPDX-License-Identifier: GPL-2.0-only
#include "milter/role_units.h"

#include <gtest/gtest.h>

#include "conf/base/ipc.h"
#include "tests/support/builders.h"
#include "tests/support/matchers.h"
#include "tests/support/temporary_directory.h"

namespace cordon {
namespace {

using test::FailsWith;
using test::IsOk;

/// cordond's side, and a unit that the test speaks for.
struct Site {
    Site() {
        const auto c = test::a_configuration("[cordon]\nrun-directory = " + folder.path() + "\n");
        auto opened = RoleUnits::open(*c);
        EXPECT_THAT(opened, IsOk());
        units = std::move(*opened);
    }
    UniqueFd join(const std::string& program, const std::string& version = CORDON_VERSION) const {
        auto socket = connect_seqpacket(folder.path() + kRoleUnitSocket);
        EXPECT_THAT(socket, IsOk());
        units->look();  // accepts it
        tell(socket->get(), UnitHello{version, program});
        units->look();
        return std::move(*socket);
    }
    static void tell(int socket, const UnitRecord& record) {
        EXPECT_THAT(send_record(socket, to_record(record), -1, Deadline::in(Milliseconds(5000))),
                    IsOk());
    }
    static UnitRecord hear(int socket) {
        const auto record = receive_record(socket, Deadline::in(Milliseconds(5000)));
        if (!record || !*record) return UnitRefusal{"nothing"};
        return parse_unit_record((*record)->bytes).value_or(UnitRefusal{"malformed"});
    }
    static Spawn program() {
        Spawn out;
        out.program = "/usr/libexec/cordon/cordon-keeper";
        out.arguments = {"--config-fd", "3"};
        out.fds = {{0, 3}};
        out.user = "cordon";
        return out;
    }
    test::TemporaryDirectory folder;
    std::unique_ptr<RoleUnits> units;
};

TEST(RoleUnits, HaveAProgramStartedByTheUnitOfItsName) {
    const Site site;
    const auto unit = site.join("cordon-keeper");
    Site::tell(unit.get(), UnitStarted{4711, ""});  // it may answer at once: records keep order
    EXPECT_EQ(site.units->spawn(Site::program()).value_or(-1), 4711);
    const auto passed = Site::hear(unit.get());
    ASSERT_TRUE(std::holds_alternative<UnitDescriptor>(passed));
    EXPECT_EQ(std::get<UnitDescriptor>(passed).number, 3);
    const auto start = Site::hear(unit.get());
    ASSERT_TRUE(std::holds_alternative<UnitStart>(start));
    EXPECT_EQ(std::get<UnitStart>(start).arguments.size(), 2U);
    EXPECT_EQ(std::get<UnitStart>(start).user, "cordon");
}

TEST(RoleUnits, TellWhatEndedAndCountAUnitThatLeftAsTheEndOfAllItRan) {
    const Site site;
    auto unit = site.join("cordon-keeper");
    for (const pid_t pid : {4711, 4712}) {
        Site::tell(unit.get(), UnitStarted{pid, ""});
        EXPECT_THAT(site.units->spawn(Site::program()), IsOk());
    }
    Site::tell(unit.get(), UnitEnded{4711, 0});
    Site::tell(unit.get(), UnitEnded{1, 0});  // never started by it
    const auto ended = site.units->look();
    ASSERT_EQ(ended.size(), 1U);
    EXPECT_EQ(ended.front().pid, 4711);
    unit.reset();
    const auto left = site.units->look();
    ASSERT_EQ(left.size(), 1U);
    EXPECT_EQ(left.front().pid, 4712);
    EXPECT_FALSE(site.units->has("cordon-keeper"));
}

TEST(RoleUnits, NameTheUnitThatIsMissing) {
    const Site site;
    EXPECT_THAT(site.units->spawn(Site::program()),
                FailsWith("systemctl start cordon-keeper.service"));
}

TEST(RoleUnits, RefuseAnotherVersionAndASecondOne) {
    const Site site;
    const auto old = site.join("cordon-keeper", "0.0.9");
    EXPECT_FALSE(site.units->has("cordon-keeper"));
    EXPECT_TRUE(std::holds_alternative<UnitRefusal>(Site::hear(old.get())));
    const auto first = site.join("cordon-keeper");
    const auto second = site.join("cordon-keeper");
    EXPECT_TRUE(site.units->has("cordon-keeper"));
    const auto refusal = Site::hear(second.get());
    ASSERT_TRUE(std::holds_alternative<UnitRefusal>(refusal));
    EXPECT_EQ(std::get<UnitRefusal>(refusal).reason, "there is one already");
}

TEST(RoleUnits, AUnitThatFailsToStartItsProgramStays) {
    const Site site;
    const auto unit = site.join("cordon-keeper");
    Site::tell(unit.get(), UnitStarted{-1, "no such file"});
    EXPECT_THAT(site.units->spawn(Site::program()), FailsWith("could not start it"));
    EXPECT_TRUE(site.units->has("cordon-keeper"));
}

TEST(RoleUnits, DropAUnitThatSpeaksNonsense) {
    const Site site;
    const auto unit = site.join("cordon-keeper");
    EXPECT_THAT(
        send_record(unit.get(), "\x03\xff\xff\xff\xff", -1, Deadline::in(Milliseconds(5000))),
        IsOk());
    site.units->look();
    EXPECT_FALSE(site.units->has("cordon-keeper"));
}

TEST(UnitRecords, AreReadAsTheyWereWrittenAndNotOtherwise) {
    const UnitStart start{{"--control-fd", "5"}, "cordon", "postfix"};
    const auto bytes = to_record(start);
    const auto read = parse_unit_record(bytes);
    ASSERT_THAT(read, IsOk());
    EXPECT_EQ(std::get<UnitStart>(*read).arguments, start.arguments);
    EXPECT_EQ(std::get<UnitStart>(*read).group, "postfix");
    for (std::size_t size = 0; size < bytes.size(); ++size)
        EXPECT_FALSE(parse_unit_record(std::string_view(bytes).substr(0, size))) << size;
    EXPECT_FALSE(parse_unit_record(bytes + "x"));
    EXPECT_FALSE(parse_unit_record("\x09"));
}

}  // namespace
}  // namespace cordon
