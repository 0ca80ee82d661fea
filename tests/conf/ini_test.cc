// SPDX-License-Identifier: GPL-2.0-only
#include "conf/ini.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/support/matchers.h"
#include "tests/support/temporary_directory.h"

namespace cordon {
namespace {

using namespace std::string_view_literals;
using test::FailsWith;
using test::IsOk;
using test::TemporaryDirectory;

/// "section|key|value" of each entry, one a line.
std::string listed(const Result<std::vector<IniEntry>>& entries) {
    if (!entries) return "error: " + entries.error().what;
    std::string out;
    for (const auto& entry : *entries)
        out += fmt::format("{}|{}|{}\n", entry.section, entry.key, entry.value);
    return out;
}

std::string listed(std::string_view text) {
    return listed(parse_ini(text, "test.conf"));
}

TEST(ParseIni, ReadsSectionsKeysAndValues) {
    EXPECT_EQ(listed("[milter]\nsocket = unix:/x\n\n[log]\nlevel=info\n"),
              "milter|socket|unix:/x\nlog|level|info\n");
}

TEST(ParseIni, KeepsHashInsideAValue) {
    EXPECT_EQ(listed("[a]\nk = /a#b/\n"), "a|k|/a#b/\n");
    EXPECT_EQ(listed("[a]\nk =#b\n"), "a|k|#b\n");
}

TEST(ParseIni, TakesHashAfterABlankForAComment) {
    EXPECT_EQ(listed("# first\n[a] # section\nk = v # comment\nl = v\t# comment\n  # indented\n"),
              "a|k|v\na|l|v\n");
}

TEST(ParseIni, KeepsEqualsSignsInAValue) {
    EXPECT_EQ(listed("[a]\nk = b=c == d\n"), "a|k|b=c == d\n");
}

TEST(ParseIni, TakesAValueWithoutText) {
    EXPECT_EQ(listed("[a]\nk =\nl =   # none\n"), "a|k|\na|l|\n");
}

TEST(ParseIni, JoinsIndentedLinesToTheValueAbove) {
    EXPECT_EQ(listed("[a]\nk = one\n  two # not this\n\tthree\nl = x\n"),
              "a|k|one two three\na|l|x\n");
}

TEST(ParseIni, BeginsAValueOnTheNextLine) {
    EXPECT_EQ(listed("[a]\nk =\n  one\n  two\n"), "a|k|one two\n");
}

TEST(ParseIni, ContinuesAValueBeyondAComment) {
    EXPECT_EQ(listed("[a]\nk = one\n  # why two\n  two\n"), "a|k|one two\n");
}

TEST(ParseIni, EndsAValueAtAnEmptyLine) {
    EXPECT_EQ(listed("[a]\nk = one\n\n  l = two\n"), "a|k|one\na|l|two\n");
}

TEST(ParseIni, TakesAnIndentedKeyAfterASection) {
    EXPECT_EQ(listed("[a]\n  k = v\n"), "a|k|v\n");
}

TEST(ParseIni, KeepsRepeatedKeysInOrder) {
    EXPECT_EQ(listed("[a]\nk = 1\n[b]\nk = 2\n[a]\nk = 3\n"), "a|k|1\nb|k|2\na|k|3\n");
}

TEST(ParseIni, ReadsLinesThatEndInCrLf) {
    EXPECT_EQ(listed("[a]\r\nk = v\r\n"), "a|k|v\n");
}

TEST(ParseIni, ReadsAFileWithoutAFinalNewline) {
    EXPECT_EQ(listed("[a]\nk = v"), "a|k|v\n");
}

TEST(ParseIni, NamesFileAndLineOfEachEntry) {
    const auto entries = parse_ini("\n# c\n[a]\nk = v\n", "test.conf");
    ASSERT_THAT(entries, IsOk());
    EXPECT_EQ(entries->at(0).where(), "test.conf:4");
}

struct BadLine {
    const char* text;
    const char* error;
};

class RefusedIni : public ::testing::TestWithParam<BadLine> {};

TEST_P(RefusedIni, NamesFileAndLine) {
    EXPECT_EQ(listed(GetParam().text), std::string("error: ") + GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(
    ParseIni, RefusedIni,
    ::testing::Values(BadLine{"[a]\nnonsense\n",
                              "test.conf:2: expected 'key = value', found 'nonsense'"},
                      BadLine{"[a]\n= v\n", "test.conf:2: expected 'key = value', found '= v'"},
                      BadLine{"\n[a\n", "test.conf:2: a section is written [name]"},
                      BadLine{"[]\n", "test.conf:1: a section is written [name]"},
                      BadLine{"[ ]\n", "test.conf:1: a section is written [name]"},
                      BadLine{"[a] b\n", "test.conf:1: a section is written [name]"},
                      BadLine{"include = missing.conf\n",
                              "test.conf:1: cannot include missing.conf: no such file"}));

TEST(ParseIni, RefusesANulByte) {
    EXPECT_EQ(listed("[a]\nk = v\0w\n"sv), "error: test.conf:2: a NUL byte");
}

TEST(ParseIni, ShowsControlCharactersOfABadLineHarmlessly) {
    EXPECT_EQ(listed("bad\x1b[2J\n"),
              "error: test.conf:1: expected 'key = value', found 'bad\\x1b[2J'");
}

// ---- files and includes ----

TEST(ReadIni, NamesAFileThatIsMissing) {
    EXPECT_THAT(read_ini("/nonexistent/cordon.conf"),
                FailsWith("/nonexistent/cordon.conf: No such file"));
}

TEST(ReadIni, IncludesRelativeToTheIncludingFile) {
    const TemporaryDirectory folder;
    folder.write("sub/b.conf", "[b]\nk = 2\n");
    folder.write("a.conf", "[a]\nk = 1\ninclude = sub/b.conf\nl = 3\n");
    EXPECT_EQ(listed(read_ini(folder.file("a.conf"))), "a|k|1\nb|k|2\na|l|3\n");
}

TEST(ReadIni, StartsAnIncludedFileOutsideOfAnySection) {
    const TemporaryDirectory folder;
    folder.write("b.conf", "k = 2\n");
    folder.write("a.conf", "[a]\ninclude = b.conf\n");
    EXPECT_EQ(listed(read_ini(folder.file("a.conf"))), "|k|2\n");
}

TEST(ReadIni, DoesNotContinueAValueAcrossAnInclude) {
    const TemporaryDirectory folder;
    folder.write("b.conf", "[b]\nk = 2\n");
    folder.write("a.conf", "[a]\nk = 1\ninclude = b.conf\n  l = 3\n");
    EXPECT_EQ(listed(read_ini(folder.file("a.conf"))), "a|k|1\nb|k|2\na|l|3\n");
}

TEST(ReadIni, IncludesThePatternsFilesByName) {
    const TemporaryDirectory folder;
    folder.write("d/20.conf", "[b]\nk = 20\n");
    folder.write("d/10.conf", "[a]\nk = 10\n");
    folder.write("d/30.txt", "[c]\nk = 30\n");
    folder.write("a.conf", "include = d/*.conf\n");
    EXPECT_EQ(listed(read_ini(folder.file("a.conf"))), "a|k|10\nb|k|20\n");
}

TEST(ReadIni, TakesAPatternThatMatchesNothing) {
    const TemporaryDirectory folder;
    folder.write("a.conf", "include = d/*.conf\n[a]\nk = 1\n");
    EXPECT_EQ(listed(read_ini(folder.file("a.conf"))), "a|k|1\n");
}

TEST(ReadIni, RefusesAPatternWhoseFolderCannotBeRead) {
    const TemporaryDirectory folder;
    ASSERT_EQ(::symlink("loop", folder.file("loop").c_str()), 0);
    folder.write("a.conf", "include = loop/*.conf\n");
    EXPECT_THAT(read_ini(folder.file("a.conf")), FailsWith(folder.file("a.conf:1: ")));
}

TEST(ReadIni, IncludesFilesThatInclude) {
    const TemporaryDirectory folder;
    folder.write("sub/c.conf", "[c]\nk = 3\n");
    folder.write("sub/b.conf", "include = c.conf\n");
    folder.write("a.conf", "include = sub/b.conf\n");
    EXPECT_EQ(listed(read_ini(folder.file("a.conf"))), "c|k|3\n");
}

TEST(ReadIni, RefusesAFileThatIncludesItself) {
    const TemporaryDirectory folder;
    folder.write("a.conf", "\ninclude = a.conf\n");
    EXPECT_THAT(read_ini(folder.file("a.conf")),
                FailsWith(folder.file("a.conf:2: includes are nested too deep")));
}

TEST(ReadIni, RefusesACycleThroughAPattern) {
    const TemporaryDirectory folder;
    for (int i = 0; i < 10; ++i) folder.write(fmt::format("{}.conf", i), "include = *.conf\n");
    EXPECT_THAT(read_ini(folder.file("0.conf")), FailsWith("nested too deep"));
}

TEST(ReadIni, NamesTheIncludedFileInItsErrors) {
    const TemporaryDirectory folder;
    folder.write("b.conf", "[b]\nk = 1\nnonsense\n");
    folder.write("a.conf", "include = b.conf\n");
    EXPECT_THAT(read_ini(folder.file("a.conf")),
                FailsWith(folder.file("b.conf:3: expected 'key = value'")));
}

TEST(ReadIni, NamesTheLineThatIncludesAnUnreadableFile) {
    const TemporaryDirectory folder;
    folder.write("d/b.conf/x", "");  // a folder by that name
    folder.write("a.conf", "\ninclude = d/*.conf\n");
    EXPECT_THAT(read_ini(folder.file("a.conf")), FailsWith(folder.file("a.conf:2: ")));
}

}  // namespace
}  // namespace cordon
