#include "data/decimal.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace clairscore {
namespace {

TEST(DecimalTest, TellsMissingCells) {
  for (const char* cell :
       {"", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN",
        "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"}) {
    EXPECT_TRUE(is_missing_cell(cell)) << cell;
  }
  for (const char* cell :
       {" ", "NA ", "na", "Null", "NAN", "none", "-", "0", "1.#INF", "#N/A N/A "}) {
    EXPECT_FALSE(is_missing_cell(cell)) << cell;
  }
}

TEST(DecimalTest, TellsBooleans) {
  EXPECT_EQ(parse_boolean_cell("True"), true);
  EXPECT_EQ(parse_boolean_cell("fALSE"), false);
  EXPECT_EQ(parse_boolean_cell(" True"), std::nullopt);
  EXPECT_EQ(parse_boolean_cell("1"), std::nullopt);
}

TEST(DecimalTest, ReadsIntegersOf64Bits) {
  const auto value = [](const char* cell) { return parse_integer_cell(cell).value; };
  const auto status = [](const char* cell) { return parse_integer_cell(cell).status; };
  EXPECT_EQ(value("9223372036854775807"), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(value("-9223372036854775808"), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(value(" +007\t"), 7);
  EXPECT_EQ(status("9223372036854775808"), IntegerStatus::kOverflow);
  EXPECT_EQ(status("-9223372036854775809"), IntegerStatus::kOverflow);
  EXPECT_EQ(status("99999999999999999999.5"), IntegerStatus::kOverflow);
  for (const char* cell : {"", "-", "+-1", "1.", "1e5", "x", "- 1", "1 2", "0x10"}) {
    EXPECT_EQ(status(cell), IntegerStatus::kNotInteger) << cell;
  }
}

TEST(DecimalTest, RoundsAsTheModeSays) {
  // Leading zeros count among the 17 digits pandas 2 reads.
  EXPECT_EQ(parse_decimal("0.1", DecimalMode::kPandas2), 0.1);
  EXPECT_EQ(parse_decimal("00000000000000000000000123.5", DecimalMode::kPandas2), 0.0);
  EXPECT_EQ(parse_decimal("00000000000000000000000123.5", DecimalMode::kExact), 123.5);
  EXPECT_EQ(parse_decimal("0e400", DecimalMode::kPandas2), std::nullopt);
  EXPECT_EQ(parse_decimal("0e400", DecimalMode::kExact), 0.0);
  for (const DecimalMode mode : {DecimalMode::kExact, DecimalMode::kPandas2}) {
    EXPECT_EQ(parse_decimal(" -2.5e-1 ", mode), -0.25);
    EXPECT_EQ(parse_decimal("1e400", mode), std::nullopt);
    EXPECT_EQ(parse_decimal("-1e400", mode), std::nullopt);
    EXPECT_EQ(parse_decimal("1e-400", mode), 0.0);
    EXPECT_EQ(parse_decimal("-Infinity", mode), -std::numeric_limits<double>::infinity());
    EXPECT_TRUE(std::signbit(*parse_decimal("-0.0", mode)));
    for (const char* cell :
         {"", ".", "-", "1e", "1e+", "e5", "1 2", "0x10", "nan", " inf", "--1"}) {
      EXPECT_EQ(parse_decimal(cell, mode), std::nullopt) << cell;
    }
  }
}

}  // namespace
}  // namespace clairscore
