// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/analysis/file_kinds.h"

#include <gmock/gmock.h>

namespace cordon {
namespace {

using ::testing::Contains;
using ::testing::Field;
using ::testing::Not;

FileKinds kinds_of(const std::string& message) {
    return file_kinds(Message::parse(message, Limits{}));
}

std::string attached(const std::string& name, const std::string& type, const std::string& body) {
    return "MIME-Version: 1.0\nContent-Type: " + type + "; name=\"" + name +
           "\"\nContent-Disposition: attachment; filename=\"" + name + "\"\n\n" + body + "\n";
}

auto has_extension(const std::string& extension) {
    return Contains(Field(&FileFact::extension, extension));
}
auto has_type(const std::string& type) {
    return Contains(Field(&FileFact::type, type));
}

TEST(FileKinds, NamesTheExtensionInLowerCase) {
    EXPECT_THAT(kinds_of(attached("Report.EXE", "image/png", "x")).files, has_extension("exe"));
}

TEST(FileKinds, SeesTheExtensionBehindDotsAndBlanks) {
    EXPECT_THAT(kinds_of(attached("a.exe. .", "image/png", "x")).files, has_extension("exe"));
}

TEST(FileKinds, TellsTheDeclaredTypeBesideTheTrueOne) {
    const auto kinds = kinds_of(attached("a.png", "image/png", "%PDF-1.4 x"));
    EXPECT_THAT(kinds.files, has_type("image/png"));
    EXPECT_THAT(kinds.files, has_type("application/pdf"));
}

std::string a_program() {
    return "MZ" + std::string(58, '\0') + std::string("@\0\0\0", 4) + "PE" + std::string(30, '\0');
}

TEST(FileKinds, TakesAProgramForOneWhateverItsName) {
    EXPECT_THAT(kinds_of(attached("notes.txt", "text/plain", a_program())).files,
                has_extension("exe"));
    EXPECT_THAT(kinds_of("Subject: x\n\n" + a_program()).files, has_extension("exe"));
}

TEST(FileKinds, LeavesANameAsItIsThatFitsTheContent) {
    const auto files = kinds_of(attached("a.scr", "text/plain", a_program())).files;
    EXPECT_THAT(files, has_extension("scr"));
    EXPECT_THAT(files, Not(has_extension("exe")));
    EXPECT_THAT(kinds_of(attached("a.docx", "x/y", "PK\3\4 x")).files, Not(has_extension("zip")));
}

TEST(FileKinds, LooksIntoArchives) {
    // A tar of one empty file, inner.js.
    std::string tar = "inner.js" + std::string(92, '\0') + "0000644" + '\0' + "0000000" + '\0' +
                      "0000000" + '\0' + "00000000000" + '\0' + "00000000000" + '\0';
    tar += std::string(8, ' ') + "0" + std::string(100, '\0') + "ustar" + '\0' + "00";
    tar.resize(512, '\0');
    unsigned sum = 0;
    for (const char c : tar) sum += static_cast<unsigned char>(c);
    char digits[8];
    std::snprintf(digits, sizeof digits, "%06o", sum);
    tar.replace(148, 8, std::string(digits, 6) + std::string("\0 ", 2));
    tar += std::string(1024, '\0');
    EXPECT_THAT(kinds_of(attached("a.tar", "application/x-tar", tar)).files, has_extension("js"));
}

TEST(FileKinds, LeavesThePlainTextOut) {
    EXPECT_THAT(kinds_of("Subject: x\n\nhello\n").files, ::testing::IsEmpty());
}

TEST(FileKinds, SaysThatItIsNotComplete) {
    std::string message = "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n";
    for (int i = 0; i < 400; ++i)
        message += "--b\nContent-Type: application/octet-stream; name=\"a.x" + std::to_string(i) +
                   "\"\n\nx\n";
    const auto kinds = kinds_of(message + "--b--\n");
    EXPECT_EQ(kinds.files.size(), 300U);
    EXPECT_FALSE(kinds.is_complete);
}

}  // namespace
}  // namespace cordon
