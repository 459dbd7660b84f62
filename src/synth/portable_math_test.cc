#include "synth/portable_math.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace clairscore::synth::portable {
namespace {

std::vector<double> steps(double from, double to, double step) {
  std::vector<double> out;
  const auto count = static_cast<int>((to - from) / step);
  for (int i = 0; i <= count; ++i) out.push_back(from + i * step);
  return out;
}

TEST(PortableMath, LogIsWithinItsBound) {
  double wide = 1e-300;
  for (int i = 0; i < 2600; ++i, wide *= 1.7) {
    const double expected = std::log(wide);
    EXPECT_NEAR(log(wide), expected, 5e-16 * std::max(1.0, std::fabs(expected))) << wide;
  }
  for (const double x : steps(0.5, 2, 0.0007)) EXPECT_NEAR(log(x), std::log(x), 4e-16) << x;
  EXPECT_EQ(log(1.0), 0.0);
}

TEST(PortableMath, ExpIsWithinItsBound) {
  for (const double x : steps(-700, 700, 0.0713)) {
    EXPECT_NEAR(exp(x) / std::exp(x), 1, 6e-16) << x;
  }
  EXPECT_EQ(exp(0.0), 1.0);
}

TEST(PortableMath, SinIsWithinItsBound) {
  for (const double x : steps(-1, 1, 0.0009)) EXPECT_NEAR(sin(x), std::sin(x), 3e-16) << x;
  EXPECT_EQ(sin(0.0), 0.0);
}

TEST(PortableMath, LogisticIsSymmetricAndNeverOverflows) {
  for (const double x : steps(-40, 40, 0.37)) {
    EXPECT_NEAR(logistic(x), 1 / (1 + std::exp(-x)), 1e-15);
    EXPECT_NEAR(logistic(x) + logistic(-x), 1, 1e-15);
  }
  EXPECT_EQ(logistic(1e9), 1.0);
  EXPECT_GE(logistic(-1e9), 0.0);
  EXPECT_LT(logistic(-1e9), 1e-300);
}

TEST(PortableMath, NormalDistributionIsCloseAndNeverDecreases) {
  const NormalDistribution normal;
  double before = 0;
  for (const double z : steps(-8.5, 8.5, 0.00137)) {
    const double value = normal.cdf(z);
    EXPECT_NEAR(value, 0.5 * std::erfc(-z / std::sqrt(2.0)), 2e-10) << z;
    EXPECT_GE(value, before - 1e-15) << z;
    before = value;
  }
  EXPECT_EQ(normal.cdf(0), 0.5);
  EXPECT_EQ(normal.cdf(-9), 0.0);
  EXPECT_EQ(normal.cdf(9), 1.0);
  EXPECT_EQ(normal.cdf(std::numeric_limits<double>::quiet_NaN()), 0.0);
}

// The bits themselves: what another machine must reproduce.
TEST(PortableMath, BitsArePinned) {
  EXPECT_EQ(log(0.3), -0x1.34378fcbda721p+0);
  EXPECT_EQ(exp(-1.7), 0x1.7622c78a98a07p-3);
  EXPECT_EQ(sin(0.4), 0x1.8ec3ae92b676bp-2);
}

}  // namespace
}  // namespace clairscore::synth::portable
