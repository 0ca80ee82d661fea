// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/vault/held_message.h"

#include <gtest/gtest.h>

#include "tests/support/builders.h"
#include "tests/support/matchers.h"

namespace cordon {
namespace {

using test::a_held_message;
using test::FailsWith;
using test::IsOk;

Result<HeldMessage> decoded(std::string_view bytes) {
    std::size_t head_bytes = 0;
    return decode_head(bytes, head_bytes);
}

/// A head with these lines after the magic.
std::string head_with(const std::string& lines) {
    return "CORDON-HELD 1\n" + lines + "\n";
}

TEST(HeldMessage, ReadsBackWhatWasWritten) {
    auto message = a_held_message("67a1b2c3");
    message.client = "192.0.2.7";
    message.mail_parameters = "BODY=8BITMIME SIZE=100";
    message.report = "line one\nline two\n100 %\n";
    message.size = 12345;
    message.sha256 = std::string(64, 'a');
    const auto again = decoded(encode_head(message));
    ASSERT_THAT(again, IsOk());
    EXPECT_EQ(encode_head(*again), encode_head(message));
    EXPECT_EQ(again->report, message.report);
    EXPECT_EQ(again->received_at, 1'764'000'000);
    ASSERT_EQ(again->recipients.size(), 2U);
    EXPECT_EQ(again->recipients[0].path, "<Alice@Example.org>");
    EXPECT_EQ(again->recipients[0].parameters, "NOTIFY=FAILURE");
    EXPECT_EQ(again->recipients[1].parameters, "");
}

TEST(HeldMessage, KeepsEveryByteOfAValue) {
    auto message = a_held_message("67a1b2c3");
    message.subject.clear();
    for (int byte = 0; byte < 256; ++byte) message.subject += static_cast<char>(byte);
    message.reason = "%0a %% %zz %";
    message.from = "ends in %0";
    const auto again = decoded(encode_head(message));
    ASSERT_THAT(again, IsOk());
    EXPECT_EQ(again->subject, message.subject);
    EXPECT_EQ(again->reason, message.reason);
    EXPECT_EQ(again->from, message.from);
}

TEST(HeldMessage, CannotGrowAFieldThroughAnother) {
    auto message = a_held_message("67a1b2c3");
    message.helo = "x\nrcpt=<eve@example.net>\n\nbody";
    const auto again = decoded(encode_head(message));
    ASSERT_THAT(again, IsOk());
    EXPECT_EQ(again->recipients.size(), 2U);
    EXPECT_EQ(again->helo, message.helo);
}

TEST(HeldMessage, KnowsWhereItsHeadEnds) {
    const auto head = encode_head(a_held_message("67a1b2c3"));
    std::size_t head_bytes = 0;
    ASSERT_THAT(decode_head(head + "\nbody=1\n\n", head_bytes), IsOk());
    EXPECT_EQ(head_bytes, head.size());
}

TEST(HeldMessage, ReadsKeysOfANewerVersionWithoutHarm) {
    EXPECT_THAT(decoded(head_with("id=67a1b2c3\nnew-key=1\n")), IsOk());
}

TEST(HeldMessage, RefusesAHeadThatIsDamaged) {
    const auto head = encode_head(a_held_message("67a1b2c3"));
    EXPECT_THAT(decoded(""), FailsWith("not a held message of this version"));
    EXPECT_THAT(decoded("CORDON-HELD 2\nid=67a1b2c3\n\n"),
                FailsWith("not a held message of this version"));
    EXPECT_THAT(decoded(head.substr(0, head.size() - 1)), FailsWith("is cut"));
    EXPECT_THAT(decoded(head_with("")), FailsWith("no valid id"));
    EXPECT_THAT(decoded(head_with("id=../../etc/passwd\n")), FailsWith("no valid id"));
    EXPECT_THAT(decoded(head_with("id=67a1b2c3\nnonsense\n")), FailsWith("without '='"));
    EXPECT_THAT(decoded(head_with("id=67a1b2c3\nsize=many\n")), FailsWith("'size' is no number"));
    EXPECT_THAT(decoded(head_with("id=67a1b2c3\nreceived-at=9223372036854775808\n")),
                FailsWith("'received-at' is no number"));
    EXPECT_THAT(decoded(head_with("id=67a1b2c3\nrcpt-parameters=X\n")),
                FailsWith("without a recipient"));
}

TEST(HeldMessage, RefusesCountlessRecipients) {
    std::string lines = "id=67a1b2c3\n";
    for (int i = 0; i < 100'001; ++i) lines += "rcpt=a\n";
    EXPECT_THAT(decoded(head_with(lines)), FailsWith("too many recipients"));
}

TEST(IsMessageId, TakesLettersAndDigitsOnly) {
    for (const char* id : {"67a1b2c3", "67a1b2c30123456789", "ABCDEFGH"})
        EXPECT_TRUE(is_message_id(id)) << id;
    for (const char* id :
         {"", "67a1b2c", "../67a1b2c3", "67a1b2c3/", "67a1b2c3.held", "67a1b2c3\n", "67a1 b2c3"})
        EXPECT_FALSE(is_message_id(id)) << id;
    EXPECT_FALSE(is_message_id(std::string(65, 'a')));
    EXPECT_FALSE(is_message_id(std::string_view("67a1b2c3\0", 9)));
}

}  // namespace
}  // namespace cordon
