// SPDX-License-Identifier: GPL-2.0-only
// The antivirus pool as it runs: sandboxed workers, a small database, real messages.
#include "scoring/scanner/antivirus_task.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include "conf/base/text.h"
#include "tests/scoring/scanner/pool_fixture.h"
#include "tests/scoring/scanner/small_database.h"
#include "tests/support/signed_builder.h"
#include "tests/support/zip_builder.h"

namespace cordon {
namespace {

using test::PoolFixture;
using test::SmallDatabase;

ScannerOptions options_for(const SmallDatabase& database, ClamScan scan) {
    ScannerOptions out;
    out.pool = PoolKind::antivirus;
    out.workers = 1;
    out.database = database.folder();
    out.temp_directory = ::testing::TempDir();
    out.scan = scan;
    return out;
}

PoolFixture pool_for(const ScannerOptions& options) {
    return PoolFixture(
        [options] {
            auto task = make_antivirus_task(options);
            return task ? std::move(*task) : nullptr;
        },
        options);
}

std::string mail_with(const std::string& fields, const std::string& body) {
    return "From: a@example.org\r\nTo: b@example.org\r\nSubject: hello\r\n" + fields + "\r\n" +
           body;
}

std::string attachment(const std::string& bytes) {
    return mail_with(
        "Content-Type: application/octet-stream; name=a.bin\r\n"
        "Content-Transfer-Encoding: base64\r\n",
        to_base64(bytes) + "\r\n");
}

class AntivirusPool : public ::testing::TestWithParam<ClamScan> {};

TEST_P(AntivirusPool, FindsTheTestFileWhereverItHides) {
    const SmallDatabase database;
    auto pool = pool_for(options_for(database, GetParam()));
    ASSERT_TRUE(pool.notice().is_ready) << pool.notice().text;
    const auto zipped = zip_of("a.com", eicar(), true);
    for (const auto& mail :
         {attachment(eicar()), attachment(zipped), attachment(zip_of("inner.zip", zipped, false)),
          mail_with("Content-Type: text/plain\r\n", eicar() + "\r\n")}) {
        const auto answer = pool.scan(mail);
        ASSERT_TRUE(answer.antivirus);
        EXPECT_EQ(answer.antivirus->virus, "Eicar-Test-Signature.UNOFFICIAL") << mail;
    }
}

TEST_P(AntivirusPool, CallsAnInnocentMessageCleanWithoutAReason) {
    const SmallDatabase database;
    auto pool = pool_for(options_for(database, GetParam()));
    const auto answer = pool.scan(attachment(zip_of("a.txt", "hello", true)));
    ASSERT_TRUE(answer.antivirus);
    EXPECT_EQ(answer.antivirus->virus, "");
    EXPECT_TRUE(answer.antivirus->unread.empty()) << answer.antivirus->unread[0].detail;
}

std::string little(std::uint64_t value, int bytes) {
    std::string out;
    for (; bytes > 0; --bytes, value >>= 8U) out += static_cast<char>(value & 0xFFU);
    return out;
}

/// A sound RAR 4 archive with one stored member.
std::string rar_of(const std::string& name, const std::string& content) {
    const auto crc = [](const std::string& bytes) {
        return ::crc32(0, reinterpret_cast<const Bytef*>(bytes.data()),
                       static_cast<uInt>(bytes.size()));
    };
    const auto block = [&](const std::string& head) { return little(crc(head), 2) + head; };
    const auto archive = "\x73" + little(0, 2) + little(13, 2) + little(0, 6);
    const auto file = "\x74" + little(0x8000, 2) + little(32 + name.size(), 2) +
                      little(content.size(), 4) + little(content.size(), 4) + little(3, 1) +
                      little(crc(content), 4) + little(0x5C000000, 4) + little(20, 1) +
                      little(0x30, 1) + little(name.size(), 2) + little(0x81A4, 4) + name;
    return std::string("Rar!\x1a\7\0", 7) + block(archive) + block(file) + content;
}

TEST_P(AntivirusPool, FindsTheTestFileInARarThatLibclamavCannotUnpack) {
    const SmallDatabase database;
    auto pool = pool_for(options_for(database, GetParam()));
    const auto answer = pool.scan(attachment(rar_of("a.com", eicar())));
    ASSERT_TRUE(answer.antivirus);
    EXPECT_EQ(answer.antivirus->virus, "Eicar-Test-Signature.UNOFFICIAL");
}

TEST_P(AntivirusPool, FindsTheTestFileInSignedMailInAnArchive) {
    const SmallDatabase database;
    auto pool = pool_for(options_for(database, GetParam()));
    const auto entity =
        "X-Odd: 1\r\nContent-Type: application/octet-stream\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\n" +
        to_base64(eicar()) + "\r\n";
    const auto answer = pool.scan(attachment(zip_of("smime.p7m", test::signed_data(entity), true)));
    ASSERT_TRUE(answer.antivirus);
    EXPECT_EQ(answer.antivirus->virus, "Eicar-Test-Signature.UNOFFICIAL");
}

TEST_P(AntivirusPool, CallsADamagedRarUnscanned) {
    const SmallDatabase database;
    auto pool = pool_for(options_for(database, GetParam()));
    const auto archive = rar_of("a.txt", std::string(5000, 'x'));
    const auto answer = pool.scan(attachment(archive.substr(0, archive.size() / 2)));
    ASSERT_TRUE(answer.antivirus);
    ASSERT_FALSE(answer.antivirus->unread.empty());
    EXPECT_EQ(answer.antivirus->unread[0].kind, Unread::unscanned);
}

TEST_P(AntivirusPool, SaysEncryptedOfAnArchiveWithAPassword) {
    const SmallDatabase database;
    auto pool = pool_for(options_for(database, GetParam()));
    auto archive = zip_of("a.txt", "0123456789abcdef", false);
    archive[6] = 1;                               // encrypted, in the local header
    archive[archive.find("PK\x01\x02") + 8] = 1;  // and in the directory
    const auto answer = pool.scan(attachment(archive));
    ASSERT_TRUE(answer.antivirus);
    ASSERT_FALSE(answer.antivirus->unread.empty());
    for (const auto& reason : answer.antivirus->unread)
        EXPECT_EQ(reason.kind, Unread::encrypted) << reason.detail;
}

TEST_P(AntivirusPool, FindsTheTestFileInAMemberThatNoDirectoryLists) {
    const SmallDatabase database;
    auto pool = pool_for(options_for(database, GetParam()));
    test::ZipTestArchive archive;
    archive.members = {test::zip_member("a.txt", "hello"), test::zip_member("b.com", eicar())};
    archive.members[1].is_listed = false;
    const auto answer = pool.scan(attachment(archive.build()));
    ASSERT_TRUE(answer.antivirus);
    EXPECT_EQ(answer.antivirus->virus, "Eicar-Test-Signature.UNOFFICIAL");
    ASSERT_EQ(answer.antivirus->hits.size(), 1U);
    EXPECT_EQ(answer.antivirus->hits[0].rule, "ZIP_AMBIGUOUS");
}

TEST_P(AntivirusPool, CallsABombUnscanned) {
    const SmallDatabase database;
    auto pool = pool_for(options_for(database, GetParam()));
    const auto answer = pool.scan(attachment(zip_of("a", std::string(120U << 20U, 'x'), true)));
    ASSERT_TRUE(answer.antivirus);
    ASSERT_FALSE(answer.antivirus->unread.empty());
    EXPECT_EQ(answer.antivirus->unread[0].kind, Unread::unscanned);
}

TEST_P(AntivirusPool, FindsAVirusBehindSignaturesThatCountForLess) {
    const SmallDatabase database;
    database.add("site.ndb", "Site-Ignored:0:*:" + to_hex("ignored words") +
                                 "\nSite-Scored:0:*:" + to_hex("scored words") +
                                 "\nBad-Virus:0:*:" + to_hex("virus words") + "\n");
    auto options = options_for(database, GetParam());
    options.signatures = {{"Site-Ignored", SignatureEntry::Meaning::ignore},
                          {"Site-Sc*", SignatureEntry::Meaning::score, 2.5}};
    auto pool = pool_for(options);
    const auto ignored = pool.scan(attachment("the ignored words alone"));
    ASSERT_TRUE(ignored.antivirus);
    EXPECT_TRUE(ignored.antivirus->virus.empty() && ignored.antivirus->hits.empty());
    const auto scored = pool.scan(attachment("the ignored words and scored words"));
    ASSERT_TRUE(scored.antivirus);
    EXPECT_EQ(scored.antivirus->virus, "");
    ASSERT_EQ(scored.antivirus->hits.size(), 1U);
    EXPECT_EQ(scored.antivirus->hits[0].rule, "SIGNATURE_SITE_SC");
    const auto virus = pool.scan(attachment("ignored words, scored words and virus words"));
    ASSERT_TRUE(virus.antivirus);
    EXPECT_EQ(virus.antivirus->virus, "Bad-Virus.UNOFFICIAL");
}

/// 150 KB of text, of which the raw scan leaves out the middle where it stands in base64.
std::string long_text(const std::string& middle) {
    std::string filler;
    while (filler.size() < 75'000) filler += "A line of words that nobody has a signature of.\r\n";
    return filler + middle + filler;
}

TEST_P(AntivirusPool, FindsAVirusInTheMiddleOfALongAttachment) {
    const SmallDatabase database;
    database.add("site.ndb", "Bad-Virus:0:*:" + to_hex("virus words") + "\n");
    auto pool = pool_for(options_for(database, GetParam()));
    const auto answer = pool.scan(attachment(long_text("some virus words here")));
    ASSERT_TRUE(answer.antivirus);
    EXPECT_EQ(answer.antivirus->virus, "Bad-Virus.UNOFFICIAL");
}

TEST_P(AntivirusPool, SeesAllTheBase64ThatTwoClientsReadDifferently) {
    const SmallDatabase database;
    const auto text = to_base64(long_text(""));
    database.add("site.ndb", "Bad-Text:0:*:" + to_hex(text.substr(100'000, 40)) + "\n");
    auto pool = pool_for(options_for(database, GetParam()));
    const auto mail = mail_with(
        "Content-Type: application/octet-stream; name=a.bin\r\nContent-Transfer-Encoding: "
        "base64\r\n"
        "Content-Transfer-Encoding: 7bit\r\n",
        text + "\r\n");
    const auto answer = pool.scan(mail);
    ASSERT_TRUE(answer.antivirus);
    EXPECT_EQ(answer.antivirus->virus, "Bad-Text.UNOFFICIAL");
}

TEST_P(AntivirusPool, StartsWhereTheTestFileItselfIsIgnored) {
    const SmallDatabase database;
    auto options = options_for(database, GetParam());
    options.signatures = {{"Eicar-Test-Signature", SignatureEntry::Meaning::ignore}};
    auto pool = pool_for(options);
    EXPECT_TRUE(pool.notice().is_ready) << pool.notice().text;
    const auto answer = pool.scan(attachment(eicar()));
    ASSERT_TRUE(answer.antivirus);
    EXPECT_EQ(answer.antivirus->virus, "");
}

// ---- pictures by their looks ----

std::string big_endian(std::uint32_t value) {
    std::string out;
    for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xFFU);
    return out;
}

std::string png_chunk(const std::string& type_and_data) {
    const auto crc = ::crc32(0, reinterpret_cast<const Bytef*>(type_and_data.data()),
                             static_cast<uInt>(type_and_data.size()));
    return big_endian(static_cast<std::uint32_t>(type_and_data.size() - 4)) + type_and_data +
           big_endian(static_cast<std::uint32_t>(crc));
}

/// A pattern of which `sigtool --fuzzy-img` says aa224e2affa83e2a.
std::string picture() {
    std::string rows;
    for (unsigned y = 0; y < 64; ++y) {
        rows += '\0';
        for (unsigned x = 0; x < 64; ++x) {
            rows += static_cast<char>(x * 4 % 256);
            rows += static_cast<char>(y * 7 % 256);
            rows += static_cast<char>((x / 8 + y / 8) % 2 * 200);
        }
    }
    uLongf size = ::compressBound(rows.size());
    std::string packed(size, '\0');
    EXPECT_EQ(::compress(reinterpret_cast<Bytef*>(packed.data()), &size,
                         reinterpret_cast<const Bytef*>(rows.data()), rows.size()),
              Z_OK);
    packed.resize(size);
    const std::string kind("\x08\x02\0\0\0", 5);  // 8 bits, RGB
    return "\x89PNG\r\n\x1a\n" + png_chunk("IHDR" + big_endian(64) + big_endian(64) + kind) +
           png_chunk("IDAT" + packed) + png_chunk("IEND");
}

TEST_P(AntivirusPool, KnowsAPictureByItsLooksWhereTheDatabaseAsksForIt) {
    const SmallDatabase database;
    const auto without = pool_for(options_for(database, GetParam())).scan(attachment(picture()));
    ASSERT_TRUE(without.antivirus);
    EXPECT_TRUE(without.antivirus->virus.empty() && without.antivirus->unread.empty());
    database.add("pictures.ldb",
                 "Test-Picture;Engine:150-255,Target:0;0;fuzzy_img#aa224e2affa83e2a#0\n"
                 "Test-Photo;Engine:150-255,Target:0;0;fuzzy_img#bcd72d6226767304#0\n");
    auto pool = pool_for(options_for(database, GetParam()));
    ASSERT_TRUE(pool.notice().is_ready) << pool.notice().text;
    const auto answer = pool.scan(attachment(picture()));
    ASSERT_TRUE(answer.antivirus);
    EXPECT_EQ(answer.antivirus->virus, "Test-Picture.UNOFFICIAL");
    // A photograph, made by tests/bench/documents.py.
    const auto photo = read_file("tests/data/pictures/waves.jpg", 4096);
    ASSERT_TRUE(photo);
    const auto other = pool.scan(attachment(*photo));
    ASSERT_TRUE(other.antivirus);
    EXPECT_EQ(other.antivirus->virus, "Test-Photo.UNOFFICIAL");
}

INSTANTIATE_TEST_SUITE_P(Modes, AntivirusPool,
                         ::testing::Values(ClamScan::parts, ClamScan::whole, ClamScan::both));

TEST(AntivirusPool, FailsToStartOnADatabaseThatDoesNotKnowTheTestFile) {
    const SmallDatabase database;
    database.remove("eicar.ndb");
    database.add("other.ndb", "Other-Test:0:0:0102030405060708090a\n");
    auto pool = pool_for(options_for(database, ClamScan::parts));
    EXPECT_FALSE(pool.notice().is_ready);
    EXPECT_NE(pool.notice().text.find("EICAR test file was not found"), std::string::npos)
        << pool.notice().text;
}

TEST(AntivirusPool, NeverCallsAMessageCleanThatFillsTheTemporarySpace) {
    const SmallDatabase database;
    auto options = options_for(database, ClamScan::parts);
    options.memory_limit = 8U << 20U;
    auto pool = pool_for(options);
    ASSERT_TRUE(pool.notice().is_ready) << pool.notice().text;
    const auto answer = pool.scan(attachment(zip_of("a", std::string(20U << 20U, 'x'), true)));
    EXPECT_TRUE(!answer.unread.empty() || (answer.antivirus && !answer.antivirus->unread.empty()));
    EXPECT_TRUE(pool.scan(attachment("harmless")).antivirus);  // in a fresh worker
}

}  // namespace
}  // namespace cordon
