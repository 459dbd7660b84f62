#pragma once

// Numbers as text. Locale-independent, no allocation beyond the result, thread-safe.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace clairscore {

/// Appends the shortest decimal text that reads back to the same double. Integral values keep
/// ".0" ("3275.0"), large and small ones use an exponent, as Python's repr does; NaN and the
/// infinities are "nan", "inf", "-inf" (not JSON: callers write null).
void append_double(std::string& out, double value);

/// append_double on an empty string.
std::string double_to_text(double value);

/// The correctly rounded double of a whole decimal text ("-1.5", "1e3", "inf", "nan"), or nothing
/// when any character is left over. No surrounding spaces.
std::optional<double> parse_double(std::string_view text);

/// The whole text as a decimal integer, or nothing when it is not one or does not fit.
std::optional<std::int64_t> parse_integer(std::string_view text);

}  // namespace clairscore
