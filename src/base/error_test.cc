#include "base/error.h"

#include <gtest/gtest.h>

namespace clairscore {
namespace {

Result<int> half(int value) {
  if (value % 2 != 0) return fail(ErrorCode::kInput, "odd number", "input:3", "an even number");
  return value / 2;
}

Result<int> quarter(int value) {
  ASSIGN_OR_RETURN(const int once, half(value));
  ASSIGN_OR_RETURN(const int twice, half(once));
  return twice;
}

TEST(ErrorTest, SaysWhatWhereAndWhatWouldBeAccepted) {
  const auto refused = quarter(6);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(to_string(refused.error()), "odd number, input:3, an even number");
  EXPECT_EQ(quarter(8).value(), 2);
}

TEST(ErrorTest, StaysOneLineWhateverTheInputHeld) {
  EXPECT_EQ(to_string(Error{ErrorCode::kInput, "bad\nname\x1b[31m", "", "x"}), "bad?name?[31m, x");
}

TEST(ErrorTest, ExitCodesAreThoseOfTheInterface) {
  EXPECT_EQ(exit_code(ErrorCode::kInternal), 1);
  EXPECT_EQ(exit_code(ErrorCode::kUsage), 2);
  EXPECT_EQ(exit_code(ErrorCode::kInput), 3);
  EXPECT_EQ(exit_code(ErrorCode::kUnsupported), 3);
  EXPECT_EQ(exit_code(ErrorCode::kLimit), 3);
  EXPECT_EQ(exit_code(ErrorCode::kNotFound), 3);
  EXPECT_EQ(exit_code(ErrorCode::kNetwork), 4);
}

}  // namespace
}  // namespace clairscore
