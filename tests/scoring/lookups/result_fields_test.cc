// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/lookups/result_fields.h"

#include <gtest/gtest.h>

namespace cordon {
namespace {

Authentication all_of_it() {
    Authentication auth;
    auth.spf = SpfOutcome{SpfResult::fail, "a.example", "-all", ""};
    DkimOutcome good;
    good.result = DkimResult::pass;
    good.domain = "a.example";
    good.selector = "s1";
    good.algorithm = "rsa-sha256";
    good.mark = "Ab+/cd==";
    good.bits = 2048;
    auth.dkim.push_back(good);
    auth.dmarc.emplace();
    auth.dmarc->result = DmarcOutcome::Result::pass;
    auth.dmarc->domain = "a.example";
    return auth;
}

TEST(ResultsField, SaysNoneWhenNothingWasChecked) {
    EXPECT_EQ(results_field({}, "mx.example.org", "", ""), "mx.example.org; none");
}

TEST(ResultsField, TellsEachMethodWithItsProperties) {
    EXPECT_EQ(results_field(all_of_it(), "mx.example.org", "b@a.example", "h.example"),
              "mx.example.org;\n\tspf=fail (-all) smtp.mailfrom=b@a.example;\n\t"
              "dkim=pass (2048-bit key) header.d=a.example header.s=s1 header.a=rsa-sha256 "
              "header.b=\"Ab+/cd==\";\n\tdmarc=pass header.from=a.example");
}

TEST(ResultsField, LetsNoSenderWriteResults) {
    for (const std::string evil :
         {"x\r\nX-Evil: 1", "x); dmarc=pass (", "x;dmarc=pass", "a\"b\\c", "(comment", "x\0y"}) {
        auto auth = all_of_it();
        auth.spf->reason = evil;
        auth.dkim[0].selector = evil;
        auth.dkim[0].result = DkimResult::fail;
        auth.dkim[0].reason = evil;
        auth.dmarc->domain = evil;
        auth.dmarc->result = DmarcOutcome::Result::fail;
        const auto field = results_field(auth, "mx.example.org", evil, evil);
        EXPECT_EQ(dmarc_passed_domain(field), "");
        EXPECT_EQ(field.find("\r"), std::string::npos);
        EXPECT_EQ(field.find("\nX"), std::string::npos);
    }
}

TEST(ResultsField, StaysBelowTheLineLimitOfSendmail) {
    auto auth = all_of_it();
    for (int i = 0; i < 50; ++i) auth.dkim.push_back(auth.dkim[0]);
    EXPECT_LT(results_field(auth, "mx.example.org", std::string(5000, 'x'), "h").size(), 2000U);
}

TEST(DmarcPassedDomain, IsFoundAmongCommentsAndQuotes) {
    EXPECT_EQ(dmarc_passed_domain(" mx.x; spf=pass smtp.mailfrom=y; dmarc=pass (p=none) "
                                  "header.from=\"A.Example\""),
              "a.example");
    EXPECT_EQ(dmarc_passed_domain("x; dmarc=pass header.from=b@a.example"), "a.example");
    EXPECT_EQ(dmarc_passed_domain("x; dmarc=fail header.from=a.example"), "");
    EXPECT_EQ(dmarc_passed_domain("x; (dmarc=pass header.from=a.example)"), "");
    EXPECT_EQ(dmarc_passed_domain("x; dmarc=pass; spf=pass header.from=a.example"), "");
    EXPECT_EQ(dmarc_passed_domain("x; spf=pass reason=\"dmarc=pass\" header.from=a"), "");
}

}  // namespace
}  // namespace cordon
