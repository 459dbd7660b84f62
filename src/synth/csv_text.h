#pragma once

// Cells as CSV text, with integer arithmetic only. Thread-safe.

#include <cstdint>
#include <string>
#include <string_view>

namespace clairscore::synth {

/// The most characters write_integer or write_decimal make.
inline constexpr std::size_t kMaxNumberText = 24;

/// Writes a whole number at `out` and returns the end.
char* write_integer(char* out, std::int64_t value);

/// Writes units · 10^-decimals (0 to 15 decimals) as pandas writes a float: no trailing zeros but
/// at least one digit after the point ("12.5", "12.0"); never an exponent. Returns the end.
char* write_decimal(char* out, std::int64_t units, int decimals);

/// A field as RFC 4180 asks: in quotes where it holds a comma, a quote or a line end.
std::string csv_field(std::string_view text);

}  // namespace clairscore::synth
