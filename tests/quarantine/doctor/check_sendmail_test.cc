// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quarantine/doctor/checks.h"
#include "tests/support/builders.h"

namespace cordon {
namespace {

using ::testing::HasSubstr;

constexpr const char* kOptions = "O InputMailFilters=cordon\nO MaxMessageSize=10000000\n";

Findings examine(const std::string& text) {
    Findings out;
    check_sendmail(*test::a_configuration("[milter]\nsocket = unix:/run/cordon/milter.sock\n"),
                   SendmailConfig::parse(text, "sendmail.cf"), out);
    return out;
}

std::string first_remedy(const Findings& findings) {
    for (const auto& finding : findings)
        if (finding.health != Health::good) return finding.remedy;
    return "";
}

TEST(DoctorSendmail, HasNothingToSayOfTheShippedLine) {
    EXPECT_EQ(first_remedy(examine(std::string(kOptions) +
                                   "Xcordon, S=local:/run/cordon/milter.sock, F=T,\n"
                                   "\tT=C:1m;S:1m;R:2m;E:5m\n")),
              "");
}

TEST(DoctorSendmail, FindsThatMailPassesUnseen) {
    EXPECT_THAT(first_remedy(examine("O Foo=bar\n")), HasSubstr("INPUT_MAIL_FILTER(`cordon'"));
}

TEST(DoctorSendmail, FindsAFilterWithoutF) {
    EXPECT_EQ(
        first_remedy(examine(std::string(kOptions) + "Xcordon, S=unix:/run/cordon/milter.sock\n")),
        "sendmail.cf:3: F=T");
}

TEST(DoctorSendmail, FindsATimeoutShorterThanOurDeadline) {
    EXPECT_THAT(first_remedy(examine(std::string(kOptions) +
                                     "Xcordon, S=local:/run/cordon/milter.sock, F=T, T=E:30s\n")),
                HasSubstr("E:120s"));
}

TEST(DoctorSendmail, FindsAFilterThatIsDefinedButNotUsed) {
    EXPECT_THAT(first_remedy(examine("Xcordon, S=local:/run/cordon/milter.sock, F=T\n")),
                HasSubstr("not MAIL_FILTER"));
}

Findings examine_release(const std::string& daemon) {
    Findings out;
    check_sendmail_release(
        *test::a_configuration("[milter]\nsocket = unix:/run/cordon/milter.sock\n"
                               "[quarantine]\nmailbox = q@example.org\n"
                               "release-via = smtp://127.0.0.1:10035\n"),
        SendmailConfig::parse("O DaemonPortOptions=Name=MTA, Addr=0.0.0.0, Port=25\n" + daemon +
                                  "Xfilter, S=local:/run/cordon/milter.sock, F=T\n",
                              "sendmail.cf"),
        out);
    return out;
}

TEST(DoctorSendmailRelease, WantsAListenerOnLoopbackWithCordonAlone) {
    const std::string good =
        "O DaemonPortOptions=Name=Release, Addr=127.0.0.1, Port=10035, InputMailFilters=filter\n";
    EXPECT_EQ(first_remedy(examine_release(good)), "");
    EXPECT_EQ(examine_release(good).size(), 1U);
    EXPECT_THAT(first_remedy(examine_release("")), HasSubstr("DAEMON_OPTIONS(`Name=Release"));
    EXPECT_EQ(first_remedy(examine_release(
                  "O DaemonPortOptions=Name=Release, Port=10035, InputMailFilters=filter\n")),
              "sendmail.cf:2: Addr=127.0.0.1");
    EXPECT_EQ(first_remedy(examine_release(
                  "O DaemonPortOptions=N=R, A=127.0.0.1, P=10035, I=signer;filter\n")),
              "sendmail.cf:2: InputMailFilters=filter");
    EXPECT_EQ(first_remedy(examine_release("O DaemonPortOptions=A=127.0.0.1, P=10035\n")),
              "sendmail.cf:2: InputMailFilters=filter");
}

TEST(SignatureTime, ReadsTheHeadOfADatabase) {
    EXPECT_EQ(signature_time("ClamAV-VDB:24 Nov 2026 08-33 +0000:27123:"), 1795509180);
    EXPECT_EQ(signature_time("ClamAV-VDB:24 Nov 2026 08-33 +0100:27123:"), 1795505580);
    EXPECT_EQ(signature_time("ClamAV-VDB:nonsense"), 0);
    EXPECT_EQ(signature_time(""), 0);
}

}  // namespace
}  // namespace cordon
