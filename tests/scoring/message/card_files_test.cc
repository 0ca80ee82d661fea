// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/message/card_files.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "conf/base/text.h"
#include "scoring/message/transfer_encoding.h"
#include "scoring/scanner/canary.h"

namespace cordon {
namespace {

/// Base64 as cards hold it: lines of 60 characters, each but the first behind `fold`.
std::string folded(const std::string& base64, const std::string& fold) {
    std::string out;
    for (std::size_t i = 0; i < base64.size(); i += 60)
        out += (i > 0 ? fold : "") + base64.substr(i, 60);
    return out;
}

std::string card(const std::string& property) {
    return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nSUMMARY:Meeting: the usual\r\n" +
           property + "\r\nLOCATION:Room 2\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
}

std::vector<Part> attachments(const std::string& bytes) {
    std::vector<Part> out;
    const Message message = Message::parse(bytes, Limits{});
    for (const Part& part : message.parts()) {
        if (part.decoded == eicar()) out.push_back(part);
    }
    return out;
}

std::string mail_of(const std::string& type, const std::string& body) {
    return "Content-Type: " + type + "\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
           to_base64(body) + "\r\n";
}

struct CardCase {
    const char* name;
    std::string property;
};

class FileInACard : public testing::TestWithParam<CardCase> {};

TEST_P(FileInACard, IsAnAttachmentOfTheMail) {
    const std::string body = card(GetParam().property);
    for (const char* const type : {"text/calendar; method=REQUEST", "text/vcard", "text/x-vcard",
                                   "application/octet-stream; name=invite.ics",
                                   "application/octet-stream; name=Alice.VCF", "text/plain"})
        EXPECT_EQ(attachments(mail_of(type, body)).size(), 1U) << type;
    EXPECT_EQ(attachments("Content-Type: text/calendar\r\n\r\n" + body).size(), 1U);
}

const std::string kEicar = to_base64(eicar());

INSTANTIATE_TEST_SUITE_P(
    Cards, FileInACard,
    testing::Values(
        CardCase{"folded",
                 "ATTACH;FMTTYPE=application/zip;ENCODING=BASE64;VALUE=BINARY;X-FILENAME=a.exe:" +
                     folded(kEicar, "\r\n ")},
        CardCase{"folded_in_its_parameters",
                 "ATTACH;ENCODING=\r\n BASE\r\n 64;VALUE=BINARY:\r\n " + folded(kEicar, "\r\n\t")},
        CardCase{"small_letters", "attach;encoding=base64:" + folded(kEicar, "\n ")},
        CardCase{"colon_in_quotes", "ATTACH;X-N=\"a:b;c\";ENCODING=\"BASE64\":" + kEicar},
        CardCase{"quote_never_ended", "ATTACH;X-N=\"a;ENCODING=BASE64:" + kEicar},
        CardCase{"vcard_3", "PHOTO;ENCODING=b;TYPE=JPEG:" + folded(kEicar, "\r\n ")},
        CardCase{"vcard_2", "item1.PHOTO;BASE64;JPEG:\r\n" + folded(kEicar, "\r\n") + "\r\n\r\n"},
        CardCase{"data_uri", "PHOTO:data:image/jpeg;base64," + folded(kEicar, "\r\n ")}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(CardFiles, HaveTheNameAndTypeThatIsStated) {
    const auto body = card(
        "ATTACH;FMTTYPE=Application/X-MSDOWNLOAD;ENCODING=BASE64;FILENAME=\"a.exe\":" + kEicar);
    const auto files = attachments(mail_of("text/calendar", body));
    ASSERT_EQ(files.size(), 1U);
    EXPECT_EQ(files[0].name, "a.exe");
    EXPECT_EQ(files[0].type, "application/x-msdownload");
    EXPECT_TRUE(files[0].is_attachment());
}

TEST(CardFiles, AreFoundOneAfterAnother) {
    const std::string text =
        "PHOTO;ENCODING=b:QUJD\r\nNOTE:no file\r\nLOGO;BASE64:\r\n REVG\r\n\r\nX:1";
    CardFiles files(text);
    EXPECT_EQ(decode_base64(files.next()->base64).bytes, "ABC");
    EXPECT_EQ(decode_base64(files.next()->base64).bytes, "DEF");
    EXPECT_FALSE(files.next());
}

TEST(CardFiles, AreNoneInACardWithoutAny) {
    const std::string bytes =
        mail_of("text/calendar",
                card("ATTACH:https://example.org/a.pdf\r\nDESCRIPTION:data: none; base64"));
    EXPECT_EQ(Message::parse(bytes, Limits{}).parts().size(), 1U);
}

TEST(CardFiles, InCardsInCardsEndAtTheDepthThatIsRead) {
    std::string body = card("X:1");
    for (int i = 0; i < 12; ++i) body = card("ATTACH;ENCODING=BASE64:" + to_base64(body));
    Limits limits;
    limits.depth = 10;
    const std::string bytes = mail_of("text/calendar", body);
    const Message message = Message::parse(bytes, limits);
    EXPECT_EQ(message.parts().size(), limits.depth + 1);
    const auto& oddities = message.oddities();
    EXPECT_TRUE(std::any_of(oddities.begin(), oddities.end(),
                            [](const Oddity& o) { return o.rule == "LIMIT_DEPTH"; }));
}

}  // namespace
}  // namespace cordon
