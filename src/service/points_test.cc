#include "service/points.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

namespace clairscore {
namespace {

double logit(double p) {
  return std::log(p / (1 - p));
}

Score score_of(double raw, double threshold) {
  const double probability = 1 / (1 + std::exp(-raw));
  return {raw, probability, probability >= threshold};
}

TEST(Points, TheThresholdStandsAt500AndTwiceTheOddsAre20Points) {
  const PointScale scale({}, PointsOf::kLogOdds, 0.3);
  EXPECT_DOUBLE_EQ(scale.at(logit(0.3)), 500);
  EXPECT_NEAR(scale.at(logit(0.3) + std::log(2)), 480, 1e-9);
  EXPECT_NEAR(scale.at(logit(0.3) - std::log(2)), 520, 1e-9);
  EXPECT_NEAR(scale.of(-std::log(4)), 40, 1e-9);
}

TEST(Points, TheRuleIsASetting) {
  const PointScale scale({600, 50, 10}, PointsOf::kLogOdds, 0.5);
  EXPECT_DOUBLE_EQ(scale.at(0), 600);
  EXPECT_NEAR(scale.at(-std::log(2)), 650, 1e-9);
  EXPECT_TRUE(scale.in_review_zone(score_of(0.13, 0.5)));
  EXPECT_FALSE(scale.in_review_zone(score_of(0.15, 0.5)));
}

TEST(Points, OfAProbabilityAreThousandths) {
  const PointScale scale({}, PointsOf::kProbability, 0.5);
  EXPECT_NEAR(scale.at(Score{9, 0.48, false}), 520, 1e-9);
  EXPECT_NEAR(scale.of(0.001), -1, 1e-12);
  EXPECT_EQ(to_string(scale.scale()), "probability");
}

TEST(Points, AThresholdWithoutLogOddsIsReadAsAProbability) {
  for (const double threshold : {0.0, 1.0}) {
    const PointScale scale({}, PointsOf::kLogOdds, threshold);
    EXPECT_EQ(scale.scale(), PointsOf::kProbability);
    EXPECT_DOUBLE_EQ(scale.at(threshold), 500);
  }
}

TEST(Points, WhatIsDisplayedNeverContradictsTheAdvice) {
  const PointScale scale({}, PointsOf::kLogOdds, 0.5);
  EXPECT_EQ(scale.displayed({0.001, 0.50025, true}), 499);
  EXPECT_EQ(scale.displayed({-0.001, 0.49975, false}), 501);
  EXPECT_EQ(scale.displayed({0, 0.5, true}), 500);
  EXPECT_EQ(scale.displayed({1, 0.73, true}), 471);
  EXPECT_EQ(scale.displayed({1e300, 1, true}), -1'000'000);
}

RC_GTEST_PROP(Points, BaseAndContributionsAddUpInPointsAsTheyDoInLogOdds, ()) {
  const auto part = [] { return *rc::gen::inRange(-3000, 3000) / 1000.0; };
  const double threshold = *rc::gen::inRange(1, 999) / 1000.0;
  const PointScale scale({}, PointsOf::kLogOdds, threshold);
  const double base = part();
  double raw = base;
  double points = scale.at(base);
  for (int i = 0; i < 20; ++i) {
    const double contribution = part();
    raw += contribution;
    points += scale.of(contribution);
  }
  RC_ASSERT(std::abs(points - scale.at(raw)) < 1e-6);
  const Score score = score_of(raw, threshold);
  const int displayed = scale.displayed(score);
  RC_ASSERT((displayed > 500) != score.refused);
  RC_ASSERT(std::abs(displayed - scale.at(score)) <= 1);
}

}  // namespace
}  // namespace clairscore
