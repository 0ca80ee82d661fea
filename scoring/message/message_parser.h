// SPDX-License-Identifier: GPL-2.0-only
// Builds a Message: a work list of entities instead of recursion. Reading 0 is what most clients
// make of the message; every other reading is one way in which some client differs (it ignores
// padding, it takes the second Content-Type, it ends lines at a CR ...) and has one number for the
// whole message.
#pragma once

#include <array>
#include <compare>
#include <deque>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "scoring/message/message.h"
#include "scoring/message/mime.h"
#include "scoring/message/mime_split.h"

namespace cordon {

struct TnefFile;

class MessageParser {
 public:
    MessageParser(std::string_view bytes, const Limits& limits);
    Message run();

 private:
    /// Strings of at least this size own heap memory: views into them survive moves of the part.
    static constexpr std::size_t kLeastViewed = 64;

    /// The ways to differ from reading 0.
    enum class Way : std::uint8_t {
        usual,
        cr_ends_lines,
        passes_junk_in_header,
        header_in_body,
        other_type,
        other_boundary,
        guesses_boundary,
        other_encoding,
        sniffs_encoding,
        padding_stops,
        padding_ignored,
        groups_per_line,
        whole_lines,
        drops_broken_escapes,
        drops_nul,
        other_name,
        count
    };

    /// An entity, or a region to be cut by guessing, that waits to be read.
    struct Job {
        const DashedText* text = nullptr;
        Range range;
        int parent = -1;
        int depth = 0;
        Way way = Way::usual;  // how the part that this entity belongs to was found
        HeaderReading header_reading = HeaderReading::strict;
        std::size_t type_choice = 0;
        std::size_t boundary_choice = 0;
        bool is_region = false;
        bool is_in_digest = false;
    };

    /// What makes two jobs the same work.
    struct JobKey {
        const DashedText* text;
        std::size_t begin, end, type, boundary, how;
        auto operator<=>(const JobKey&) const = default;
    };

    /// What is remembered of a part beside what others see.
    struct PartNotes {
        std::string boundary;
        bool is_minor_variant = false;  // the text of another part with small differences
    };

    void note(std::string_view rule, std::string_view detail, int part);
    bool is_returned(int part) const;
    int reading_for(Way way);
    void later(Job job, Way way);
    bool begin_job(const Job& job);
    bool has_room(int part);

    void read_region(const Job& job);
    void read_entity(const Job& job);
    void schedule_other_headers(const Job& job, const Part& part, const Declaration& declared);
    int add_part(Part part);

    void read_multipart(const Job& job, int index, const Declaration& declared);
    std::string choose_boundary(const Job& job, int index, const ContentType& type, Range body);
    void read_without_boundary(const Job& job, int index, const Declaration& declared, Range body);
    void read_encoded_multipart(const Job& job, int index, const Declaration& declared);
    const DashedText* own_text(std::string bytes);
    void read_around_parts(const Job& job, int index, const Split& split);
    void push_children(const Job& job, int index, const std::vector<Range>& parts);

    // message_leaf.cc
    void read_leaf(const Job& job, int index, const Declaration& declared);
    void look_into_body(const Job& job, int index);
    void descend(const Job& job, int index);
    Decoded decode(TransferEncoding encoding, std::string_view body);
    void keep_decoded(Part& part, TransferEncoding encoding, Decoded decoded);
    void note_damage(int index, TransferEncoding encoding, const Decoded& decoded);
    void add_encoding_variants(int index, const Declaration& declared);
    void add_base64_variants(int index);
    void add_sniffed_variants(int index, TransferEncoding encoding);
    void add_without_nul(int index, TransferEncoding encoding);
    void add_variant(int index, Way way, TransferEncoding encoding, Decoded decoded);
    void add_names(int index, const Declaration& declared);

    // message_inside.cc
    void look_inside(int index);
    bool has_room_inside(int index);
    void add_file(int index, const EncodedBlock& block, std::string_view type);
    void add_text_blocks(int index);
    void add_base64_again(int index);
    void add_card_files(int index);

    // message_containers.cc
    void open_container(int index);
    void add_tnef(int index);
    std::string bytes_of(const TnefFile& file, int index);
    void add_signed(int index);
    void add_signed_file(int index, const std::string& content);

    // message_texts.cc
    void collect_texts();
    bool is_shown(int index) const;
    void add_text(int index);
    void add_links(const BodyText& text);

    const Limits& limits_;
    Message message_;
    std::vector<PartNotes> notes_;
    std::vector<std::unique_ptr<DashedText>> texts_;
    std::vector<Job> stack_;
    std::deque<Job> later_;
    std::set<JobKey> seen_jobs_;
    std::array<int, static_cast<std::size_t>(Way::count)> readings_{};
    std::size_t decoded_left_;
    std::size_t work_left_;
    std::size_t text_left_;
};

}  // namespace cordon
