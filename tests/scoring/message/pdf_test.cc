// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/message/pdf.h"

#include <gmock/gmock.h>
#include <zlib.h>

#include "scoring/message/message.h"

namespace cordon {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string deflated(const std::string& text) {
    std::string out(compressBound(text.size()), '\0');
    uLongf size = out.size();
    EXPECT_EQ(compress(reinterpret_cast<Bytef*>(out.data()), &size,
                       reinterpret_cast<const Bytef*>(text.data()), text.size()),
              Z_OK);
    out.resize(size);
    return out;
}

std::string object_stream(const std::string& objects) {
    return "%PDF-1.5\n4 0 obj<</Type/ObjStm/Filter/FlateDecode>>stream\r\n" + deflated(objects) +
           "\nendstream endobj\n";
}

TEST(ScanPdf, FindsALink) {
    EXPECT_THAT(scan_pdf("%PDF-1.4 <</S/URI/URI (http://a.example/x\\(1\\))>>").uris,
                ElementsAre("http://a.example/x(1)"));
}

TEST(ScanPdf, FindsALinkWrittenInHex) {
    EXPECT_THAT(scan_pdf("%PDF-1.4 <</URI <687474703A2F2F61>>>").uris, ElementsAre("http://a"));
}

TEST(ScanPdf, LooksIntoObjectStreams) {
    const auto facts = scan_pdf(object_stream("<</S/URI/URI(http://a.example/)>> <</S/Launch>>"));
    EXPECT_THAT(facts.uris, ElementsAre("http://a.example/"));
    EXPECT_TRUE(facts.has_launch);
}

TEST(ScanPdf, ReadsNamesWithEscapes) {
    EXPECT_TRUE(scan_pdf("%PDF-1.4 <</S/J#61vaScript/J#53(x)>>").has_script);
}

TEST(ScanPdf, UnpacksNoBomb) {
    std::string bombs;
    for (int i = 0; i < 40; ++i) bombs += object_stream(std::string(4U << 20U, ' '));
    EXPECT_THAT(scan_pdf(bombs).uris, IsEmpty());
}

TEST(ScanPdf, SurvivesWhatIsCutOff) {
    const std::string whole = object_stream("<</URI(http://a.example/)>>");
    for (std::size_t i = 0; i < whole.size(); ++i) {
        const std::string part = whole.substr(0, i);
        static_cast<void>(scan_pdf({part.data(), part.size()}));
    }
    EXPECT_THAT(scan_pdf("%PDF-1.4 /URI(http://a").uris, ElementsAre("http://a"));
}

TEST(ScanPdf, FindsNothingInAnEmptyFile) {
    EXPECT_FALSE(is_pdf(""));
    EXPECT_THAT(scan_pdf("").uris, IsEmpty());
}

std::vector<std::string> file_links(const std::string& message) {
    const auto parsed = Message::parse(message, Limits{});
    std::vector<std::string> out;
    for (const auto& link : parsed.links())
        if (link.source == LinkSource::file) out.push_back(link.url.raw);
    return out;
}

TEST(FileLinks, OfAPdfAreLinksOfTheMessage) {
    EXPECT_THAT(file_links("MIME-Version: 1.0\nContent-Type: application/pdf; name=a.pdf\n\n"
                           "%PDF-1.4 <</URI(http://a.example/x)>>\n"),
                ElementsAre("http://a.example/x"));
}

TEST(FileLinks, OfAnAttachedInvitationAreUnfolded) {
    EXPECT_THAT(
        file_links("MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n"
                   "Content-Type: text/calendar; name=a.ics\n"
                   "Content-Disposition: attachment; filename=a.ics\n\n"
                   "BEGIN:VCALENDAR\nDESCRIPTION:see http://a.example/lo\n ng\\nbye\n--b--\n"),
        ElementsAre("http://a.example/long"));
}

}  // namespace
}  // namespace cordon
