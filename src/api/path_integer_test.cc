#include "api/path_integer.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace clairscore::api {
namespace {

// What pydantic accepts is compared case by case in routes_test.cc.

TEST(PathIntegerTest, KeepsTheValueWhereItFits) {
  EXPECT_EQ(parse_path_integer(" +0_0100_285.00\n")->value, 100285);
  EXPECT_EQ(parse_path_integer("-9223372036854775808")->value, INT64_MIN);
  EXPECT_FALSE(parse_path_integer("9223372036854775808")->value);
  EXPECT_EQ(parse_path_integer("-0009223372036854775809")->text, "-9223372036854775809");
}

TEST(PathIntegerTest, TellsWhatIsTooLongFromWhatIsMalformed) {
  EXPECT_EQ(parse_path_integer(std::string(4301, '9')).error(), PathIntegerFault::kTooLong);
  EXPECT_EQ(parse_path_integer("x").error(), PathIntegerFault::kMalformed);
  EXPECT_EQ(parse_path_integer("").error(), PathIntegerFault::kMalformed);
}

RC_GTEST_PROP(PathIntegerProperty, EveryIntegerIsReadAsItIsPrinted, (std::int64_t value)) {
  const std::string text = std::to_string(value);
  const auto read = parse_path_integer(text);
  RC_ASSERT(read.has_value());
  RC_ASSERT(read->text == text);
  RC_ASSERT(read->value == value);
}

RC_GTEST_PROP(PathIntegerProperty, WhatIsReadIsAPlainInteger, ()) {
  const auto text = *rc::gen::container<std::string>(rc::gen::elementOf(std::string("0019_+-. ")));
  const auto read = parse_path_integer(text);
  if (!read) return;
  const auto again = parse_path_integer(read->text);
  RC_ASSERT(again.has_value());
  RC_ASSERT(again->text == read->text);
}

}  // namespace
}  // namespace clairscore::api
