// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/message/signed_data.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "conf/base/text.h"
#include "scoring/message/archive_walker.h"
#include "scoring/message/message.h"
#include "scoring/scanner/canary.h"
#include "tests/support/signed_builder.h"
#include "tests/support/zip_builder.h"

namespace cordon {
namespace {

using test::signed_data;

TEST(SignedData, GivesItsContent) {
    EXPECT_EQ(content_of_signed_data(signed_data("hello"), 1000), "hello");
}

TEST(SignedData, GivesNothingForOtherBytesAndBeyondTheLimit) {
    EXPECT_EQ(content_of_signed_data("junk", 1000), "");
    EXPECT_EQ(content_of_signed_data("", 1000), "");
    EXPECT_EQ(content_of_signed_data(signed_data("hello"), 10), "");
}

TEST(SignedData, IsReadAsTheMessageThatItHolds) {
    const std::string inner =
        "Content-Type: application/octet-stream; name=a.exe\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\nUEFZTE9BRCBpbnNpZGU=\r\n";
    const std::string bytes =
        "Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\n" +
        to_base64(signed_data(inner)) + "\r\n";
    const Message message = Message::parse(bytes, Limits{});
    ASSERT_EQ(message.parts().size(), 2U);
    EXPECT_EQ(message.parts()[1].name, "a.exe");
    EXPECT_EQ(message.parts()[1].bytes(), "PAYLOAD inside");
}

const std::string kEntity =
    "Content-Type: application/octet-stream; name=a.exe\r\n"
    "Content-Transfer-Encoding: base64\r\n\r\n" +
    to_base64(eicar()) + "\r\n";

std::string armoured(const std::string& label, const std::string& der) {
    return "-----BEGIN " + label + "-----\n" + to_base64(der) + "\n-----END " + label + "-----\n";
}

bool is_found(const std::string& type, const std::string& body) {
    const std::string bytes = "Content-Type: " + type +
                              "\r\nContent-Transfer-Encoding: base64\r\n\r\n" + to_base64(body) +
                              "\r\n";
    const Message message = Message::parse(bytes, Limits{});
    return std::any_of(message.parts().begin(), message.parts().end(),
                       [](const Part& part) { return part.bytes() == eicar(); });
}

TEST(SignedData, IsKnownByItsBytesWhateverItsTypeAndNameSay) {
    const std::string der = signed_data(kEntity);
    EXPECT_TRUE(is_found("application/octet-stream", der));
    EXPECT_TRUE(is_found("application/x-foo; name=a.dat", der));
    EXPECT_TRUE(is_found("text/plain", der));
    EXPECT_TRUE(is_found("application/octet-stream; name=smime.p7m", to_base64(der)));
    for (const char* const label : {"CMS", "PKCS7", "PKCS #7 SIGNED DATA"}) {
        EXPECT_TRUE(is_found("application/octet-stream; name=a.pem", armoured(label, der)));
        EXPECT_TRUE(is_found("text/plain", "A note.\n" + armoured(label, der)));
    }
}

TEST(SignedData, OfAFileHasTheNameOfTheFile) {
    const std::string bytes =
        "Content-Type: application/octet-stream; name=a.exe.p7m\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\n" +
        to_base64(signed_data(eicar())) + "\r\n";
    const Message message = Message::parse(bytes, Limits{});
    const auto& parts = message.parts();
    EXPECT_TRUE(std::any_of(parts.begin(), parts.end(), [](const Part& part) {
        return part.name == "a.exe" && part.bytes() == eicar();
    }));
}

TEST(SignedData, InAnArchiveIsOpened) {
    test::ZipTestArchive archive;
    archive.members = {test::zip_member("mail.dat", signed_data(kEntity)),
                       test::zip_member("b.exe.p7m", armoured("CMS", signed_data(eicar())))};
    for (const auto effort : {ArchiveEffort::full, ArchiveEffort::survey}) {
        std::vector<std::string> seen;
        const Limits limits;
        ArchiveWalker walker(limits, effort, [&](const ArchiveMember& member) {
            if (member.is_entity && member.needs_own_scan && member.is_whole)
                seen.push_back(member.name + "|" + std::string(member.bytes));
        });
        walker.walk(archive.build(), "a.zip");
        EXPECT_EQ(seen, (std::vector{"|" + kEntity, "b.exe|" + eicar()}));
    }
}

}  // namespace
}  // namespace cordon
