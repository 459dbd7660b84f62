#include "service/parity.h"

#include <gtest/gtest.h>

#include <cmath>

namespace clairscore {
namespace {

using Values = std::vector<double>;

TEST(ParityTest, EqualValuesAreServedLive) {
  Parity parity;
  parity.add(0, 1, Values{2, 3}, 1, Values{2, 3 + 9e-7}, 6, 0.9);
  EXPECT_EQ(parity.status(), ParityStatus::kEqual);
  EXPECT_NEAR(parity.max_difference(), 9e-7, 1e-12);
  EXPECT_FALSE(file_is_served(parity.status()));
}

TEST(ParityTest, OtherValuesThatAddUpAreServedFromTheFile) {
  Parity raw;
  raw.add(0, 0, Values{4, 2}, 1, Values{2, 3}, 6, 0.9);
  EXPECT_EQ(raw.status(), ParityStatus::kDifferent);
  EXPECT_TRUE(raw.adds_up_to_raw());
  EXPECT_TRUE(file_is_served(raw.status()));
  Parity probability;
  probability.add(0, 0.5, Values{0.3, 0.1}, 1, Values{2, 3}, 6, 0.9);
  EXPECT_EQ(probability.status(), ParityStatus::kDifferent);
  EXPECT_FALSE(probability.adds_up_to_raw());
}

TEST(ParityTest, ValuesThatDoNotAddUpNameTheFirstRow) {
  Parity parity;
  parity.add(3, 1, Values{2, 3}, 1, Values{2, 3}, 6, 0.9);
  parity.add(9, 1, Values{2, 3}, 1, Values{2, 5}, 8, 0.9);
  parity.add(7, 1, Values{2, 3}, 1, Values{2, 5}, 8, 0.9);
  parity.add(8, 1, Values{2, 3}, 1, Values{2, 3}, 6, 0.9);
  EXPECT_EQ(parity.status(), ParityStatus::kNotAdditive);
  EXPECT_EQ(parity.first_failed_row(), 7U);
  EXPECT_EQ(parity.rows(), 4U);
}

TEST(ParityTest, RowsThatAddUpOnDifferentScalesDoNotAddUp) {
  Parity parity;
  parity.add(0, 0, Values{6}, 1, Values{5.5}, 6, 0.9);
  parity.add(1, 0, Values{0.9}, 1, Values{5}, 6, 0.9);
  EXPECT_EQ(parity.status(), ParityStatus::kNotAdditive);
  EXPECT_EQ(parity.first_failed_row(), 1U);
}

TEST(ParityTest, NotANumberNeverAddsUp) {
  Parity parity;
  parity.add(5, NAN, Values{2}, 1, Values{2}, 3, 0.5);
  EXPECT_EQ(parity.status(), ParityStatus::kNotAdditive);
  EXPECT_EQ(parity.max_difference(), INFINITY);
}

TEST(ParityTest, SpreadsRowsOverTheWholeFile) {
  EXPECT_EQ(spread_rows(3, 256), (std::vector<std::size_t>{0, 1, 2}));
  EXPECT_EQ(spread_rows(11, 3), (std::vector<std::size_t>{0, 5, 10}));
  const auto rows = spread_rows(48744, 256);
  EXPECT_EQ(rows.size(), 256U);
  EXPECT_EQ(rows.front(), 0U);
  EXPECT_EQ(rows.back(), 48743U);
}

}  // namespace
}  // namespace clairscore
