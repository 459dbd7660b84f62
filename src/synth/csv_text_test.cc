#include "synth/csv_text.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <charconv>
#include <limits>

#include "base/numbers.h"

namespace clairscore::synth {
namespace {

std::string decimal(std::int64_t units, int decimals) {
  std::array<char, kMaxNumberText> text;
  return {text.data(), write_decimal(text.data(), units, decimals)};
}

std::string integer(std::int64_t value) {
  std::array<char, kMaxNumberText> text;
  return {text.data(), write_integer(text.data(), value)};
}

TEST(CsvText, DecimalsAreWrittenAsPandasWritesFloats) {
  EXPECT_EQ(decimal(0, 0), "0.0");
  EXPECT_EQ(decimal(-2561, 0), "-2561.0");
  EXPECT_EQ(decimal(125, 1), "12.5");
  EXPECT_EQ(decimal(120, 1), "12.0");
  EXPECT_EQ(decimal(-5, 2), "-0.05");
  EXPECT_EQ(decimal(20448801535937, 15), "0.020448801535937");
  EXPECT_EQ(decimal(1, 15), "0.000000000000001");
  EXPECT_EQ(decimal(100, 4), "0.01");
  EXPECT_EQ(decimal(std::numeric_limits<std::int64_t>::max(), 15), "9223.372036854775807");
  EXPECT_EQ(decimal(std::numeric_limits<std::int64_t>::min(), 15), "-9223.372036854775808");
}

TEST(CsvText, FieldsAreQuotedWhereTheyMustBe) {
  EXPECT_EQ(csv_field("House / apartment"), "House / apartment");
  EXPECT_EQ(csv_field("Stone, brick"), "\"Stone, brick\"");
  EXPECT_EQ(csv_field("a \"b\""), "\"a \"\"b\"\"\"");
  EXPECT_EQ(csv_field("two\nlines"), "\"two\nlines\"");
  EXPECT_EQ(csv_field(""), "");
}

RC_GTEST_PROP(CsvText, IntegersReadBack, (std::int64_t value)) {
  RC_ASSERT(integer(value).size() <= kMaxNumberText);
  RC_ASSERT(parse_integer(integer(value)) == value);
}

RC_GTEST_PROP(CsvText, DecimalsReadBack, (std::int64_t value)) {
  const int decimals = *rc::gen::inRange(0, 16);
  const std::int64_t units = value % 9'000'000'000'000'000;  // doubles hold these exactly
  const std::string text = decimal(units, decimals);
  RC_ASSERT(text.size() <= kMaxNumberText);
  double unit = 1;
  for (int i = 0; i < decimals; ++i) unit *= 10;
  RC_ASSERT(parse_double(text) == static_cast<double>(units) / unit);
}

}  // namespace
}  // namespace clairscore::synth
