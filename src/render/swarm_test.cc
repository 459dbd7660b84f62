#include "render/swarm.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>

namespace clairscore::render {
namespace {

using testing::ElementsAre;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

TEST(ValueColour, GoesFromBlueToRed) {
  const Colour low = value_colour(0);
  const Colour high = value_colour(1);
  EXPECT_GT(low.blue, 200);
  EXPECT_LT(low.red, 50);
  EXPECT_GT(high.red, 200);
  EXPECT_LT(high.blue, 120);
  EXPECT_EQ(value_colour(-3), low);
  EXPECT_EQ(value_colour(7), high);
}

TEST(ValueColours, MissingIsGreyAndInfiniteIsExtreme) {
  const std::vector<double> values{0, kNan, 10, kInf, -kInf};
  EXPECT_THAT(value_colours(values), ElementsAre(value_colour(0), kMissingColour, value_colour(1),
                                                 value_colour(1), value_colour(0)));
}

TEST(ValueColours, AFewExtremesDoNotTakeTheScale) {
  std::vector<double> values;
  for (int i = 0; i <= 100; ++i) values.push_back(i);
  values.back() = 1e12;
  const std::vector<Colour> colours = value_colours(values);
  EXPECT_EQ(colours[50], value_colour(0.5));
  EXPECT_EQ(colours[3], value_colour(0));
  EXPECT_EQ(colours[100], value_colour(1));
}

TEST(ValueColours, AFlagThatIsRarelySetKeepsItsTwoColours) {
  std::vector<double> values(100, 0.0);
  values[7] = 1;
  const std::vector<Colour> colours = value_colours(values);
  EXPECT_EQ(colours[0], value_colour(0));
  EXPECT_EQ(colours[7], value_colour(1));
}

TEST(ValueColours, OneValueIsTheMiddleAndNoneIsGrey) {
  const std::vector<double> same(5, 3.0);
  EXPECT_EQ(value_colours(same)[2], value_colour(0.5));
  const std::vector<double> none(3, kNan);
  EXPECT_EQ(value_colours(none)[0], kMissingColour);
  EXPECT_TRUE(value_colours({}).empty());
}

TEST(ValueColours, TheWholeRangeOfDoublesDoesNotOverflow) {
  const double most = std::numeric_limits<double>::max();
  const std::vector<double> values{-most, 0, most};
  EXPECT_THAT(value_colours(values),
              ElementsAre(value_colour(0), value_colour(0.5), value_colour(1)));
}

TEST(StackDots, NeighboursStackOnBothSides) {
  const std::vector<float> xs{5, 5, 5, 5, 5, 40};
  EXPECT_THAT(stack_dots(xs, 2, 3, 100), ElementsAre(0, 3, -3, 6, -6, 0));
}

TEST(StackDots, AFullBinIsPressedTogether) {
  const std::vector<float> xs(201, 1.0F);
  const std::vector<float> ys = stack_dots(xs, 2, 3, 10);
  EXPECT_FLOAT_EQ(*std::ranges::max_element(ys), 10);
  EXPECT_FLOAT_EQ(*std::ranges::min_element(ys), -10);
}

RC_GTEST_PROP(StackDots, StaysWithinTheHeight, (const std::vector<std::uint16_t>& places)) {
  std::vector<float> xs;
  xs.reserve(places.size());
  for (const std::uint16_t place : places) xs.push_back(static_cast<float>(place % 500));
  const std::vector<float> ys = stack_dots(xs, 2, 4, 11);
  RC_ASSERT(ys.size() == xs.size());
  for (const float y : ys) RC_ASSERT(std::fabs(y) <= 11.001F);
}

TEST(RoundTicks, AreRound) {
  EXPECT_THAT(round_ticks(-1, 1, 4), ElementsAre(-1, -0.5, 0, 0.5, 1));
  EXPECT_THAT(round_ticks(0, 7, 7), ElementsAre(0, 1, 2, 3, 4, 5, 6, 7));
  EXPECT_THAT(round_ticks(130, 410, 3), ElementsAre(200, 300, 400));
}

RC_GTEST_PROP(RoundTicks, AreFewAndInside, (double a, double b)) {
  RC_PRE(std::isfinite(a) && std::isfinite(b) && a != b);
  const double low = std::min(a, b) / 4;
  const double high = std::max(a, b) / 4;
  RC_PRE(high - low > 1e-9 * std::max(std::fabs(low), std::fabs(high)));
  RC_PRE(high - low > 1e-290);
  const std::vector<double> ticks = round_ticks(low, high, 9);
  RC_ASSERT(ticks.size() >= 3U);
  RC_ASSERT(ticks.size() <= 11U);
  const double slack = 1e-9 * (high - low);
  for (const double tick : ticks) RC_ASSERT(tick >= low - slack && tick <= high + slack);
}

TEST(TickText, HasTheDecimalsOfTheDistance) {
  EXPECT_EQ(tick_text(-1.5, 0.5, ','), "\u22121,5");
  EXPECT_EQ(tick_text(0.30000000000000004, 0.1, '.'), "0.3");
  EXPECT_EQ(tick_text(-1e-17, 0.1, ','), "0,0");
  EXPECT_EQ(tick_text(200, 100, ','), "200");
  EXPECT_EQ(tick_text(0.02, 0.01, ','), "0,02");
}

TEST(Displayable, ReplacesWhatIsNotText) {
  EXPECT_EQ(displayable("Élevée 10 €"), "Élevée 10 €");
  EXPECT_EQ(displayable("a\nb"), "a\uFFFDb");
  EXPECT_EQ(displayable("a\xFFz"), "a\uFFFDz");
  EXPECT_EQ(displayable("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD");  // a surrogate
  EXPECT_EQ(displayable("\xC3"), "\uFFFD");
  EXPECT_EQ(displayable("\U0001F600"), "\U0001F600");
}

TEST(FirstCharacters, AreWhole) {
  EXPECT_EQ(first_characters("né€x", 2), "né");
  EXPECT_EQ(first_characters("né€x", 3), "né€");
  EXPECT_EQ(first_characters("né€x", 9), "né€x");
  EXPECT_EQ(first_characters("né", 0), "");
  EXPECT_EQ(first_characters("", 3), "");
}

}  // namespace
}  // namespace clairscore::render
