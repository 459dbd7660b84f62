#include "base/numbers.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

namespace clairscore {
namespace {

TEST(NumbersTest, WritesAsPythonDoes) {
  EXPECT_EQ(double_to_text(3275), "3275.0");
  EXPECT_EQ(double_to_text(-0.0), "-0.0");
  EXPECT_EQ(double_to_text(0.1), "0.1");
  EXPECT_EQ(double_to_text(0.0001), "0.0001");
  EXPECT_EQ(double_to_text(0.00001), "1e-05");
  EXPECT_EQ(double_to_text(1e15), "1000000000000000.0");
  EXPECT_EQ(double_to_text(1e16), "1e+16");
  EXPECT_EQ(double_to_text(1.5e300), "1.5e+300");
  EXPECT_EQ(double_to_text(5e-324), "5e-324");
  EXPECT_EQ(double_to_text(-1.7976931348623157e308), "-1.7976931348623157e+308");
  EXPECT_EQ(double_to_text(std::numeric_limits<double>::quiet_NaN()), "nan");
  EXPECT_EQ(double_to_text(-INFINITY), "-inf");
}

TEST(NumbersTest, ReadsWholeTextsOnly) {
  EXPECT_EQ(parse_double("1e3"), 1000.0);
  EXPECT_EQ(parse_double("+1.5"), 1.5);
  EXPECT_EQ(parse_double("1e999"), INFINITY);
  EXPECT_EQ(parse_double("1e-999"), 0.0);
  EXPECT_FALSE(parse_double(""));
  EXPECT_FALSE(parse_double("1 "));
  EXPECT_FALSE(parse_double("+-1"));
  EXPECT_FALSE(parse_double("1,5"));
  EXPECT_EQ(parse_integer("-42"), -42);
  EXPECT_FALSE(parse_integer("42x"));
  EXPECT_FALSE(parse_integer("99999999999999999999"));
}

RC_GTEST_PROP(NumbersTest, EveryDoubleReadsBackToItself, (std::uint64_t bits)) {
  const auto value = std::bit_cast<double>(bits);
  RC_PRE(!std::isnan(value));
  const auto back = parse_double(double_to_text(value));
  RC_ASSERT(back.has_value());
  RC_ASSERT(std::bit_cast<std::uint64_t>(*back) == bits);
}

}  // namespace
}  // namespace clairscore
