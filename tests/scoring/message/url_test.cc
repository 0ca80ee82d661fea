// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/message/url.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "scoring/message/url_domain.h"

namespace cordon {
namespace {

std::string host_of(std::string_view url) {
    return parse_url(url).host;
}

std::vector<std::string> found_in(std::string_view text) {
    std::vector<std::string> out;
    for (const Url& url : find_urls(text, 100)) out.push_back(url.raw);
    return out;
}

using Texts = std::vector<std::string>;

TEST(ParseUrl, TakesAUrlApart) {
    const auto url = parse_url("HTTPS://user:pw@Mail.Example.ORG:8443/a/b?c=d#e");
    EXPECT_EQ(url.scheme, "https");
    EXPECT_EQ(url.user, "user:pw");
    EXPECT_EQ(url.host, "mail.example.org");
    EXPECT_EQ(url.host_ascii, "mail.example.org");
    EXPECT_EQ(url.port, 8443);
    EXPECT_EQ(url.path, "/a/b?c=d#e");
    EXPECT_FALSE(url.host_is_ip);
}

TEST(ParseUrl, BelievesTheLastAtSign) {
    const auto url = parse_url("http://www.bank.example@x@evil.example.net/login");
    EXPECT_EQ(url.host, "evil.example.net");
    EXPECT_EQ(url.user, "www.bank.example@x");
}

TEST(ParseUrl, EndsTheHostAtABackslash) {
    EXPECT_EQ(host_of("http://evil.example.net\\@www.bank.example/"), "evil.example.net");
    EXPECT_EQ(host_of("https:\\\\evil.example.net\\a"), "evil.example.net");
}

TEST(ParseUrl, AcceptsAnyNumberOfSlashes) {
    for (const auto* url :
         {"http:example.org/a", "http:/example.org/a", "http:////example.org/a"}) {
        EXPECT_EQ(host_of(url), "example.org") << url;
        EXPECT_EQ(parse_url(url).path, "/a") << url;
    }
}

TEST(ParseUrl, DropsLineBreaksTabsAndControlCharacters) {
    const auto url = parse_url(" \x01\nht\ttp://exa\r\nmple.org/a\tb \x1F");
    EXPECT_EQ(url.host, "example.org");
    EXPECT_EQ(url.raw, "http://example.org/ab");
}

TEST(ParseUrl, DecodesPercentSignsInTheHost) {
    EXPECT_EQ(host_of("http://%65x%61mple%2Eorg/"), "example.org");
}

TEST(ParseUrl, RefusesHostsThatNoBrowserOpens) {
    for (const auto* text :
         {"http://exa mple.org/", "http://a%00b/", "http://a%2Fb/", "http://[::1/",
          "http://256.1.1.1/", "http://1.2.3.4.5/", "http://[not-an-address]/"}) {
        const auto url = parse_url(text);
        EXPECT_EQ(url.host, "") << text;
        EXPECT_TRUE(url.bad_host) << text;
    }
}

TEST(ParseUrl, KeepsTheHostBeforeAPortThatIsNone) {
    const auto url = parse_url("http://example.org:70000/");
    EXPECT_EQ(url.host, "example.org");
    EXPECT_TRUE(url.bad_host);
    EXPECT_EQ(parse_url("http://example.org:/x").port, 0);
}

TEST(ParseUrl, RecognisesEverySpellingOfAnIpv4Address) {
    for (const auto* text :
         {"http://0xC0.0x00.0x02.0x07/", "http://3221225991/", "http://0300.0.2.7/",
          "http://192.0.519/", "http://192.519/", "http://0xC0000207/", "http://192.0.2.7./",
          "http://%3192.0.2.7/", "http://１９２.0.2.7/"}) {
        const auto url = parse_url(text);
        EXPECT_EQ(url.host, "192.0.2.7") << text;
        EXPECT_TRUE(url.host_is_ip && url.odd_ip) << text;
    }
}

TEST(ParseUrl, FindsNothingOddInFourDecimalNumbers) {
    const auto url = parse_url("http://192.0.2.7:8080/");
    EXPECT_EQ(url.host, "192.0.2.7");
    EXPECT_TRUE(url.host_is_ip);
    EXPECT_FALSE(url.odd_ip);
    EXPECT_EQ(url.port, 8080);
}

TEST(ParseUrl, ReadsIpv6Literals) {
    const auto url = parse_url("http://[2001:DB8::1]:81/");
    EXPECT_EQ(url.host, "2001:db8::1");
    EXPECT_TRUE(url.host_is_ip);
    EXPECT_EQ(url.port, 81);
    EXPECT_TRUE(parse_url("http://[::ffff:192.0.2.7]/").odd_ip);
}

TEST(ParseUrl, KeepsUnicodeHostsWithTheirPunycode) {
    const auto url = parse_url("http://BÜCHER.example/");
    EXPECT_EQ(url.host, "bücher.example");
    EXPECT_EQ(url.host_ascii, "xn--bcher-kva.example");
}

TEST(ParseUrl, TakesFullWidthDotsForDots) {
    EXPECT_EQ(host_of("http://www。example．org/"), "www.example.org");
}

TEST(ParseUrl, DropsInvisibleCharactersFromTheHost) {
    EXPECT_EQ(host_of("http://exa\u00ADmp\u200Ble.org/"), "example.org");
}

TEST(ParseUrl, StripsTheRootsDot) {
    EXPECT_EQ(host_of("http://example.org./"), "example.org");
}

TEST(ParseUrl, KeepsOtherSchemesWithoutAHost) {
    for (const auto* text : {"javascript:alert(1)", "data:text/html,<b>", "mailto:a@example.org",
                             "cid:part1@example.org", "tel:+1"}) {
        const auto url = parse_url(text);
        EXPECT_EQ(url.host, "") << text;
        EXPECT_EQ(url.scheme + ':' + url.path, text);
        EXPECT_FALSE(url.bad_host) << text;
    }
    EXPECT_EQ(parse_url("java\nscript:x").scheme, "javascript");
}

TEST(ParseUrl, SeesTheHostOfAFileShare) {
    EXPECT_EQ(host_of("file://files.example.net/share"), "files.example.net");
    EXPECT_EQ(host_of("\\\\files.example.net\\share"), "files.example.net");
    EXPECT_EQ(parse_url("\\\\files.example.net\\share").scheme, "file");
    EXPECT_EQ(host_of("file:///etc/motd"), "");
}

TEST(ParseUrl, ReadsWhatHasNoScheme) {
    EXPECT_EQ(host_of("//example.org/a"), "example.org");
    EXPECT_EQ(host_of("www.example.org/a"), "www.example.org");
    const auto relative = parse_url("img/logo.png");
    EXPECT_EQ(relative.host, "");
    EXPECT_EQ(relative.path, "img/logo.png");
}

TEST(ParseUrl, FindsTheHostBehindAVeryLongUser) {
    const auto url = parse_url("http://" + std::string(100'000, 'a') + "@evil.example.net/");
    EXPECT_EQ(url.host, "evil.example.net");
    EXPECT_LE(url.raw.size(), kUrlBytes);
    EXPECT_LE(url.user.size(), kUrlBytes);
}

TEST(ResolveUrl, GoesOnWhereTheBaseEnds) {
    const auto base = parse_url("https://example.org:8443/a/b?c#d");
    const auto resolved = [&base](std::string_view relative) {
        const auto url = resolve_url(base, relative);
        return url.host + ' ' + std::to_string(url.port) + ' ' + url.path;
    };
    EXPECT_EQ(resolved("x/y"), "example.org 8443 /a/x/y");
    EXPECT_EQ(resolved("/x"), "example.org 8443 /x");
    EXPECT_EQ(resolved("?x"), "example.org 8443 /a/b?x");
    EXPECT_EQ(resolved("#x"), "example.org 8443 /a/b?c#x");
    EXPECT_EQ(resolved("//example.net/x"), "example.net 0 /x");
    EXPECT_EQ(resolved("http://example.net/x"), "example.net 0 /x");
    EXPECT_EQ(resolve_url(parse_url("http://example.org"), "x").path, "/x");
}

TEST(FindUrls, FindsAUrlWithinASentence) {
    EXPECT_EQ(found_in("See http://example.org/a, or (https://example.net/b_(c)). Bye!"),
              (Texts{"http://example.org/a", "https://example.net/b_(c)"}));
}

TEST(FindUrls, LeavesPunctuationAtTheEnd) {
    for (const auto* text :
         {"http://example.org/a.", "http://example.org/a?", "http://example.org/a!",
          "\"http://example.org/a\"", "'http://example.org/a'", "<http://example.org/a>",
          "[http://example.org/a]", "{http://example.org/a}", "http://example.org/a...",
          "“http://example.org/a”", "«http://example.org/a»", "http://example.org/a。"}) {
        EXPECT_EQ(found_in(text), Texts{"http://example.org/a"}) << text;
    }
}

TEST(FindUrls, KeepsPunctuationInsideAPath) {
    for (const std::string text :
         {"http://example.org/a,b;c:d!e", "http://example.org/it's", "http://example.org/a[1]/b",
          "http://example.org/?q=a+b&c=(d)", "http://example.org/a..b", "http://example.org/a--b-",
          "http://example.org/#/a?b=c", "http://example.org/~a/b%20c"}) {
        EXPECT_EQ(found_in(text), Texts{text});
    }
}

TEST(FindUrls, TakesBareHostsBelowAKnownTopLevelDomain) {
    const auto urls = find_urls("go to example.org/offer now, or www.example.shop.", 10);
    ASSERT_EQ(urls.size(), 2U);
    EXPECT_EQ(urls[0].raw, "example.org/offer");
    EXPECT_EQ(urls[0].host, "example.org");
    EXPECT_EQ(urls[0].scheme, "http");
    EXPECT_TRUE(urls[0].bare);
    EXPECT_EQ(urls[1].host, "www.example.shop");
}

TEST(FindUrls, LeavesWordsAlone) {
    EXPECT_EQ(
        found_in("Mr.Smith e.g. this. file.txt a.b.c v1.2 end.It was notes.md ... x.invalidtld"),
        Texts{});
    EXPECT_EQ(
        found_in("/usr/lib.so /path/example.com @example.com -- // comment foo://example.com"),
        Texts{});
}

TEST(FindUrls, TakesMailAddressesAsMailto) {
    const auto urls =
        find_urls("write to jo.doe+x@example.org, or mailto:a@example.net?subject=hi", 10);
    ASSERT_EQ(urls.size(), 2U);
    EXPECT_EQ(urls[0].raw, "jo.doe+x@example.org");
    EXPECT_EQ(urls[0].scheme, "mailto");
    EXPECT_EQ(urls[0].host, "");
    EXPECT_EQ(urls[1].path, "a@example.net?subject=hi");
}

TEST(FindUrls, JoinsLinesOnlyInAngleBrackets) {
    const auto urls =
        find_urls("<http://example.org/long\r\n  /path> http://example.net/long\n/path", 9);
    ASSERT_EQ(urls.size(), 2U);
    EXPECT_EQ(urls[0].raw, "http://example.org/long/path");
    EXPECT_EQ(urls[1].raw, "http://example.net/long");
    EXPECT_EQ(found_in("<URL:http://example.org/>"), Texts{"http://example.org/"});
}

TEST(FindUrls, SeparatesALinkFromTheWordsOfOtherScripts) {
    EXPECT_EQ(found_in("请点击http://example.org/a 谢谢"), Texts{"http://example.org/a"});
    EXPECT_EQ(found_in("请点击www.example.org"), Texts{"www.example.org"});
    EXPECT_EQ(host_of(found_in("http://пример.рф/").at(0)), "пример.рф");
}

TEST(FindUrls, SeesUserAndPortAndAddress) {
    const auto urls = find_urls("http://u:p@[2001:db8::1]:8080/x http://0x7f.1/ 192.0.2.7:81/y", 9);
    ASSERT_EQ(urls.size(), 3U);
    EXPECT_EQ(urls[0].host, "2001:db8::1");
    EXPECT_TRUE(urls[1].odd_ip);
    EXPECT_EQ(urls[2].port, 81);
}

TEST(FindUrls, StopsAtTheLimitAndKeepsRoomForLinks) {
    std::string text;
    for (int i = 0; i < 50; ++i) text += "a@example.org ";
    text += "http://example.net/";
    const auto urls = find_urls(text, 10);
    EXPECT_EQ(urls.size(), 6U);
    EXPECT_EQ(urls.back().host, "example.net");
    EXPECT_EQ(find_urls("http://a/ http://b/ http://c/", 2).size(), 2U);
}

TEST(Defang, LeavesNothingToClickOn) {
    EXPECT_EQ(defang("https://www.example.org/a.php?u=http://x.example"),
              "hxxps://www[.]example[.]org/a[.]php?u=http[:]//x[.]example");
    EXPECT_EQ(defang("javascript:alert(1)"), "javascript[:]alert(1)");
    EXPECT_EQ(defang("HTTP://example。org"), "hxxp://example[.]org");
}

TEST(Defang, IsOneShortPrintableLine) {
    const auto text = defang("http://a\r\nb\x1B[31m\u202E" + std::string(10'000, 'x'));
    EXPECT_LE(text.size(), 410U);
    EXPECT_TRUE(
        std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < '\x7F'; }));
}

TEST(RegisteredDomain, FollowsThePublicSuffixes) {
    EXPECT_EQ(registered_domain("a.b.example.co.uk"), "example.co.uk");
    EXPECT_EQ(registered_domain("example.org"), "example.org");
    EXPECT_EQ(registered_domain("co.uk"), "");
    EXPECT_EQ(registered_domain("192.0.2.7"), "");
    EXPECT_EQ(registered_domain("localhost"), "");
    EXPECT_EQ(registered_domain(""), "");
}

TEST(UnicodeHost, ShowsWhatPunycodeMeans) {
    EXPECT_EQ(unicode_host("xn--bcher-kva.example"), "bücher.example");
    EXPECT_EQ(unicode_host("xn--\xFF.example"), "xn--\xFF.example");
}

/// With a search for the end behind every word this takes minutes.
TEST(FindUrls, LooksOnceForTheEndOfWhatIsNoLink) {
    std::string text;
    while (text.size() < (512U << 10U)) text += "utf-8?q?";
    EXPECT_TRUE(find_urls(text, 100).empty());
}

}  // namespace
}  // namespace cordon
