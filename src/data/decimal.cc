#include "data/decimal.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace clairscore {

namespace {

constexpr std::array<double, 309> kPowersOfTen = {
    1e0,   1e1,   1e2,   1e3,   1e4,   1e5,   1e6,   1e7,   1e8,   1e9,   1e10,  1e11,  1e12,
    1e13,  1e14,  1e15,  1e16,  1e17,  1e18,  1e19,  1e20,  1e21,  1e22,  1e23,  1e24,  1e25,
    1e26,  1e27,  1e28,  1e29,  1e30,  1e31,  1e32,  1e33,  1e34,  1e35,  1e36,  1e37,  1e38,
    1e39,  1e40,  1e41,  1e42,  1e43,  1e44,  1e45,  1e46,  1e47,  1e48,  1e49,  1e50,  1e51,
    1e52,  1e53,  1e54,  1e55,  1e56,  1e57,  1e58,  1e59,  1e60,  1e61,  1e62,  1e63,  1e64,
    1e65,  1e66,  1e67,  1e68,  1e69,  1e70,  1e71,  1e72,  1e73,  1e74,  1e75,  1e76,  1e77,
    1e78,  1e79,  1e80,  1e81,  1e82,  1e83,  1e84,  1e85,  1e86,  1e87,  1e88,  1e89,  1e90,
    1e91,  1e92,  1e93,  1e94,  1e95,  1e96,  1e97,  1e98,  1e99,  1e100, 1e101, 1e102, 1e103,
    1e104, 1e105, 1e106, 1e107, 1e108, 1e109, 1e110, 1e111, 1e112, 1e113, 1e114, 1e115, 1e116,
    1e117, 1e118, 1e119, 1e120, 1e121, 1e122, 1e123, 1e124, 1e125, 1e126, 1e127, 1e128, 1e129,
    1e130, 1e131, 1e132, 1e133, 1e134, 1e135, 1e136, 1e137, 1e138, 1e139, 1e140, 1e141, 1e142,
    1e143, 1e144, 1e145, 1e146, 1e147, 1e148, 1e149, 1e150, 1e151, 1e152, 1e153, 1e154, 1e155,
    1e156, 1e157, 1e158, 1e159, 1e160, 1e161, 1e162, 1e163, 1e164, 1e165, 1e166, 1e167, 1e168,
    1e169, 1e170, 1e171, 1e172, 1e173, 1e174, 1e175, 1e176, 1e177, 1e178, 1e179, 1e180, 1e181,
    1e182, 1e183, 1e184, 1e185, 1e186, 1e187, 1e188, 1e189, 1e190, 1e191, 1e192, 1e193, 1e194,
    1e195, 1e196, 1e197, 1e198, 1e199, 1e200, 1e201, 1e202, 1e203, 1e204, 1e205, 1e206, 1e207,
    1e208, 1e209, 1e210, 1e211, 1e212, 1e213, 1e214, 1e215, 1e216, 1e217, 1e218, 1e219, 1e220,
    1e221, 1e222, 1e223, 1e224, 1e225, 1e226, 1e227, 1e228, 1e229, 1e230, 1e231, 1e232, 1e233,
    1e234, 1e235, 1e236, 1e237, 1e238, 1e239, 1e240, 1e241, 1e242, 1e243, 1e244, 1e245, 1e246,
    1e247, 1e248, 1e249, 1e250, 1e251, 1e252, 1e253, 1e254, 1e255, 1e256, 1e257, 1e258, 1e259,
    1e260, 1e261, 1e262, 1e263, 1e264, 1e265, 1e266, 1e267, 1e268, 1e269, 1e270, 1e271, 1e272,
    1e273, 1e274, 1e275, 1e276, 1e277, 1e278, 1e279, 1e280, 1e281, 1e282, 1e283, 1e284, 1e285,
    1e286, 1e287, 1e288, 1e289, 1e290, 1e291, 1e292, 1e293, 1e294, 1e295, 1e296, 1e297, 1e298,
    1e299, 1e300, 1e301, 1e302, 1e303, 1e304, 1e305, 1e306, 1e307, 1e308};

/// pandas reads this many digits of a mantissa and of an exponent.
constexpr int kMaxDigits = 17;

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

void skip_spaces(std::string_view& text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool equals_ignoring_case(std::string_view text, std::string_view lower_case) {
  return std::ranges::equal(text, lower_case, [](char a, char b) { return lower(a) == b; });
}

std::optional<double> parse_infinity(std::string_view cell) {
  bool negative = false;
  if (!cell.empty() && (cell.front() == '-' || cell.front() == '+')) {
    negative = cell.front() == '-';
    cell.remove_prefix(1);
  }
  if (!equals_ignoring_case(cell, "inf") && !equals_ignoring_case(cell, "infinity")) {
    return std::nullopt;
  }
  const double infinity = std::numeric_limits<double>::infinity();
  return negative ? -infinity : infinity;
}

/// The exponent's sign and digits, from just after the 'e'. Reads at most `max_digits` digits.
/// Nothing when there is no digit. Saturates far beyond any exponent a double can have.
std::optional<std::int64_t> take_exponent(std::string_view& text, std::size_t max_digits) {
  bool negative = false;
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
    negative = text.front() == '-';
    text.remove_prefix(1);
  }
  constexpr std::int64_t kSaturated = 1'000'000'000'000'000'000;
  std::int64_t value = 0;
  std::size_t digits = 0;
  while (digits < max_digits && !text.empty() && is_digit(text.front())) {
    value = std::min(value * 10 + (text.front() - '0'), kSaturated / 10);
    text.remove_prefix(1);
    ++digits;
  }
  if (digits == 0) return std::nullopt;
  return negative ? -value : value;
}

std::optional<double> scale(double number, std::int64_t exponent) {
  if (exponent > 308) return std::nullopt;
  if (exponent >= 0) {
    number *= kPowersOfTen[static_cast<std::size_t>(exponent)];
  } else if (exponent >= -308) {
    number /= kPowersOfTen[static_cast<std::size_t>(-exponent)];
  } else if (exponent >= -616) {
    number /= kPowersOfTen[static_cast<std::size_t>(-exponent - 308)];
    number /= kPowersOfTen[308];
  } else {
    return 0.0;  // without the sign
  }
  if (number > std::numeric_limits<double>::max() || number < -std::numeric_limits<double>::max()) {
    return std::nullopt;
  }
  return number;
}

std::optional<double> parse_pandas2(std::string_view text) {
  skip_spaces(text);
  bool negative = false;
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
    negative = text.front() == '-';
    text.remove_prefix(1);
  }
  // Up to 15 digits an integer holds exactly what the accumulation in double would; the last two
  // are added in double, with its roundings.
  std::uint64_t leading = 0;
  double number = 0;
  int digits = 0;
  const auto accumulate = [&](char c) {
    const int digit = c - '0';
    if (digits < 15) {
      leading = leading * 10 + static_cast<std::uint64_t>(digit);
    } else {
      if (digits == 15) number = static_cast<double>(leading);
      number = number * 10.0 + digit;
    }
    ++digits;
  };
  std::int64_t exponent = 0;
  const char* p = text.data();
  const char* const end = p + text.size();
  for (; p != end && is_digit(*p); ++p) {
    if (digits < kMaxDigits) {
      accumulate(*p);
    } else {
      ++exponent;
    }
  }
  if (p != end && *p == '.') {
    ++p;
    for (; digits < kMaxDigits && p != end && is_digit(*p); ++p) {
      accumulate(*p);
      --exponent;
    }
    while (p != end && is_digit(*p)) ++p;
  }
  if (digits == 0) return std::nullopt;
  if (digits <= 15) number = static_cast<double>(leading);
  if (negative) number = -number;
  text = std::string_view(p, static_cast<std::size_t>(end - p));
  if (!text.empty() && lower(text.front()) == 'e') {
    text.remove_prefix(1);
    const auto written = take_exponent(text, kMaxDigits);
    if (!written) return std::nullopt;
    exponent += *written;
  }
  skip_spaces(text);
  if (!text.empty()) return std::nullopt;
  return scale(number, exponent);
}

