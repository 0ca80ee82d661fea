// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/store/feature_vector.h"

#include "tests/support/matchers.h"

namespace cordon {
namespace {

using test::FailsWith;
using test::IsOk;

TEST(FeatureVector, ComesBackAsItWas) {
    const FeatureVector in = {0, 1, 127, 128, 300'000, kFeatureSpace - 1};
    const auto out = decode_features(encode_features(in));
    ASSERT_THAT(out, IsOk());
    EXPECT_EQ(*out, in);
}

TEST(FeatureVector, IsRefusedWhenCutAtAnyByte) {
    const auto bytes = encode_features({5, 70'000, 900'000});
    for (std::size_t n = 0; n < bytes.size(); ++n)
        EXPECT_FALSE(decode_features(std::string(bytes, 0, n))) << n;
    EXPECT_THAT(decode_features(bytes + "x"), FailsWith("more than announced"));
}

TEST(FeatureVector, IsRefusedOutsideTheTableOrOutOfOrder) {
    EXPECT_THAT(decode_features(encode_features({kFeatureSpace})), FailsWith("outside the table"));
    EXPECT_THAT(decode_features(encode_features({7, 7})), FailsWith("not in order"));
    EXPECT_THAT(decode_features(encode_features(FeatureVector(kMaxFeatures + 1, 0))),
                FailsWith("impossible number"));
}

TEST(FeatureVector, OfAnotherVersionIsNamed) {
    auto bytes = encode_features({1});
    bytes[0] = static_cast<char>(kFeatureVersion + 1);
    EXPECT_THAT(decode_features(bytes), FailsWith("version"));
}

TEST(FeaturePlace, StaysInTheShareOfItsClass) {
    const auto place = feature_place(FeatureClass::route, ~std::uint64_t{0});
    EXPECT_LT(place, kFeatureSpace);
    EXPECT_EQ(feature_value(place), kClassValues[2]);
}

}  // namespace
}  // namespace cordon
