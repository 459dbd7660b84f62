#include "synth/csv_text.h"

#include <array>
#include <cstring>

namespace clairscore::synth {
namespace {

constexpr std::array<std::uint64_t, 16> kPowersOfTen = [] {
  std::array<std::uint64_t, 16> powers{1};
  for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}();

constexpr std::array<char, 200> kDigitPairs = [] {
  std::array<char, 200> pairs{};
  for (std::size_t i = 0; i < 100; ++i) {
    pairs[2 * i] = static_cast<char>('0' + i / 10);
    pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return pairs;
}();

/// Exactly `digits` digits of value, with leading zeros.
void write_padded(char* out, std::uint64_t value, int digits) {
  int at = digits;
  for (; at >= 2; at -= 2) {
    std::memcpy(out + at - 2, &kDigitPairs[2 * (value % 100)], 2);
    value /= 100;
  }
  if (at == 1) *out = static_cast<char>('0' + value % 10);
}

char* write_unsigned(char* out, std::uint64_t value) {
  std::array<char, 20> digits;
  char* first = digits.data() + digits.size();
  do {
    *--first = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value != 0);
  const auto size = static_cast<std::size_t>(digits.data() + digits.size() - first);
  std::memcpy(out, first, size);
  return out + size;
}

std::uint64_t magnitude(std::int64_t value) {
  return value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
}

}  // namespace

char* write_integer(char* out, std::int64_t value) {
  if (value < 0) *out++ = '-';
  return write_unsigned(out, magnitude(value));
}

char* write_decimal(char* out, std::int64_t units, int decimals) {
  if (units < 0) *out++ = '-';
  const std::uint64_t unit = kPowersOfTen[static_cast<std::size_t>(decimals)];
  out = write_unsigned(out, magnitude(units) / unit);
  *out++ = '.';
  const std::uint64_t fraction = magnitude(units) % unit;
  if (fraction == 0) {
    *out++ = '0';
    return out;
  }
  write_padded(out, fraction, decimals);
  out += decimals;
  while (out[-1] == '0') --out;
  return out;
}

std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace clairscore::synth