/// For a decimal outside the range of a double: true when it is too large, false when too small.
bool is_large(std::string_view decimal) {
  std::int64_t exponent = 0;  // of the first digit that is not zero: 0.x is 0, x. is 1
  const std::size_t mantissa = std::min(decimal.find_first_of("eE"), decimal.size());
  const std::string_view digits = decimal.substr(0, mantissa);
  const std::size_t point = std::min(digits.find('.'), digits.size());
  const std::size_t first = digits.find_first_of("123456789");
  if (first == std::string_view::npos) return false;
  exponent = static_cast<std::int64_t>(point) - static_cast<std::int64_t>(first);
  if (mantissa < decimal.size()) {
    decimal.remove_prefix(mantissa + 1);
    exponent += take_exponent(decimal, decimal.size()).value_or(0);
  }
  return exponent > 0;
}

std::optional<double> parse_exact(std::string_view text) {
  skip_spaces(text);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  bool negative = false;
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
    negative = text.front() == '-';
    text.remove_prefix(1);
  }
  // from_chars also takes "nan", "inf" and a second minus sign.
  if (text.empty() || (!is_digit(text.front()) && text.front() != '.')) return std::nullopt;
  double value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec == std::errc::invalid_argument || read.ptr != text.data() + text.size()) {
    return std::nullopt;
  }
  if (read.ec == std::errc::result_out_of_range) {
    if (is_large(text)) return std::nullopt;
    value = 0;
  }
  return negative ? -value : value;
}

}  // namespace

