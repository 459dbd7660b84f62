#include "api/path_integer.h"

#include <algorithm>
#include <array>

#include "base/numbers.h"

namespace clairscore::api {

namespace {

constexpr std::size_t kMaxCharacters = 4300;

/// Unicode's White_Space property, as UTF-8.
constexpr std::array<std::string_view, 25> kSpaces = {
    "\t",           "\n",           "\v",           "\f",           "\r",           " ",
    "\xC2\x85",     "\xC2\xA0",     "\xE1\x9A\x80", "\xE2\x80\x80", "\xE2\x80\x81", "\xE2\x80\x82",
    "\xE2\x80\x83", "\xE2\x80\x84", "\xE2\x80\x85", "\xE2\x80\x86", "\xE2\x80\x87", "\xE2\x80\x88",
    "\xE2\x80\x89", "\xE2\x80\x8A", "\xE2\x80\xA8", "\xE2\x80\xA9", "\xE2\x80\xAF", "\xE2\x81\x9F",
    "\xE3\x80\x80"};

std::string_view trimmed(std::string_view text) {
  const auto strip = [&](auto matches, auto remove) {
    bool found = true;
    while (found) {
      found = false;
      for (const std::string_view space : kSpaces) {
        if (matches(space)) {
          remove(space.size());
          found = true;
        }
      }
    }
  };
  strip([&](std::string_view space) { return text.starts_with(space); },
        [&](std::size_t size) { text.remove_prefix(size); });
  strip([&](std::string_view space) { return text.ends_with(space); },
        [&](std::size_t size) { text.remove_suffix(size); });
  return text;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

PathInteger parse_path_integer(std::string_view text) {
  text = trimmed(text);
  bool negative = false;
  if (!text.empty() && (text.front() == '+' || text.front() == '-')) {
    negative = text.front() == '-';
    text.remove_prefix(1);
  }
  if (const auto point = text.find('.'); point != std::string_view::npos) {
    const std::string_view fraction = text.substr(point + 1);
    const bool zeros = !fraction.empty() && fraction.find_first_not_of('0') == text.npos;
    if (!zeros) return {};
    text = text.substr(0, point);
  }
  std::string digits;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_digit(text[i])) {
      digits += text[i];
    } else if (text[i] != '_' || i == 0 || i + 1 == text.size() || text[i - 1] == '_') {
      return {};
    }
  }
  if (digits.empty()) return {};
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
  if (digits == "0") negative = false;
  PathInteger integer;
  integer.text = (negative ? "-" : "") + digits;
  if (integer.text.size() > kMaxCharacters) {
    integer.kind = PathInteger::Kind::kTooManyDigits;
    return integer;
  }
  integer.kind = PathInteger::Kind::kInteger;
  integer.value = parse_integer(integer.text);
  return integer;
}

}  // namespace clairscore::api
