#include "synth/sampler.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace clairscore::synth {
namespace {

TEST(Random, FirstNumbersArePinnedAndStreamsDiffer) {
  Random random(1, 0);
  Random again(1, 0);
  Random other_stream(1, 1);
  Random other_seed(2, 0);
  const std::uint64_t first = random.next();
  EXPECT_EQ(first, 8089978747140965633U);
  EXPECT_EQ(again.next(), first);
  EXPECT_NE(other_stream.next(), first);
  EXPECT_NE(other_seed.next(), first);
}

TEST(Random, UniformNumbersFillTheUnitInterval) {
  Random random(3, 0);
  double sum = 0;
  for (int i = 0; i < 100000; ++i) {
    const double u = random.uniform();
    ASSERT_GE(u, 0.0);
    ASSERT_LT(u, 1.0);
    sum += u;
    ASSERT_LT(random.below(7), 7U);
  }
  EXPECT_NEAR(sum / 100000, 0.5, 0.005);
}

TEST(AliasTable, DrawsWithTheGivenWeights) {
  const std::vector<double> weights{5, 0, 1, 3, 1};
  const AliasTable table(weights);
  Random random(9, 0);
  std::vector<int> seen(weights.size());
  for (int i = 0; i < 200000; ++i) ++seen[table.draw(random)];
  EXPECT_EQ(seen[1], 0);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    EXPECT_NEAR(seen[i] / 200000.0, weights[i] / 10, 0.005) << i;
  }
}

TEST(AliasTable, OneCategoryIsAlwaysDrawn) {
  const std::vector<double> weights{0.3};
  const AliasTable table(weights);
  Random random(9, 0);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(table.draw(random), 0U);
}

TEST(QuantileTable, IsLinearBetweenQuantilesAndRoundsToUnits) {
  const std::vector<double> quantiles{-3, 0, 1, 2};
  const QuantileTable table(quantiles, 2);
  EXPECT_EQ(table.at(0), -300);
  EXPECT_EQ(table.at(1.0 / 3), 0);
  EXPECT_EQ(table.at(0.5), 50);
  EXPECT_EQ(table.at(2.0 / 3), 100);
  EXPECT_EQ(table.at(1), 200);
}

TEST(QuantileTable, ADistantExtremeIsRare) {
  const std::vector<double> quantiles{-1000, 0, 1, 2, 1002};
  const QuantileTable table(quantiles, 0);
  EXPECT_EQ(table.at(0), -1000);
  EXPECT_EQ(table.at(1), 1002);
  EXPECT_EQ(table.at(0.75), 2);
  EXPECT_EQ(table.at(0.875), 65);  // 2 + 1000 / 16
  EXPECT_EQ(table.at(0.125), -63);
}

TEST(OrderedTable, TakesThePositionAtARank) {
  const std::vector<double> weights{2, 0, 6};
  const OrderedTable table(weights);
  EXPECT_EQ(table.at(0), 0U);
  EXPECT_EQ(table.at(0.2499), 0U);
  EXPECT_EQ(table.at(0.25), 2U);
  EXPECT_EQ(table.at(1), 2U);
}

TEST(CopulaFactor, ReproducesTheCorrelationOfTheScores) {
  const std::vector<std::vector<double>> ranks{{1, 0.5, -0.3}, {0.5, 1, 0.1}, {-0.3, 0.1, 1}};
  const std::vector<double> factor = copula_factor(ranks);
  ASSERT_EQ(factor.size(), 9U);
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) {
      double sum = 0;
      for (std::size_t k = 0; k < 3; ++k) sum += factor[i * 3 + k] * factor[j * 3 + k];
      EXPECT_NEAR(sum, 2 * std::sin(std::numbers::pi / 6 * ranks[i][j]), 1e-14);
    }
  }
}

TEST(CopulaFactor, AnImpossibleCorrelationIsDrawnTowardsIndependence) {
  // a goes with b and with c, b against c: no such scores exist.
  const std::vector<std::vector<double>> ranks{{1, 0.9, 0.9}, {0.9, 1, -0.9}, {0.9, -0.9, 1}};
  const std::vector<double> factor = copula_factor(ranks);
  ASSERT_EQ(factor.size(), 9U);
  const double first = factor[3] * factor[0];  // correlation of a and b
  EXPECT_GT(first, 0.3);
  EXPECT_LT(first, 0.9);
}

}  // namespace
}  // namespace clairscore::synth
