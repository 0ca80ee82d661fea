// SPDX-License-Identifier: GPL-2.0-only
// Broken configurations: mutations of the shipped file. Each is refused with the name of the file,
// and the line where one is to blame, or it loads and shows itself; none does half of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "conf/base/file_descriptor.h"
#include "conf/base/text.h"
#include "conf/configuration.h"

namespace cordon {
namespace {

constexpr int kMutations = 2000;

class Mutator {
 public:
    explicit Mutator(std::string text) : text_(std::move(text)) {}

    std::string next() {
        std::string out = text_;
        for (auto times = 1 + below(3); times > 0; --times) mutate(out);
        return out;
    }

 private:
    std::size_t below(std::size_t limit) { return random_() % std::max<std::size_t>(limit, 1); }

    void mutate(std::string& text) {
        const auto at = below(text.size());
        const auto end = std::min(text.find('\n', at), text.size());
        switch (below(8)) {
            case 0: text.erase(at, below(40)); break;
            case 1: text.insert(at, 1, static_cast<char>(below(256))); break;
            case 2: text[at] = static_cast<char>(below(256)); break;
            case 3: text.insert(end, "\n" + text.substr(at, end - at)); break;
            case 4: text.insert(end, "\n[" + std::string(below(200), 'x') + "]\n"); break;
            case 5: text.insert(end, "\nworkers = 99999999999999999999\n"); break;
            case 6: text.resize(at); break;
            default: text.insert(end, "\n[milter]\nmode = " + text.substr(at, end - at)); break;
        }
    }

    std::string text_;
    std::mt19937 random_{20261124};
};

std::string shipped(bool has_all_active) {
    const auto text = read_file("conf/cordon.conf", 1U << 20U);
    if (!text) {
        ADD_FAILURE() << text.error().what;
        return {};
    }
    std::string out;
    for (const auto line : split(*text, '\n')) {
        const bool is_commented = has_all_active && line.size() > 1 && line[0] == '#' &&
                                  line[1] != ' ' && line.find(" = ") != std::string_view::npos;
        out += std::string(is_commented ? line.substr(1) : line) + "\n";
    }
    return out;
}

void expect_all_or_nothing(const std::string& text) {
    const auto loaded = parse_configuration(text, "cordon.conf");
    if (!loaded) {
        EXPECT_THAT(loaded.error().what, ::testing::StartsWith("cordon.conf:")) << text;
        EXPECT_EQ(loaded.error().what.find('\n'), std::string::npos) << loaded.error().what;
        return;
    }
    const auto again = parse_configuration(show_configuration(**loaded), "shown");
    ASSERT_TRUE(again) << again.error().what << "\n" << text;
    EXPECT_EQ(show_configuration(**again), show_configuration(**loaded));
}

TEST(BrokenConfigurations, AreRefusedWithALineOrLoadAsAWhole) {
    for (const bool has_all_active : {false, true}) {
        Mutator mutator(shipped(has_all_active));
        for (int i = 0; i < kMutations / 2; ++i) expect_all_or_nothing(mutator.next());
        if (HasFailure()) return;
    }
}

}  // namespace
}  // namespace cordon
