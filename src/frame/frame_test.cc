#include "frame/frame.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace clairscore {
namespace {

Frame example() {
  Frame frame;
  EXPECT_TRUE(frame.add(Column::of_integers("id", {7, 8, 9})));
  EXPECT_TRUE(frame.add(Column::of_doubles("amount", {1.5, NAN, 3})));
  const std::array<const char*, 3> jobs = {"Core", nullptr, "Core"};
  EXPECT_TRUE(frame.add(Column::of_strings("job", jobs)));
  return frame;
}

TEST(FrameTest, HoldsTypedCells) {
  const Frame frame = example();
  EXPECT_EQ(frame.rows(), 3U);
  EXPECT_EQ(frame.names(), (std::vector<std::string>{"id", "amount", "job"}));
  EXPECT_TRUE(frame.column(1).is_missing(1));
  EXPECT_TRUE(frame.column(2).is_missing(1));
  EXPECT_EQ(frame.column(2).text(2), "Core");
  EXPECT_EQ(frame.column(2).dictionary().size(), 1U);
  EXPECT_EQ(frame.column(0).number(2), 9.0);
  EXPECT_EQ(frame.find("none"), nullptr);
}

TEST(FrameTest, SlicesRowsOfEveryColumn) {
  const Frame part = example().slice(1, 2);
  EXPECT_EQ(part.rows(), 2U);
  EXPECT_EQ(part.find("id")->integers()[0], 8);
  EXPECT_EQ(part.find("amount")->doubles()[1], 3.0);
  EXPECT_EQ(part.find("job")->text(1), "Core");
}

TEST(FrameTest, RefusesUnequalLengthsAndRepeatedNames) {
  Frame frame = example();
  EXPECT_EQ(frame.add(Column::of_doubles("x", {1})).error().code, ErrorCode::kInput);
  EXPECT_EQ(frame.add(Column::of_doubles("id", {1, 2, 3})).error().where, "column id");
  EXPECT_EQ(frame.columns().size(), 3U);
}

TEST(FrameTest, ConvertsToDoublesOnlyWhatIsNumeric) {
  const Frame frame = example();
  EXPECT_EQ(frame.column(0).as_doubles()->doubles()[0], 7.0);
  EXPECT_FALSE(frame.column(2).as_doubles());
}

}  // namespace
}  // namespace clairscore
