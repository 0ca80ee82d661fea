// SPDX-License-Identifier: GPL-2.0-only
#include "milter/reply.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/matchers.h"
#include "tests/support/milter_site.h"

namespace cordon {
namespace {

using test::Call;
using test::FailsWith;
using test::MilterSite;
using ::testing::ElementsAre;
using ::testing::StartsWith;

/// The answer to a message in which this virus was found.
struct VirusReply {
    explicit VirusReply(const std::string& virus) {
        const MilterSite site("[clamav]\nenabled = yes\n");
        site.find_virus(virus);
        const auto mta = site.connection();
        answer = mta->send({});
        text = mta->reply;
    }
    sfsistat answer = SMFIS_CONTINUE;
    std::string text;
};

TEST(Refuse, DoublesPercentSigns) {
    const VirusReply reply("Win.100%s.%n");
    EXPECT_THAT(reply.text, StartsWith("554 5.7.1 Message refused: virus Win.100%%s.%%n (id "));
}

TEST(Refuse, LeavesNoControlOrEightBitCharacterInItsText) {
    const VirusReply reply("Worm\r\n250 fine\x1b\x7F\xC3\xA4");
    EXPECT_EQ(reply.answer, SMFIS_REJECT);
    EXPECT_THAT(reply.text, StartsWith("554 5.7.1 "));
    for (const char c : reply.text) EXPECT_TRUE(c >= ' ' && c < 0x7F) << static_cast<int>(c);
}

TEST(Refuse, KeepsWithinALineWhateverItIsAskedToSay) {
    for (const char* piece : {"x", "%"}) {
        std::string virus;
        for (int i = 0; i < 399; ++i) virus += piece;
        EXPECT_THAT(VirusReply(virus).text,
                    StartsWith("554 5.7.1 Message refused: virus " + std::string(piece)));
        EXPECT_LE(VirusReply(virus).text.size(), 510U) << "RFC 5321 section 4.5.3.1.5";
    }
}

TEST(Refuse, AnswersTheSameWhenItsTextIsNotTaken) {
    const MilterSite site;
    site.find({"SEVENTEEN"});
    const auto mta = site.connection();
    mta->on_call = [](const std::string& name) {
        return name == "setreply" ? MI_FAILURE : MI_SUCCESS;
    };
    EXPECT_EQ(mta->send({}), SMFIS_REJECT);
}

}  // namespace
}  // namespace cordon
