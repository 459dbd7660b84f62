#include "service/reasons.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace clairscore {
namespace {

using testing::ElementsAre;

const auto kNone = [](std::size_t) { return false; };

std::vector<std::size_t> inputs_of(const std::vector<Reason>& reasons) {
  std::vector<std::size_t> inputs;
  for (const Reason& reason : reasons) inputs.push_back(reason.input);
  return inputs;
}

TEST(Reasons, AreTheHeaviestFourAgainstAndTwoInFavour) {
  const std::vector<double> points = {-3, 8, -20, 0.2, -1, -7, 2, -0.3, 5, -2};
  const Reasons reasons = principal_reasons(points, 510, 491, true, kNone);
  EXPECT_THAT(inputs_of(reasons.against), ElementsAre(2, 5, 0, 9));
  EXPECT_THAT(inputs_of(reasons.favour), ElementsAre(1, 8));
  EXPECT_EQ(reasons.base, 510);
  EXPECT_EQ(reasons.others, 491 - 510 + 20 + 7 + 3 + 2 - 8 - 5);
}

TEST(Reasons, WhatIsToReviewIsListedAmongTheFourHeaviest) {
  const std::vector<double> points = {10, 9, 8, -7, 6};
  const auto is = [](std::size_t wanted) {
    return [=](std::size_t input) { return input == wanted; };
  };
  EXPECT_THAT(inputs_of(principal_reasons(points, 500, 526, false, is(2)).favour),
              ElementsAre(0, 1, 2));
  EXPECT_EQ(principal_reasons(points, 500, 526, false, is(2)).others, 526 - 500 - 10 - 9 - 8 + 7);
  // The fifth of all is not among the four.
  EXPECT_THAT(inputs_of(principal_reasons(points, 500, 526, false, is(4)).favour),
              ElementsAre(0, 1));
}

TEST(Reasons, SayWhetherOneOfTheHeaviestIsToReview) {
  const std::vector<double> points = {10, -9, 8, -7, -6, 0.4};
  const auto found = [&](std::size_t wanted) {
    return principal_reasons(points, 500, 496, true,
                             [=](std::size_t input) { return input == wanted; })
        .to_review;
  };
  for (const std::size_t heavy : {0U, 1U, 2U, 3U}) EXPECT_TRUE(found(heavy)) << heavy;
  EXPECT_FALSE(found(4)) << "the fifth of all, though the third against";
  EXPECT_FALSE(principal_reasons(std::vector<double>{0.4, -0.4}, 500, 500, true,
                                 [](std::size_t) { return true; })
                   .to_review)
      << "lighter than half a point";
}

TEST(Reasons, LighterThanHalfAPointAreNone) {
  const Reasons reasons =
      principal_reasons(std::vector<double>{-0.4, 0.4, -0.5}, 520, 520, false, kNone);
  EXPECT_THAT(inputs_of(reasons.against), ElementsAre(2));
  EXPECT_TRUE(reasons.favour.empty());
}

TEST(Reasons, AnUnfavourableFileHasOneHoweverLight) {
  const std::vector<double> points = {0.1, -0.2, -0.3};
  EXPECT_THAT(inputs_of(principal_reasons(points, 480, 480, true, kNone).against), ElementsAre(2));
  EXPECT_TRUE(principal_reasons(points, 520, 520, false, kNone).against.empty());
  // Nothing lowers the score: the starting point itself is below the threshold.
  EXPECT_TRUE(principal_reasons(std::vector<double>{1, 0}, 480, 481, true, kNone).against.empty());
}

RC_GTEST_PROP(Reasons, WholeNumbersAddUpExactly, ()) {
  std::vector<double> points;
  for (const int tenths : *rc::gen::container<std::vector<int>>(rc::gen::inRange(-400, 400))) {
    points.push_back(tenths / 10.0);
  }
  const double base = *rc::gen::inRange(4000, 6000) / 10.0;
  const double exact = std::accumulate(points.begin(), points.end(), base);
  const int score = static_cast<int>(std::lround(exact));
  const Reasons reasons = principal_reasons(points, base, score, exact <= 500, kNone);
  int sum = reasons.base + reasons.others;
  double rest = exact - base;
  for (const auto* list : {&reasons.against, &reasons.favour}) {
    for (const Reason& reason : *list) {
      sum += reason.displayed;
      rest -= reason.points;
      RC_ASSERT(reason.displayed == std::lround(reason.points));
    }
  }
  RC_ASSERT(sum == reasons.score);
  RC_ASSERT(reasons.score == score);
  RC_ASSERT(reasons.against.size() <= 4U);
  RC_ASSERT(reasons.favour.size() <= 2U);
  // Others hold what is rounded away: at most half a point for each of the eight numbers.
  RC_ASSERT(std::abs(rest - reasons.others) <= 4);
}

RC_GTEST_PROP(Reasons, AreAsManyAsTheRulesAllowAndNoneIsHidden, ()) {
  std::vector<double> points;
  std::vector<bool> reviewed;
  for (const int tenths : *rc::gen::container<std::vector<int>>(rc::gen::inRange(-60, 60))) {
    points.push_back(tenths / 10.0);
    reviewed.push_back(*rc::gen::arbitrary<bool>());
  }
  const bool unfavourable = *rc::gen::arbitrary<bool>();
  const Reasons reasons = principal_reasons(points, 500, 500, unfavourable,
                                            [&](std::size_t input) { return reviewed[input]; });
  // The rank of each input among all: how many weigh more, or as much and stand before it.
  const auto rank = [&](std::size_t input) {
    std::size_t before = 0;
    for (std::size_t other = 0; other < points.size(); ++other) {
      const double apart = std::abs(points[other]) - std::abs(points[input]);
      // Of equals, those that lower come first, then the order of the model.
      const bool lowers = points[other] < 0;
      const bool first = lowers == (points[input] < 0) ? other < input : lowers;
      if (other != input && points[other] != 0 && (apart > 0 || (apart == 0 && first))) ++before;
    }
    return before;
  };
  const auto ordered = [](const std::vector<Reason>& list, std::size_t count) {
    for (std::size_t i = 1; i < std::min(count, list.size()); ++i) {
      if (std::abs(list[i].points) > std::abs(list[i - 1].points)) return false;
    }
    return true;
  };
  RC_ASSERT(reasons.against.size() <= kReasonsAgainst);
  RC_ASSERT(reasons.favour.size() <= kHeaviest);
  RC_ASSERT(ordered(reasons.against, reasons.against.size()));
  RC_ASSERT(ordered(reasons.favour, reasons.favour.size()));
  for (const Reason& reason : reasons.against) RC_ASSERT(reason.points < 0);
  for (std::size_t i = 0; i < reasons.favour.size(); ++i) {
    const Reason& reason = reasons.favour[i];
    RC_ASSERT(reason.points >= 0.5);
    // More than two only because a person must see them.
    if (i >= kReasonsInFavour) RC_ASSERT(reviewed[reason.input] && rank(reason.input) < kHeaviest);
  }
  // Whatever is to be reviewed among the heaviest is listed, on its side; and that is what is said.
  bool any = false;
  for (std::size_t input = 0; input < points.size(); ++input) {
    if (!reviewed[input] || std::abs(points[input]) < 0.5 || rank(input) >= kHeaviest) continue;
    any = true;
    const auto listed = inputs_of(points[input] < 0 ? reasons.against : reasons.favour);
    RC_ASSERT(std::ranges::count(listed, input) == 1);
  }
  RC_ASSERT(reasons.to_review == any);
  const auto heavy = std::ranges::count_if(points, [](double one) { return one >= 0.5; });
  RC_ASSERT(reasons.favour.size() >= std::min<std::size_t>(kReasonsInFavour, heavy));
}

}  // namespace
}  // namespace clairscore
