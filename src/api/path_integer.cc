#include "api/path_integer.h"

#include <array>

#include "base/numbers.h"

namespace clairscore::api {

namespace {

// Python refuses to convert longer texts (sys.get_int_max_str_digits).
constexpr std::size_t kMostDigits = 4300;

// The characters that Unicode calls white space, in UTF-8.
constexpr std::array<std::string_view, 25> kSpaces = {
    "\t",           "\n",           "\v",           "\f",           "\r",           " ",
    "\xC2\x85",     "\xC2\xA0",     "\xE1\x9A\x80", "\xE2\x80\x80", "\xE2\x80\x81", "\xE2\x80\x82",
    "\xE2\x80\x83", "\xE2\x80\x84", "\xE2\x80\x85", "\xE2\x80\x86", "\xE2\x80\x87", "\xE2\x80\x88",
    "\xE2\x80\x89", "\xE2\x80\x8A", "\xE2\x80\xA8", "\xE2\x80\xA9", "\xE2\x80\xAF", "\xE2\x81\x9F",
    "\xE3\x80\x80"};

std::string_view trim(std::string_view text) {
  for (bool again = true; again;) {
    again = false;
    for (const std::string_view space : kSpaces) {
      if (text.starts_with(space)) {
        text.remove_prefix(space.size());
        again = true;
      }
      if (text.ends_with(space)) {
        text.remove_suffix(space.size());
        again = true;
      }
    }
  }
  return text;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// "-" and digits that begin with no zero: read before anything else is tried, so that its length
/// is what is complained of.
bool begins_with_too_many_digits(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  if (text.empty() || text.front() == '0') return false;
  std::size_t digits = 0;
  while (digits < text.size() && is_digit(text[digits])) ++digits;
  return digits > kMostDigits;
}

/// Takes ".000" off; false when what follows a point is anything else.
bool take_zero_decimals(std::string_view& text) {
  const std::size_t point = text.find('.');
  if (point == std::string_view::npos) return true;
  const std::string_view decimals = text.substr(point + 1);
  if (decimals.empty() || decimals.find_first_not_of('0') != std::string_view::npos) return false;
  text = text.substr(0, point);
  return true;
}

/// Takes zeros, and underscores among them, off the front of what begins with a zero; one zero
/// stays when there is nothing else.
void take_leading_zeros(std::string_view& text) {
  if (!text.starts_with('0')) return;
  const std::size_t first = text.find_first_not_of("0_");
  text = first == std::string_view::npos ? text.substr(text.size() - 1) : text.substr(first);
}

}  // namespace

tl::expected<PathInteger, PathIntegerFault> parse_path_integer(std::string_view text) {
  const auto malformed = tl::unexpected(PathIntegerFault::kMalformed);
  text = trim(text);
  if (begins_with_too_many_digits(text)) return tl::unexpected(PathIntegerFault::kTooLong);

  bool negative = false;
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return malformed;
  } else if (text.starts_with('-')) {
    negative = true;
    text.remove_prefix(1);
  }
  if (!take_zero_decimals(text)) return malformed;
  take_leading_zeros(text);
  // A peculiarity of pydantic: after leading zeros there may be a minus ("0-5" is -5).
  if (!negative && text.starts_with('-')) {
    negative = true;
    text.remove_prefix(1);
    take_leading_zeros(text);
  }

  std::string digits;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '_') {
      if (i == 0 || i + 1 == text.size() || text[i + 1] == '_') return malformed;
    } else if (is_digit(text[i])) {
      digits += text[i];
    } else {
      return malformed;
    }
  }
  if (digits.empty() || digits.size() > kMostDigits) return malformed;
  PathInteger integer;
  if (negative && digits != "0") integer.text.push_back('-');
  integer.text += digits;
  integer.value = parse_integer(integer.text);
  return integer;
}

}  // namespace clairscore::api
