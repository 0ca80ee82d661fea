// SPDX-License-Identifier: GPL-2.0-only
// Files that stand encoded in decoded parts.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "conf/base/text.h"
#include "scoring/message/message.h"
#include "scoring/scanner/canary.h"

namespace cordon {
namespace {

std::string mail_of(const std::string& type, const std::string& body) {
    return "Content-Type: " + type + "\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
           to_base64(body) + "\r\n";
}

bool is_found(const std::string& type, const std::string& body) {
    const std::string bytes = mail_of(type, body);
    const Message message = Message::parse(bytes, Limits{});
    return std::any_of(message.parts().begin(), message.parts().end(),
                       [](const Part& part) { return part.bytes() == eicar(); });
}

std::string yenc(const std::string& bytes) {
    std::string out = "=ybegin line=128 size=68 name=a.com\r\n";
    for (const char c : bytes) {
        const auto byte = static_cast<char>(static_cast<unsigned char>(c) + 42U);
        const bool is_critical = std::string_view("\0\r\n=", 4).find(byte) != std::string::npos;
        if (is_critical) out += '=';
        out += is_critical ? static_cast<char>(byte + 64) : byte;
    }
    return out + "\r\n=yend size=68\r\n";
}

TEST(DecodedPart, ThatIsAnEncodedFileIsUndoneAgain) {
    for (const char* const type : {"text/plain", "application/octet-stream", "image/jpeg"}) {
        EXPECT_TRUE(is_found(type, yenc(eicar()))) << type;
        EXPECT_TRUE(is_found(type, "\r\n" + yenc(eicar()))) << type;
        EXPECT_TRUE(is_found(type, "begin-base64 644 a\n" + to_base64(eicar()) + "\n====\n"));
    }
}

TEST(DecodedPart, ThatIsBase64IsUndoneAgain) {
    std::string body = to_base64(eicar());
    for (int level = 0; level < 5; ++level) {
        for (const char* const type :
             {"text/plain", "text/html", "application/octet-stream; name=a"})
            EXPECT_TRUE(is_found(type, body)) << type << level;
        body = to_base64(body + "\r\n");
    }
    EXPECT_TRUE(is_found("application/octet-stream", yenc(eicar())));
}

TEST(DecodedPart, IsUndoneNoDeeperThanPartsAreReadAndTellsIt) {
    std::string body = eicar();
    for (int level = 0; level < 12; ++level) body = to_base64(body);
    Limits limits;
    limits.depth = 8;
    const std::string bytes = mail_of("text/plain", body);
    const Message message = Message::parse(bytes, limits);
    EXPECT_EQ(message.parts().size(), limits.depth + 1);
    const auto& oddities = message.oddities();
    EXPECT_TRUE(std::any_of(oddities.begin(), oddities.end(),
                            [](const Oddity& o) { return o.rule == "LIMIT_DEPTH"; }));
}

}  // namespace
}  // namespace cordon
