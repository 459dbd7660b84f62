#include "model/number_rule.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

namespace clairscore {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

/// Doubles close to where rounding to float32 changes.
std::vector<double> around(double t) {
  const auto f = static_cast<float>(t);
  std::vector<double> values{t, -t, 0, 1e300, -1e300, kInf, -kInf};
  for (const float g : {f, std::nextafter(f, 1e38F), std::nextafter(f, -1e38F)}) {
    for (const float h : {std::nextafter(g, 1e38F), std::nextafter(g, -1e38F)}) {
      const double halfway = static_cast<double>(g) / 2 + static_cast<double>(h) / 2;
      for (const double v : {static_cast<double>(g), halfway}) {
        values.insert(values.end(), {v, std::nextafter(v, kInf), std::nextafter(v, -kInf)});
      }
    }
  }
  return values;
}

double random_threshold() {
  const auto bits = *rc::gen::arbitrary<std::uint64_t>();
  const auto narrow = std::bit_cast<float>(static_cast<std::uint32_t>(bits));
  const double wide = std::bit_cast<double>(bits);
  const double t = *rc::gen::element(static_cast<double>(narrow), wide, 0.5, 0.0, 1e-46,
                                     0x1.fffffep127, -0x1.fffffep127, 0x1.ffffffp127);
  return std::isnan(t) ? 1.0 : t;
}

RC_GTEST_PROP(Float32TestTest, IsWhatRoundingThenComparingAnswers, ()) {
  const double t = random_threshold();
  const double test = float32_test(t);
  for (const double x : around(t)) {
    RC_ASSERT((static_cast<double>(static_cast<float>(x)) <= t) == (x <= test));
  }
}

RC_GTEST_PROP(Float32TestTest, BelowIsWhatRoundingThenComparingAnswers, ()) {
  const auto t = static_cast<float>(random_threshold());
  const double test = float32_test_below(t);
  for (const double x : around(static_cast<double>(t))) {
    if (std::isinf(x)) continue;
    RC_ASSERT((static_cast<float>(x) < t) == (x <= test));
  }
}

TEST(NumberRuleTest, NamesTheCellThatIsRefused) {
  const Column column = Column::of_doubles("income", {1, std::nan(""), 3.4028236e38});
  EXPECT_TRUE(check_numbers(column, {}));
  const auto missing = check_numbers(column, {.missing = false});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().where, "column income, row 2");
  EXPECT_TRUE(check_numbers(column, {.infinite = false}));
  const auto wide = check_numbers(column, {.infinite = false, .as_float32 = true});
  ASSERT_FALSE(wide);
  EXPECT_EQ(wide.error().where, "column income, row 3");
}

TEST(NumpySumTest, AddsInBlocksOfEight) {
  // 2^53 swallows ones that are added to it one by one, but not their sum.
  std::vector<double> values(16, 1.0);
  values[0] = 0x1p53;
  EXPECT_EQ(numpy_sum(values.data(), 16), 0x1p53 + 14);
  EXPECT_EQ(numpy_sum(values.data(), 7), 0x1p53);
}

}  // namespace
}  // namespace clairscore
