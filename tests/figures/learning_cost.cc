// SPDX-License-Identifier: GPL-2.0-only
// What the classifier costs a message, in CPU time of one thread:
//
//     learning_cost < LIST
//
// LIST has a line "ham FILE" or "spam FILE" for each message, in order of arrival. Each is
// classified (tokens, features, opinion; the better of two runs), then learned. Ends with 1 when
// the means are over 100 us to classify or 50 us to train.
#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <memory>
#include <numeric>
#include <vector>

#include "conf/base/file_descriptor.h"
#include "scoring/analysis/features.h"
#include "scoring/message/message.h"
#include "scoring/store/learner.h"
#include "tests/support/made_mail.h"

namespace cordon {
namespace {

using test::cpu_ms;

constexpr double kMaxToClassify = 100;  // us
constexpr double kMaxToTrain = 50;
constexpr std::size_t kLargest = std::size_t{64} << 20U;

struct Costs {
    std::vector<double> classify;
    std::vector<double> train;
};

double us_since(double begin) {
    return (cpu_ms() - begin) * 1000;
}

void measure(std::string_view bytes, bool is_spam, WeightTable& table, Learner& learner,
             Costs& costs) {
    const auto message = Message::parse(bytes, Limits{});
    FeatureVector features;
    double best = 1e9;
    for (int i = 0; i < 2; ++i) {
        const double begin = cpu_ms();
        FeatureCollector collector(&table);
        tokenize(message, EnvelopeFacts{}, TokenLimits{}, collector);
        static_cast<void>(collector.opinion());
        features = collector.features();
        best = std::min(best, us_since(begin));
    }
    costs.classify.push_back(best);
    const double begin = cpu_ms();
    learner.learn({std::move(features), is_spam, LabelOrigin::person, false});
    costs.train.push_back(us_since(begin));
}

bool print(std::string_view what, std::vector<double> costs, double most) {
    std::sort(costs.begin(), costs.end());
    const auto count = costs.size();
    const double mean =
        std::accumulate(costs.begin(), costs.end(), 0.0) / static_cast<double>(count);
    fmt::print("{:9} mean {:.0f}, median {:.0f}, of 100 the fifth worst {:.0f} us\n", what, mean,
               costs[count / 2], costs[count * 95 / 100]);
    return mean <= most;
}

int run() {
    const auto table = std::make_unique<WeightTable>();
    clear_table(*table);
    Learner learner(*table);
    Costs costs;
    std::string label;
    std::string path;
    while (std::cin >> label && std::getline(std::cin >> std::ws, path)) {
        const auto bytes = read_file(path, kLargest);
        if (bytes) measure(*bytes, label == "spam", *table, learner, costs);
    }
    if (costs.classify.empty()) return 1;
    fmt::print("{} messages\n", costs.classify.size());
    const bool is_cheap = print("classify", costs.classify, kMaxToClassify);
    return print("train", costs.train, kMaxToTrain) && is_cheap ? 0 : 1;
}

}  // namespace
}  // namespace cordon

int main() {
    return cordon::run();
}
