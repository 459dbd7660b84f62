#include "data/decimal.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <bit>
#include <cmath>
#include <fstream>
#include <limits>
#include <string>

#include "base/numbers.h"

namespace clairscore {
namespace {

/// The bits of a double as the fixtures write them.
std::string bits_text(const std::optional<double>& value) {
  return value ? fmt::format("{:016x}", std::bit_cast<std::uint64_t>(*value)) : "text";
}

TEST(DecimalTest, GivesTheBitsPandasGives) {
  std::ifstream file(CLAIRSCORE_SOURCE_DIR "/tests/fixtures/data/decimals.txt");
  std::string line;
  std::size_t compared = 0;
  std::size_t apart = 0;  // where the two modes differ
  while (std::getline(file, line)) {
    const std::size_t second = line.rfind('|');
    const std::size_t first = line.rfind('|', second - 1);
    const std::string cell = line.substr(0, first);
    const std::string pandas2 = line.substr(first + 1, second - first - 1);
    const std::string exact = line.substr(second + 1);
    EXPECT_EQ(bits_text(parse_decimal(cell, DecimalMode::kPandas2)), pandas2) << cell;
    EXPECT_EQ(bits_text(parse_decimal(cell, DecimalMode::kExact)), exact) << cell;
    apart += pandas2 == exact ? 0 : 1;
    ++compared;
  }
  EXPECT_GT(compared, 6000U);
  EXPECT_GT(apart, 500U);
}

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
  EXPECT_EQ(parse_boolean_cell(""), std::nullopt);
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

TEST(DecimalTest, ReadsUnsignedIntegers) {
  using Status = UnsignedCell::Status;
  EXPECT_EQ(parse_unsigned_cell("18446744073709551615").value,
            std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(parse_unsigned_cell("18446744073709551616").status, Status::kOverflow);
  EXPECT_EQ(parse_unsigned_cell(" +5 ").value, 5U);
  EXPECT_EQ(parse_unsigned_cell("-x").status, Status::kNegative);
  EXPECT_EQ(parse_unsigned_cell("5.0").status, Status::kNotInteger);
  EXPECT_EQ(parse_unsigned_cell("").status, Status::kNotInteger);
}

RC_GTEST_PROP(DecimalProperty, IntegersReadBackInEveryMode, (std::int64_t value)) {
  const std::string cell = std::to_string(value);
  const IntegerCell read = parse_integer_cell(cell);
  RC_ASSERT(read.status == IntegerStatus::kValue);
  RC_ASSERT(read.value == value);
  RC_ASSERT(parse_decimal(cell, DecimalMode::kExact) == static_cast<double>(value));
}

RC_GTEST_PROP(DecimalProperty, ExactReadsBackWhatIsWritten, (std::uint64_t bits)) {
  const auto value = std::bit_cast<double>(bits);
  RC_PRE(!std::isnan(value));
  const auto read = parse_decimal(double_to_text(value), DecimalMode::kExact);
  RC_ASSERT(bits_text(read) == bits_text(value));
}

/// pandas 2's rule, word for word and slowly: what decimal.h says, for digits without a sign.
std::optional<double> slow_pandas2(const std::string& whole, const std::string& fraction,
                                   int exponent) {
  double number = 0;
  int read = 0;
  for (const char c : whole) {
    if (read < 17) {
      number = number * 10.0 + (c - '0');
      ++read;
    } else {
      ++exponent;
    }
  }
  for (const char c : fraction) {
    if (read == 17) break;
    number = number * 10.0 + (c - '0');
    ++read;
    --exponent;
  }
  if (whole.empty() && fraction.empty()) return std::nullopt;
  const auto power = [](int n) { return *parse_double("1e" + std::to_string(n)); };
  if (exponent > 308) return std::nullopt;
  if (exponent < -616) return 0.0;
  if (exponent < -308) {
    number /= power(-exponent - 308);
    number /= power(308);
  } else if (exponent < 0) {
    number /= power(-exponent);
  } else {
    number *= power(exponent);
  }
  return std::isinf(number) ? std::nullopt : std::optional(number);
}

RC_GTEST_PROP(DecimalProperty, Pandas2FollowsItsRule, ()) {
  const auto digit = rc::gen::inRange('0', static_cast<char>('9' + 1));
  const auto digits = rc::gen::container<std::string>(digit);
  const std::string whole = *digits;
  const std::string fraction = *digits;
  const int exponent = *rc::gen::inRange(-700, 400);
  const std::string cell = whole + "." + fraction + "e" + std::to_string(exponent);
  RC_ASSERT(bits_text(parse_decimal(cell, DecimalMode::kPandas2)) ==
            bits_text(slow_pandas2(whole, fraction, exponent)));
}

}  // namespace
}  // namespace clairscore
