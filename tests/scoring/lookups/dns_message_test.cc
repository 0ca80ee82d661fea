// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/lookups/dns_message.h"

#include <gtest/gtest.h>

#include "scoring/lookups/dns_cache.h"

namespace cordon {
namespace {

std::string u16(unsigned value) {
    return {static_cast<char>(value >> 8U), static_cast<char>(value & 0xFFU)};
}

std::string u32(unsigned value) {
    return u16(value >> 16U) + u16(value & 0xFFFFU);
}

std::string name(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto dot = std::min(text.find('.'), text.size());
        out += static_cast<char>(dot);
        out += text.substr(0, dot);
        text.remove_prefix(std::min(dot + 1, text.size()));
    }
    return out + '\0';
}

struct Reply {
    unsigned flags = 0x8180;
    std::string records;
    unsigned answers = 0;
    std::string authority;

    Reply& add(const std::string& owner, DnsType type, const std::string& data, unsigned ttl = 60) {
        records += owner + u16(static_cast<unsigned>(type)) + u16(1) + u32(ttl) +
                   u16(static_cast<unsigned>(data.size())) + data;
        ++answers;
        return *this;
    }
    DnsAnswer read(DnsType type = DnsType::txt, const std::string& asked = "o.example") const {
        const auto bytes = u16(7) + u16(flags) + u16(1) + u16(answers) +
                           u16(authority.empty() ? 0 : 1) + u16(0) + name(asked) +
                           u16(static_cast<unsigned>(type)) + u16(1) + records + authority;
        return parse_answer(bytes, {"o.example", type});
    }
};

const std::string kOwner = "\xC0\x0C";  // the question's name

TEST(ParseAnswer, JoinsTheStringsOfATextRecord) {
    const auto out = Reply()
                         .add(kOwner, DnsType::txt,
                              "\x02"
                              "ab"
                              "\x01"
                              "c",
                              300)
                         .read();
    ASSERT_TRUE(out.is_found()) << out.reason;
    EXPECT_EQ(out.texts, std::vector<std::string>{"abc"});
    EXPECT_EQ(out.ttl, 300U);
}

TEST(ParseAnswer, FollowsAliasesAndPassesOverOthers) {
    const auto out = Reply()
                         .add(kOwner, DnsType::cname, name("B.example"), 20)
                         .add(name("b.example"), DnsType::a, std::string("\xC0\x00\x02\x01", 4))
                         .add(name("evil.example"), DnsType::a, std::string("\x7F\x00\x00\x01", 4))
                         .read(DnsType::a);
    ASSERT_TRUE(out.is_found()) << out.reason;
    ASSERT_EQ(out.addresses.size(), 1U);
    EXPECT_EQ(out.addresses[0].to_string(), "192.0.2.1");
    EXPECT_EQ(out.ttl, 20U);
}

TEST(ParseAnswer, OrdersMailHostsByPreference) {
    const auto out = Reply()
                         .add(kOwner, DnsType::mx, u16(20) + name("b.example"))
                         .add(kOwner, DnsType::mx, u16(10) + name("A.example"))
                         .read(DnsType::mx);
    EXPECT_EQ(out.names, (std::vector<std::string>{"a.example", "b.example"}));
}

TEST(ParseAnswer, ReadsIpv6) {
    std::string data(16, '\0');
    data[0] = '\x20';
    data[1] = '\x01';
    data[15] = '\x01';
    const auto out = Reply().add(kOwner, DnsType::aaaa, data).read(DnsType::aaaa);
    ASSERT_EQ(out.addresses.size(), 1U);
    EXPECT_EQ(out.addresses[0].to_string(), "2001::1");
}

TEST(ParseAnswer, TellsWhatIsAbsentFromWhatFailed) {
    EXPECT_EQ((Reply{0x8183, "", 0, ""}.read().status), DnsAnswer::Status::no_name);
    EXPECT_EQ((Reply{0x8180, "", 0, ""}.read().status), DnsAnswer::Status::no_data);
    EXPECT_EQ((Reply{0x8182, "", 0, ""}.read().reason), "SERVFAIL");
    EXPECT_EQ((Reply{0x8185, "", 0, ""}.read().reason), "REFUSED");
    EXPECT_TRUE((Reply{0x0180, "", 0, ""}.read().is_failed())) << "a query is no answer";
    EXPECT_TRUE((Reply{0x8380, "", 0, ""}.read().is_failed())) << "truncated";
    EXPECT_TRUE((Reply{}.read(DnsType::txt, "x.example").is_failed())) << "another question";
}

TEST(ParseAnswer, KeepsAbsenceAsLongAsTheSoaSays) {
    const auto data =
        name("ns.example") + name("root.example") + u32(1) + u32(2) + u32(3) + u32(4) + u32(120);
    const auto soa = name("example") + u16(6) + u16(1) + u32(600) +
                     u16(static_cast<unsigned>(data.size())) + data;
    EXPECT_EQ((Reply{0x8183, "", 0, soa}.read().ttl), 120U);
}

TEST(ParseAnswer, SurvivesLoopsAndCuts) {
    EXPECT_TRUE(Reply().add("\xC0\x1B", DnsType::a, "xxxx").read(DnsType::a).is_failed());
    EXPECT_TRUE(Reply().add(kOwner, DnsType::cname, kOwner).read(DnsType::a).is_failed());
    const auto whole = u16(7) + u16(0x8180) + u16(1) + u16(1) + u16(0) + u16(0) +
                       name("o.example") + u16(16) + u16(1) + kOwner + u16(16) + u16(1) + u32(60) +
                       u16(3) +
                       "\x02"
                       "ab";
    ASSERT_TRUE(parse_answer(whole, {"o.example", DnsType::txt}).is_found());
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const std::string cut = whole.substr(0, size);
        EXPECT_TRUE(parse_answer(cut, {"o.example", DnsType::txt}).is_failed()) << size;
    }
}

