// SPDX-License-Identifier: GPL-2.0-only
// Many attachments that unpack to far more than they are, before real antivirus workers.
#include "scoring/scanner/unpack_budget.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>

#include "conf/base/text.h"
#include "scoring/scanner/antivirus_task.h"
#include "scoring/scanner/canary.h"
#include "tests/scoring/scanner/pool_fixture.h"
#include "tests/scoring/scanner/small_database.h"

namespace cordon {
namespace {

using test::PoolFixture;
using test::SmallDatabase;

constexpr std::uint64_t kMegabyte = 1U << 20U;

TEST(UnpackBudget, GrowsWithTheMessage) {
    UnpackBudget small(1000, 4 * kMegabyte);
    UnpackBudget large(95 * kMegabyte, 4 * kMegabyte);
    small.spend(5 * kMegabyte);
    large.spend(500 * kMegabyte);
    EXPECT_TRUE(small.is_spent());
    EXPECT_FALSE(large.is_spent());
    EXPECT_EQ(small.reason(), "limit: the message unpacks to more than 4 MB");
}

PoolFixture pool_with(const SmallDatabase& database, std::uint64_t base, ClamScan scan) {
    ScannerOptions options;
    options.pool = PoolKind::antivirus;
    options.workers = 1;
    options.database = database.folder();
    options.temp_directory = ::testing::TempDir();
    options.unpacked_bytes = base;
    options.scan = scan;
    return PoolFixture(
        [options] {
            auto task = make_antivirus_task(options);
            return task ? std::move(*task) : nullptr;
        },
        options);
}

/// A document of one stream that unpacks to `size` bytes.
std::string pdf_of(std::size_t number, std::size_t size) {
    const std::string content = std::to_string(number) + std::string(size, '\0');
    uLongf packed_size = ::compressBound(content.size());
    std::string packed(packed_size, '\0');
    EXPECT_EQ(::compress(reinterpret_cast<Bytef*>(packed.data()), &packed_size,
                         reinterpret_cast<const Bytef*>(content.data()), content.size()),
              Z_OK);
    packed.resize(packed_size);
    return "%PDF-1.5\n4 0 obj\n<< /Length " + std::to_string(packed.size()) +
           " /Filter /FlateDecode >>\nstream\n" + packed +
           "\nendstream\nendobj\n1 0 obj\n<< /Type /Catalog >>\nendobj\n"
           "trailer\n<< /Root 1 0 R >>\n%%EOF\n";
}

std::string mail_with(const std::vector<std::string>& files) {
    std::string out =
        "From: a@example.org\r\nTo: b@example.org\r\nSubject: files\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n";
    for (const auto& file : files)
        out +=
            "--b\r\nContent-Type: application/octet-stream\r\n"
            "Content-Transfer-Encoding: base64\r\n\r\n" +
            to_base64(file) + "\r\n";
    return out + "--b--\r\n";
}

std::vector<std::string> pdfs(std::size_t count, std::size_t size) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < count; ++i) out.push_back(pdf_of(i, size));
    return out;
}

bool names_the_limit(const AntivirusResult& result) {
    return std::any_of(result.unread.begin(), result.unread.end(), [](const UnreadReason& reason) {
        return reason.kind == Unread::unscanned &&
               reason.detail.find("message unpacks to more than") != std::string::npos;
    });
}

class UnpackBudgetOf : public ::testing::TestWithParam<ClamScan> {};
INSTANTIATE_TEST_SUITE_P(Modes, UnpackBudgetOf,
                         ::testing::Values(ClamScan::parts, ClamScan::whole, ClamScan::both));

TEST_P(UnpackBudgetOf, StopsManyAttachmentsThatUnpackToTooMuchTogether) {
    const SmallDatabase database;
    auto pool = pool_with(database, 8 * kMegabyte, GetParam());
    ASSERT_TRUE(pool.notice().is_ready) << pool.notice().text;
    const auto answer = pool.scan(mail_with(pdfs(8, 2 * kMegabyte)));
    ASSERT_TRUE(answer.antivirus);
    EXPECT_TRUE(names_the_limit(*answer.antivirus));
}

TEST_P(UnpackBudgetOf, StopsOneAttachmentThatUnpacksToTooMuch) {
    const SmallDatabase database;
    auto pool = pool_with(database, 2 * kMegabyte, GetParam());
    const auto answer = pool.scan(mail_with(pdfs(1, 6 * kMegabyte)));
    ASSERT_TRUE(answer.antivirus);
    EXPECT_TRUE(names_the_limit(*answer.antivirus));
}

TEST_P(UnpackBudgetOf, ReadsInFullWhatIsWithin) {
    const SmallDatabase database;
    auto pool = pool_with(database, 32 * kMegabyte, GetParam());
    const auto answer = pool.scan(mail_with(pdfs(8, 2 * kMegabyte)));
    ASSERT_TRUE(answer.antivirus);
    EXPECT_TRUE(answer.antivirus->unread.empty()) << answer.antivirus->unread[0].detail;
}

TEST(UnpackBudget, IsNoReasonWhenItWasJustSpent) {
    UnpackBudget budget(0, 10);
    budget.spend(20);
    EXPECT_TRUE(budget.is_spent());
    EXPECT_FALSE(budget.is_exceeded());
}

TEST(UnpackBudget, LeavesWhatNeedsNoUnpackingToBeFoundBehindBombs) {
    const SmallDatabase database;
    auto pool = pool_with(database, 2 * kMegabyte, ClamScan::parts);
    auto files = pdfs(4, 2 * kMegabyte);
    files.push_back(eicar());
    const auto answer = pool.scan(mail_with(files));
    ASSERT_TRUE(answer.antivirus);
    EXPECT_EQ(answer.antivirus->virus, "Eicar-Test-Signature.UNOFFICIAL");
}

std::string gzip_of(const std::string& content) {
    z_stream stream{};
    EXPECT_EQ(::deflateInit2(&stream, 9, Z_DEFLATED, MAX_WBITS + 16, 9, Z_DEFAULT_STRATEGY), Z_OK);
    std::string out(::deflateBound(&stream, content.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
    stream.avail_in = static_cast<uInt>(content.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    EXPECT_EQ(::deflate(&stream, Z_FINISH), Z_STREAM_END);
    out.resize(stream.total_out);
    ::deflateEnd(&stream);
    return out;
}

TEST(UnpackBudget, CountsTheContentOfACompressedFileOnce) {
    const SmallDatabase database;
    auto pool = pool_with(database, 5 * kMegabyte, ClamScan::parts);
    const auto answer = pool.scan(mail_with({gzip_of(std::string(4 * kMegabyte, '\0'))}));
    ASSERT_TRUE(answer.antivirus);
    EXPECT_TRUE(answer.antivirus->unread.empty()) << answer.antivirus->unread[0].detail;
}

TEST(UnpackBudget, LeavesALargeAttachmentToBeReadInProportion) {
    const SmallDatabase database;
    auto pool = pool_with(database, 0, ClamScan::parts);
    std::string content(3 * kMegabyte, '\0');
    unsigned state = 1;
    for (char& c : content) c = static_cast<char>((state = state * 1664525U + 1013904223U) >> 24U);
    const auto answer = pool.scan(mail_with({zip_of("a.bin", content, true)}));
    ASSERT_TRUE(answer.antivirus);
    EXPECT_TRUE(answer.antivirus->unread.empty()) << answer.antivirus->unread[0].detail;
}

}  // namespace
}  // namespace cordon