std::optional<double> parse_decimal(std::string_view cell, DecimalMode mode) {
  const auto value = mode == DecimalMode::kPandas2 ? parse_pandas2(cell) : parse_exact(cell);
  return value ? value : parse_infinity(cell);
}

IntegerCell parse_integer_cell(std::string_view cell) {
  skip_spaces(cell);
  bool negative = false;
  if (!cell.empty() && (cell.front() == '-' || cell.front() == '+')) {
    negative = cell.front() == '-';
    cell.remove_prefix(1);
  }
  const char* p = cell.data();
  const char* const end = p + cell.size();
  if (p == end || !is_digit(*p)) return {};
  // 18 digits cannot overflow; the rest are added with care.
  std::int64_t value = 0;
  const char* const safe = p + std::min<std::size_t>(cell.size(), 18);
  for (; p != safe && is_digit(*p); ++p) value = value * 10 + (*p - '0');
  if (negative) value = -value;
  for (; p != end && is_digit(*p); ++p) {
    const std::int64_t digit = negative ? '0' - *p : *p - '0';
    if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, digit, &value)) {
      return {IntegerStatus::kOverflow, 0};
    }
  }
  while (p != end && is_space(*p)) ++p;
  if (p != end) return {};
  return {IntegerStatus::kValue, value};
}

UnsignedCell parse_unsigned_cell(std::string_view cell) {
  using Status = UnsignedCell::Status;
  skip_spaces(cell);
  if (!cell.empty() && cell.front() == '-') return {Status::kNegative, 0};
  if (!cell.empty() && cell.front() == '+') cell.remove_prefix(1);
  if (cell.empty() || !is_digit(cell.front())) return {};
  std::uint64_t value = 0;
  while (!cell.empty() && is_digit(cell.front())) {
    const auto digit = static_cast<std::uint64_t>(cell.front() - '0');
    if (__builtin_mul_overflow(value, std::uint64_t{10}, &value) ||
        __builtin_add_overflow(value, digit, &value)) {
      return {Status::kOverflow, 0};
    }
    cell.remove_prefix(1);
  }
  skip_spaces(cell);
  if (!cell.empty()) return {};
  return {Status::kValue, value};
}

std::optional<bool> parse_boolean_cell(std::string_view cell) {
  if (equals_ignoring_case(cell, "true")) return true;
  if (equals_ignoring_case(cell, "false")) return false;
  return std::nullopt;
}

bool is_missing_cell(std::string_view cell) {
  if (cell.empty()) return true;
  if (cell.size() > 8) return false;
  switch (cell.front()) {
    case '#':
      return cell == "#N/A" || cell == "#N/A N/A" || cell == "#NA";
    case '-':
      return cell == "-1.#IND" || cell == "-1.#QNAN" || cell == "-NaN" || cell == "-nan";
    case '1':
      return cell == "1.#IND" || cell == "1.#QNAN";
    case '<':
      return cell == "<NA>";
    case 'N':
      return cell == "NA" || cell == "NaN" || cell == "N/A" || cell == "NULL" || cell == "None";
    case 'n':
      return cell == "nan" || cell == "n/a" || cell == "null";
    default:
      return false;
  }
}

}  // namespace clairscore