TEST(EncodeQuery, IsReadBackAsTheQuestion) {
    auto query = encode_query({"o.example", DnsType::txt}, 7);
    query[2] = '\x81';
    query[11] = 0;  // without the OPT record, which parse_answer would pass over anyway
    EXPECT_EQ(parse_answer(query, {"o.example", DnsType::txt}).status, DnsAnswer::Status::no_data);
}

DnsAnswerPtr text_of(std::size_t size, std::uint32_t ttl) {
    auto out = std::make_shared<DnsAnswer>();
    out->status = DnsAnswer::Status::found;
    out->texts.emplace_back(size, 'x');
    out->ttl = ttl;
    return out;
}

TEST(DnsCache, ForgetsWhatIsTooOld) {
    DnsCache cache(1'000'000);
    const auto now = Steady::now();
    cache.put({"a", DnsType::txt}, text_of(10, 30), now);
    cache.put({"b", DnsType::txt}, text_of(10, 0), now);
    EXPECT_TRUE(cache.find({"a", DnsType::txt}, now + std::chrono::seconds(29)));
    EXPECT_FALSE(cache.find({"a", DnsType::a}, now));
    EXPECT_FALSE(cache.find({"a", DnsType::txt}, now + std::chrono::seconds(30)));
    EXPECT_EQ(cache.size(), 0U);
}

TEST(DnsCache, IsBoundedInBytesAndDropsTheLeastUsed) {
    DnsCache cache(100'000);
    const auto now = Steady::now();
    for (int i = 0; i < 100; ++i) {
        cache.put({std::to_string(i), DnsType::txt}, text_of(10'000, 30), now);
        EXPECT_TRUE(cache.find({"0", DnsType::txt}, now)) << i;
    }
    EXPECT_LT(cache.size(), 10U);
    cache.put({"huge", DnsType::txt}, text_of(200'000, 30), now);
    EXPECT_FALSE(cache.find({"huge", DnsType::txt}, now));
}

}  // namespace
}  // namespace cordon
