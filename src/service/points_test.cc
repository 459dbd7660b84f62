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

/// The score that comes to so many points where 20 of them double the odds.
Score at_points(double points) {
  return score_of((500 - points) / 20 * std::log(2), 0.5);
}

TEST(Points, WhatIsDisplayedDecidesAtTheEdgesOfTheReviewZone) {
  const PointScale scale({}, PointsOf::kLogOdds, 0.5);
  const auto seen = [&](double points) {
    const Score score = at_points(points);
    return std::pair(scale.displayed(score), scale.in_review_zone(score));
  };
  EXPECT_EQ(seen(519.6), std::pair(520, true));
  EXPECT_EQ(seen(520), std::pair(520, true));
  EXPECT_EQ(seen(520.4), std::pair(520, true));
  EXPECT_EQ(seen(520.6), std::pair(521, false));
  EXPECT_EQ(seen(480.4), std::pair(480, true));
  EXPECT_EQ(seen(479.6), std::pair(480, true));
  EXPECT_EQ(seen(479.4), std::pair(479, false));
  EXPECT_EQ(scale.distance(at_points(479.6)), 20);
  EXPECT_EQ(scale.distance(at_points(520.6)), 21);
  // A zone of nothing holds the threshold alone.
  const PointScale narrow({500, 20, 0}, PointsOf::kLogOdds, 0.5);
  EXPECT_TRUE(narrow.in_review_zone(at_points(500)));
  EXPECT_FALSE(narrow.in_review_zone(at_points(500.1)));
}

RC_GTEST_PROP(Points, FilesThatShowTheSamePointsAreReviewedAlike, ()) {
  const PointScale scale({}, PointsOf::kLogOdds, 0.5);
  const Score score = at_points(*rc::gen::inRange(47'000, 53'000) / 100.0);
  const int shown = scale.displayed(score);
  RC_ASSERT(scale.in_review_zone(score) == (shown >= 480 && shown <= 520));
  RC_ASSERT(scale.distance(score) == std::abs(shown - 500));
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
