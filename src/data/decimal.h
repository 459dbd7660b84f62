#pragma once

// Numbers in CSV cells, as pandas 2.2 reads them.
//
// A decimal is: optional ASCII white space, an optional sign, digits with an optional point and at
// least one digit, an optional exponent (e or E, optional sign, digits), optional white space; or,
// without any white space, one of inf, infinity (any case) with an optional sign. The value of such
// a text depends on the mode:
//
//   kExact    the double nearest to it.
//   kPandas2  what the default parser of pandas 2 gives, which is not always the nearest double:
//             the first 17 digits (leading zeros count) are accumulated as number = number*10 +
//             digit in double precision; digits before the point beyond the 17th raise the exponent
//             by one each, those after the point beyond the 17th are ignored; then one
//             multiplication or division by the double 10^|e|, or below -308 a division by
//             10^(-e-308) and one by 1e308, and below -616 plus zero. Only 17 digits of the
//             exponent itself are read: a longer one is not a number.
//
// In both modes a value beyond the largest double is not a number (pandas then keeps the column as
// text); in kPandas2 so is any exponent above 308, even that of "0e400". A value too small is zero.
//
// Measured against pandas 2.2.3: oracles/csv_pandas.py writes the fixture these rules are tested
// with. Pure functions, thread-safe.

#include <cstdint>
#include <optional>
#include <string_view>

namespace clairscore {

/// How a decimal text becomes a double.
enum class DecimalMode {
  kExact,    // correctly rounded
  kPandas2,  // as pandas 2's default parser rounds
};

/// The double of a cell, or nothing when it is not a decimal of the grammar above or is too large.
std::optional<double> parse_decimal(std::string_view cell, DecimalMode mode);

/// What reading a cell as a 64-bit integer came to.
enum class IntegerStatus {
  kValue,
  kNotInteger,  // another character, or no digit
  kOverflow,    // the digits at its start pass 64 bits, whatever follows them
};

struct IntegerCell {
  IntegerStatus status = IntegerStatus::kNotInteger;
  std::int64_t value = 0;
};

/// Reads white space, a sign, digits, white space.
IntegerCell parse_integer_cell(std::string_view cell);

/// What pandas' second attempt, at an unsigned integer, makes of a cell. A cell that starts with a
/// minus sign is kNegative without a look at the rest.
struct UnsignedCell {
  enum class Status { kValue, kNotInteger, kOverflow, kNegative };
  Status status = Status::kNotInteger;
  std::uint64_t value = 0;
};
UnsignedCell parse_unsigned_cell(std::string_view cell);

/// True for "true", false for "false", in any case; nothing for another text.
std::optional<bool> parse_boolean_cell(std::string_view cell);

/// The empty cell, or one of pandas' spellings of a missing value, exactly.
bool is_missing_cell(std::string_view cell);

}  // namespace clairscore
