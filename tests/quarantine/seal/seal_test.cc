// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/seal/seal.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "conf/base/file_descriptor.h"
#include "conf/base/text.h"
#include "quarantine/seal/key_file.h"
#include "tests/support/builders.h"
#include "tests/support/matchers.h"
#include "tests/support/temporary_directory.h"

namespace cordon {
namespace {

using test::a_held_message;
using test::FailsWith;
using test::IsOk;
using test::TemporaryDirectory;

SealKey a_key(const std::string& id, char fill) {
    return {id, std::string(32, fill), 1'800'000'000};
}
const SealKeys kKeys = {a_key("00000001", 'a'), a_key("00000002", 'b')};

TEST(Seal, OpensToWhatWasSealedWithoutItsReport) {
    auto message = a_held_message("67a1b2c3");
    message.report = "long";
    const auto opened = open_seal(kKeys, make_seal(kKeys[0], message));
    ASSERT_THAT(opened, IsOk());
    message.report.clear();
    EXPECT_EQ(encode_head(opened->message), encode_head(message));
    EXPECT_TRUE(opened->is_complete);
}

TEST(Seal, OfAnOlderKeyStillOpens) {
    EXPECT_THAT(open_seal(kKeys, make_seal(kKeys[1], a_held_message("67a1b2c3"))), IsOk());
}

TEST(Seal, OfAForeignKeyIsNamedAsSuch) {
    const auto opened =
        open_seal(kKeys, make_seal(a_key("00000003", 'c'), a_held_message("67a1b2c3")));
    ASSERT_THAT(opened, FailsWith("00000003"));
    EXPECT_TRUE(is_unknown_key(opened.error()));
}

TEST(Seal, OfAForeignKeyUnderOurKeysNameDoesNotOpen) {
    const auto opened =
        open_seal(kKeys, make_seal(a_key("00000001", 'c'), a_held_message("67a1b2c3")));
    EXPECT_THAT(opened, FailsWith("forged"));
}

TEST(Seal, WithAnyCharacterAlteredDoesNotOpen) {
    const auto seal = make_seal(kKeys[0], a_held_message("67a1b2c3"));
    ASSERT_GT(seal.size(), 200U);
    for (std::size_t i = 0; i < seal.size(); ++i) {
        auto altered = seal;
        altered[i] = altered[i] == 'A' ? 'B' : 'A';
        EXPECT_FALSE(open_seal(kKeys, altered)) << i;
        EXPECT_FALSE(open_seal(kKeys, seal.substr(0, i))) << i;
    }
    EXPECT_FALSE(open_seal(kKeys, seal + "A"));
}

TEST(Seal, LeavesALongListOfRecipientsToTheVault) {
    auto message = a_held_message("67a1b2c3");
    message.recipients.assign(500, {"<a.rather.long.name@mail.example.org>", ""});
    const auto seal = make_seal(kKeys[0], message);
    EXPECT_LE(seal.size(), kMaxSeal);
    const auto opened = open_seal(kKeys, seal);
    ASSERT_THAT(opened, IsOk());
    EXPECT_FALSE(opened->is_complete);
    EXPECT_TRUE(opened->message.recipients.empty());
}

TEST(Seal, SurvivesTheFoldsOfAHeader) {
    const auto seal = make_seal(kKeys[0], a_held_message("67a1b2c3"));
    const auto folded = folded_seal(seal);
    for (const auto line : split(folded, '\n')) EXPECT_LE(line.size(), 78U);
    EXPECT_TRUE(is_seal_like(" " + folded));
    EXPECT_EQ(unfolded_seal(" " + folded), seal);
}

TEST(Seal, IsNotWhateverStandsInItsField) {
    for (const auto* const value : {"", "v1.", "v1.00000001.", "v2.00000001.AAAA",
                                    "v1.0000000g.AAAA", "v1.00000001.A+A", "v1.00000001.A=="})
        EXPECT_FALSE(is_seal_like(value)) << value;
    EXPECT_FALSE(is_seal_like("v1.00000001." + std::string(9000, 'A')));
}

TEST(Base64url, HasOneSpellingOnly) {
    EXPECT_EQ(from_base64url("_-8").value(), "\xff\xef");
    EXPECT_FALSE(from_base64url("_-9"));
    EXPECT_FALSE(from_base64url("A"));
}

TEST(SealKeys, AreMadeOnceAndReadBack) {
    const TemporaryDirectory folder;
    const auto path = folder.file("seal.key");
    const auto made = load_seal_keys(path, true, 5);
    ASSERT_THAT(made, IsOk());
    EXPECT_EQ(load_seal_keys(path, false, 6)->front().secret, made->front().secret);
    struct stat info {};
    ASSERT_EQ(::stat(path.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600U);
}

TEST(SealKeys, AreNotMadeAnewWhileMailIsHeld) {
    const TemporaryDirectory folder;
    EXPECT_THAT(load_seal_keys(folder.file("seal.key"), false, 5), FailsWith("put its copy back"));
    EXPECT_THAT(load_seal_keys(folder.write("seal.key", ""), false, 5), FailsWith("others"));
    ASSERT_THAT(replace_file(folder.file("seal.key"), "", 0600), IsOk());
    EXPECT_THAT(load_seal_keys(folder.file("seal.key"), false, 5), IsOk());
}

TEST(SealKeys, ThatAreDamagedOrOpenToOthersAreRefused) {
    const TemporaryDirectory folder;
    const auto path = folder.file("seal.key");
    ASSERT_THAT(replace_file(path, "00000001 c2hvcnQ 5\n", 0600), IsOk());
    EXPECT_THAT(load_seal_keys(path, true, 5), FailsWith("line 1"));
    ASSERT_THAT(replace_file(path, encode_seal_keys(kKeys), 0644), IsOk());
    EXPECT_THAT(load_seal_keys(path, true, 5), FailsWith("chmod 600"));
}

TEST(SealKeys, RotateAndKeepTheOldOnesForAsLongAsMailIsKept) {
    const TemporaryDirectory folder;
    const auto path = folder.file("seal.key");
    auto keys = load_seal_keys(path, true, 1000);
    const auto first = keys->front().id;
    keys = rotate_seal_keys(path, *keys, 2000, 500);
    ASSERT_THAT(keys, IsOk());
    EXPECT_EQ(keys->size(), 2U);
    EXPECT_EQ(keys->back().id, first);
    keys = rotate_seal_keys(path, *keys, 2600, 500);
    EXPECT_EQ(keys->size(), 2U);  // the first was replaced 600 s ago
    EXPECT_EQ(load_seal_keys(path, false, 0)->size(), 2U);
}

}  // namespace
}  // namespace cordon
