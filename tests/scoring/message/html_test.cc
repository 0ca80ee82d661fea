// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/message/html.h"

#include <gtest/gtest.h>

#include <string>
#include <tuple>
#include <vector>

#include "scoring/message/html_names.h"
#include "scoring/message/style.h"

namespace cordon {
namespace {

Html read(std::string_view html) {
    return parse_html(html, Limits{});
}

std::vector<std::string> raws(const Html& html) {
    std::vector<std::string> out;
    for (const Link& link : html.links) out.push_back(link.url.raw);
    return out;
}

using Texts = std::vector<std::string>;

TEST(ParseHtml, FoldsBlanksAndBreaksLinesAtBlocks) {
    EXPECT_EQ(read("<p>one \n two</p><div>three<br>four</div><ul><li>five<li>six</ul>").text,
              "one two\nthree\nfour\nfive\nsix");
    EXPECT_EQ(read("<table><tr><td>a<td>b<tr><td>c</table>").text, "a b\nc");
    EXPECT_EQ(read("a&nbsp;&nbsp; b\u00A0<b>c</b>d").text, "a b cd");
    EXPECT_EQ(read("<pre>one\n two</pre>").text, "one\ntwo");
}

TEST(ParseHtml, DecodesReferencesInTextAndAttributes) {
    const auto html =
        read("caf&eacute; &#x41; <a href='http://example.org/?a=1&amp;b=2&copy=3'>x</a>");
    EXPECT_EQ(html.text, "café A x");
    EXPECT_EQ(html.links.at(0).url.path, "/?a=1&b=2&copy=3");
}

TEST(ParseHtml, ReadsTagsAsBrowsersDo) {
    for (const auto* text :
         {"<a href=http://example.org/>x</a>", "<A/HREF=\"http://example.org/\">x",
          "<a\nhref\n=\n'http://example.org/'\n>x",
          "<a href='http://example.org/' href='http://no/'>x",
          "<a title='>' href=http://example.org/>x", "<a href=\" http://exam\nple.org/ \">x",
          "<a =x\"y href=http://example.org/>x", "<a b=1/href=2 href='http://example.org/'>x"}) {
        const auto html = read(text);
        ASSERT_EQ(html.links.size(), 1U) << text;
        EXPECT_EQ(html.links[0].url.host, "example.org") << text;
        EXPECT_EQ(html.links[0].shown, "x") << text;
        EXPECT_EQ(html.text, "x") << text;
    }
}

TEST(ParseHtml, LeavesOutCommentsOfAllKinds) {
    EXPECT_EQ(read("a<!-- > -- <b> -->b<!-->c<!--->d<!-- x --!>e<!x>f<?x>g</ x>h<!>i</>j").text,
              "abcdefghij");
    EXPECT_EQ(read("a<![CDATA[b]]>c").text, "ac");
    EXPECT_EQ(read("<svg><![CDATA[<b>]]></svg>c").text, "<b>c");
    EXPECT_EQ(read("a<!-- never closed <b>b</b>").text, "a");
    EXPECT_EQ(read("<!--1234-->").comments_bytes, 4U);
}

TEST(ParseHtml, TakesALonelyLessThanForText) {
    EXPECT_EQ(read("1 < 2 <3 a<").text, "1 < 2 <3 a<");
}

TEST(ParseHtml, DropsATagThatNeverEnds) {
    const auto html = read("text<a href='http://example.org/");
    EXPECT_EQ(html.text, "text");
    EXPECT_TRUE(html.links.empty());
}

TEST(ParseHtml, ReadsNoMarkupInsideScriptStyleTitleAndTextarea) {
    const auto html = read(
        "<title>A &amp; <b></title><script>if (a<b) '<p>x</p>'</script ><style>b{}<i></style>"
        "<textarea><b>y</textarea>z");
    EXPECT_EQ(html.title, "A & <b>");
    EXPECT_EQ(html.text, "<b>y\nz");
    EXPECT_TRUE(html.has_script);
    EXPECT_EQ(read("<script><!-- <script> </script> x --> </script>y").text, "y");
}

TEST(ParseHtml, IgnoresNulBytes) {
    EXPECT_EQ(read(std::string_view("a\0b<b\0>c", 8)).text, "abc");
}

TEST(ParseHtml, ShowsWhatALinkSays) {
    const auto html =
        read("<a href='http://example.net/'>  www.<b>example</b>.org <p>now</p></a> later");
    ASSERT_EQ(html.links.size(), 1U);
    EXPECT_EQ(html.links[0].shown, "www.example.org now");
    EXPECT_EQ(html.links[0].source, LinkSource::anchor);
}

TEST(ParseHtml, EndsALinkWhereTheNextBegins) {
    const auto html =
        read("<a href='http://a.example/'>one<a href='http://b.example/'>two</a>three");
    ASSERT_EQ(html.links.size(), 2U);
    EXPECT_EQ(html.links[0].shown, "one");
    EXPECT_EQ(html.links[1].shown, "two");
}

TEST(ParseHtml, LeavesHiddenTextOutOfWhatALinkSays) {
    const auto html = read("<a href='http://a.example/'>My<i style='display:none'>x</i>Bank</a>");
    EXPECT_EQ(html.links.at(0).shown, "MyBank");
    EXPECT_FALSE(html.links[0].hidden);
    EXPECT_TRUE(read("<p hidden><a href='http://a.example/'>x</a>").links.at(0).hidden);
}

TEST(ParseHtml, FindsLinksWhereverTheyStand) {
    const std::vector<std::tuple<std::string, LinkSource>> cases = {
        {"<a href=http://x.example/>", LinkSource::anchor},
        {"<map><area href=http://x.example/></map>", LinkSource::anchor},
        {"<img src=http://x.example/>", LinkSource::image},
        {"<img srcset='http://x.example/ 2x'>", LinkSource::image},
        {"<table background=http://x.example/>", LinkSource::image},
        {"<input type=image src=http://x.example/>", LinkSource::image},
        {"<form action=http://x.example/>", LinkSource::form},
        {"<button formaction=http://x.example/>", LinkSource::form},
        {"<meta http-equiv=Refresh content='0; url=http://x.example/'>", LinkSource::refresh},
        {"<meta http-equiv=refresh content='5,URL=\"http://x.example/\"'>", LinkSource::refresh},
        {"<base href=http://x.example/>", LinkSource::base},
        {"<iframe src=http://x.example/></iframe>", LinkSource::frame},
        {"<link rel=stylesheet href=http://x.example/>", LinkSource::style},
        {"<p style=\"background: url('http://x.example/')\">", LinkSource::style},
        {"<p style='background: url(&quot;http://x.example/&quot;)'>", LinkSource::style},
        {"<style>a{background:URL( http://x.example/ )}</style>", LinkSource::style},
        {"<style>@import 'http://x.example/';</style>", LinkSource::style},
        {"<object data=http://x.example/></object>", LinkSource::other},
        {"<svg><a xlink:href=http://x.example/></a></svg>", LinkSource::anchor},
        {"<!--[if mso]><v:rect href=http://x.example/ ><![endif]-->", LinkSource::anchor},
    };
    for (const auto& [text, source] : cases) {
        const auto html = read(text);
        ASSERT_EQ(html.links.size(), 1U) << text;
        EXPECT_EQ(html.links[0].url.host, "x.example") << text;
        EXPECT_EQ(html.links[0].source, source) << text;
    }
}

TEST(ParseHtml, AppliesTheBaseToRelativeLinks) {
    const auto html = read(
        "<a href=before>x</a><base href='http://example.org/d/'><a href='/top'>y</a>"
        "<a href='http://example.net/'>z</a><base href='http://second.example/'>");
    EXPECT_TRUE(html.has_base);
    EXPECT_EQ(html.links.at(0).url.host + html.links[0].url.path, "example.org/d/before");
    EXPECT_EQ(html.links.at(2).url.host + html.links[2].url.path, "example.org/top");
    EXPECT_EQ(html.links.at(3).url.host, "example.net");
}

TEST(ParseHtml, KeepsLinksThatLeadToNoHost) {
    const auto html =
        read("<a href='javascript:x()'>a</a><a href='mailto:a@example.org'>b</a><img src=cid:1>");
    EXPECT_EQ(raws(html), (Texts{"javascript:x()", "mailto:a@example.org", "cid:1"}));
    EXPECT_EQ(html.links[0].url.host, "");
}

TEST(ParseHtml, CountsImages) {
    const auto html = read(
        "<img src=http://x.example/a width=1 height=1 alt=Hello><img src=cid:1>"
        "<img src=//x.example/b style='width:2px;height:0'><img width=1 height=100%>");
    EXPECT_EQ(html.images, 4U);
    EXPECT_EQ(html.remote_images, 2U);
    EXPECT_EQ(html.tiny_images, 2U);
    EXPECT_EQ(html.alt_text, "Hello");
}

TEST(ParseHtml, NotesFormsPasswordsFramesAndHandlers) {
    const auto html =
        read("<form><input type=' PassWord '></form><iframe></iframe><embed><p onclick=x>");
    EXPECT_TRUE(html.has_form && html.has_password_field && html.has_iframe && html.has_object &&
                html.has_event_handler);
    const auto plain = read("<p one=1>text</p>");
    EXPECT_FALSE(plain.has_form || plain.has_password_field || plain.has_iframe ||
                 plain.has_object || plain.has_script || plain.has_meta_refresh || plain.has_base);
}

TEST(ParseHtml, ShowsTheWordsOnButtons) {
    EXPECT_EQ(read("<input type=submit value='Sign &amp; go'><input value=no>").text, "Sign & go");
}

TEST(ParseHtml, HidesWhatNobodySees) {
    const std::vector<std::pair<std::string, unsigned>> cases = {
        {"<p style='display:none'>secret</p>", kHiddenByDisplay},
        {"<p style='color:red;DISPLAY : None !important'>secret</p>", kHiddenByDisplay},
        {"<p style='dis\\70lay:/**/none'>secret</p>", kHiddenByDisplay},
        {"<p hidden>secret</p>", kHiddenByDisplay},
        {"<template>secret</template>", kHiddenByDisplay},
        {"<p style='visibility:hidden'>secret</p>", kHiddenByVisibility},
        {"<p style='font-size:0'>secret</p>", kHiddenBySize},
        {"<p style='font-size:1px'>secret</p>", kHiddenBySize},
        {"<p style='font-size:.1em'>secret</p>", kHiddenBySize},
        {"<p style='font:0/0 a'>secret</p>", kHiddenBySize},
        {"<p style='color:#fff'>secret</p>", kHiddenByColour},
        {"<p style='color:rgb(250 250 250)'>secret</p>", kHiddenByColour},
        {"<p style='color:transparent'>secret</p>", kHiddenByColour},
        {"<font color=white>secret</font>", kHiddenByColour},
        {"<table bgcolor=navy><tr><td><font color='#000080'>secret</font></table>",
         kHiddenByColour},
        {"<body bgcolor=black><p style='color:black'>secret</p>", kHiddenByColour},
        {"<p style='opacity:0'>secret</p>", kHiddenByOpacity},
        {"<p style='position:absolute;left:-9999px'>secret</p>", kHiddenByPosition},
        {"<p style='text-indent:-999em'>secret</p>", kHiddenByPosition},
        {"<p style='margin:0 0 0 -5000px'>secret</p>", kHiddenByPosition},
        {"<p style='max-height:0;overflow:hidden'>secret</p>", kHiddenByClipping},
        {"<p style='position:absolute;clip:rect(0,0,0,0)'>secret</p>", kHiddenByClipping},
        {"<p style='clip-path:inset(100%)'>secret</p>", kHiddenByClipping},
        {"<p style='transform:scale(0)'>secret</p>", kHiddenByClipping},
        {"<style>.x{display:none}</style><p class='a X'>secret</p>", kHiddenByDisplay},
        {"<style>@media screen{#x{font-size:0}}</style><p id=x>secret</p>", kHiddenBySize},
        {"<style>p.x{color:white}</style><p class=x>secret</p>", kHiddenByColour},
        {"<p class=x>secret</p><style>.x{display:none}</style>", kHiddenByDisplay},
        {"<i>secret</i><style>i{display:none}</style>", kHiddenByDisplay},
    };
    for (const auto& [text, why] : cases) {
        const auto html = read("seen " + text + " too");
        EXPECT_EQ(html.hidden_text, "secret") << text;
        EXPECT_EQ(html.hiding, why) << text;
        EXPECT_EQ(html.text.find("secret"), std::string::npos) << text;
        EXPECT_EQ(html.text.find("seen"), 0U) << text;
        EXPECT_NE(html.text.find("too"), std::string::npos) << text;
    }
}

TEST(ParseHtml, ShowsWhatOnlyLooksHidden) {
    for (const auto* text : {
             "<p style='display:block'>seen</p>",
             "<p style='font-size:0'><span style='font-size:14px'>seen</span></p>",
             "<p style='visibility:hidden'><b style='visibility:visible'>seen</b></p>",
             "<p style='color:#fff;background:#333'>seen</p>",
             "<table bgcolor='#333333'><tr><td><font color=white>seen</font></table>",
             "<table background=x.png><tr><td style='color:#fff'>seen</table>",
             "<p style='color:#fff;background:#fff url(x.png)'>seen</p>",
             "<p style='color:#fff;background-image:linear-gradient(red,blue)'>seen</p>",
             "<p style='left:-9999px'>seen</p>",
             "<p style='max-height:0'>seen</p>",
             "<p style='text-indent:-20px'>seen</p>",
             "<p style='opacity:.9;font-size:80%'>seen</p>",
             "<td style='display:none'>seen</td>",
             "<table style='display:none'>seen</table>",
             "<style>@media (max-width:600px){.x{display:none}}</style><p class=x>seen</p>",
             "<style>.y .x{display:none}</style><p class=x>seen</p>",
             "<style>.x:hover{display:none}</style><p class=x>seen</p>",
             "<style>.dark td{background:#000}</style><table><td style='color:#fff'>seen</table>",
             "<style>.x{display:none}.z{display:block}</style><p class='z x'>seen</p>",
             "<style>.x{display:none}</style><p class=x style='display:block'>seen</p>",
         }) {
        const auto html = read(text);
        EXPECT_EQ(html.text, "seen") << text;
        EXPECT_EQ(html.hidden_text, "") << text;
    }
}

TEST(ParseHtml, LetsAnImportantRuleWin) {
    EXPECT_EQ(
        read("<style>.x{display:none!important}</style><p class=x style='display:block'>a</p>b")
            .text,
        "b");
}

TEST(ParseHtml, EndsHidingWithTheElement) {
    EXPECT_EQ(read("<div style='display:none'>a<div>b</div>c</div>d").text, "d");
    EXPECT_EQ(read("<p style='display:none'>a<p>b").text, "b");
    EXPECT_EQ(read("<table><tr><td style='display:none'>a<td>b</table>").text, "b");
    EXPECT_EQ(read("<font color=white>a<p>b</font>c").hidden_text, "a\nb");
    EXPECT_EQ(read("<div style='display:none'><span>a</div>b").text, "b");
    EXPECT_EQ(read("<span style='display:none'>a<div></span>b</div>").hidden_text, "a\nb");
}

TEST(ParseHtml, TellsAPreheaderFromOtherHiddenText) {
    const std::string hidden = "<div style='display:none'>Ten per cent off&zwnj;&nbsp;&zwnj;</div>";
    const auto newsletter = read(hidden + "<p>Dear reader</p>");
    EXPECT_EQ(newsletter.hidden_preheader, newsletter.hidden_text.size());
    EXPECT_EQ(read("<p>Dear reader</p>" + hidden).hidden_preheader, 0U);
    const auto both = read(hidden + "<p>Dear reader</p><i hidden>more</i>");
    EXPECT_GT(both.hidden_text.size(), both.hidden_preheader);
    EXPECT_GT(both.hidden_preheader, 0U);
    EXPECT_EQ(read("<i hidden>" + std::string(600, 'x') + "</i>y").hidden_preheader, 0U);
}

TEST(ParseHtml, SaysWhenALimitWasReached) {
    Limits limits;
    limits.html_depth = 10;
    limits.urls = 2;
    limits.text_bytes = 100;
    std::string deep;
    for (int i = 0; i < 20; ++i) deep += "<div>";
    EXPECT_TRUE(parse_html(deep + "text", limits).over_limit);
    const auto links = parse_html("<a href=a><a href=b><a href=c>", limits);
    EXPECT_TRUE(links.over_limit);
    EXPECT_EQ(links.links.size(), 2U);
    const auto text = parse_html(std::string(200, 'x'), limits);
    EXPECT_TRUE(text.over_limit);
    EXPECT_EQ(text.text.size(), 100U);
    EXPECT_FALSE(parse_html("<div><p>short</p></div>", limits).over_limit);
}

TEST(ParseHtml, KeepsItsDepthWhenElementsAreNeverClosed) {
    std::string text;
    for (int i = 0; i < 1000; ++i) text += "<p><font color=red><b><li><tr><td>x";
    EXPECT_FALSE(read(text).over_limit);
}

TEST(ParseColour, ReadsTheSpellingsOfCss) {
    EXPECT_EQ(parse_colour("#1aF"), 0x11AAFF);
    EXPECT_EQ(parse_colour(" #010203 "), 0x010203);
    EXPECT_EQ(parse_colour("RebeccaPurple"), 0x663399);
    EXPECT_EQ(parse_colour("rgb(1, 2,3)"), 0x010203);
    EXPECT_EQ(parse_colour("rgba(100%,0%,0%,.5)"), 0xFF0000);
    EXPECT_EQ(parse_colour("hsl(120, 100%, 50%)"), 0x00FF00);
    EXPECT_EQ(parse_colour("rgba(1,2,3,0)"), Style::kTransparent);
    EXPECT_EQ(parse_colour("var(--x)"), Style::kUnknown);
    EXPECT_EQ(parse_colour("nonsense"), Style::kNoLength);
}

TEST(ParseLegacyColour, MakesAColourOfAnything) {
    EXPECT_EQ(parse_legacy_colour("ffffff"), 0xFFFFFF);
    EXPECT_EQ(parse_legacy_colour("#abc"), 0xAABBCC);
    EXPECT_EQ(parse_legacy_colour("chucknorris"), 0xC00000);
    EXPECT_EQ(parse_legacy_colour("White"), 0xFFFFFF);
    EXPECT_EQ(parse_legacy_colour(""), Style::kNoLength);
}

TEST(TagNamed, KnowsItsNamesInAnyCase) {
    EXPECT_EQ(tag_named("A"), Tag::a);
    EXPECT_EQ(tag_named("BlockQuote"), Tag::blockquote);
    EXPECT_EQ(tag_named("datalist"), Tag::datalist);
    EXPECT_EQ(tag_named("template"), Tag::template_);
    EXPECT_EQ(tag_named("xmp"), Tag::xmp);
    EXPECT_EQ(tag_named("v:rect"), Tag::unknown);
    EXPECT_EQ(attribute_named("ACTION"), Attribute::action);
    EXPECT_EQ(attribute_named("xlink:href"), Attribute::xlink_href);
    EXPECT_EQ(attribute_named("onLoad"), Attribute::event_handler);
    EXPECT_EQ(attribute_named("on"), Attribute::unknown);
}

}  // namespace
}  // namespace cordon
