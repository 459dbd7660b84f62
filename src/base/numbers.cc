#include "base/numbers.h"

#include <array>
#include <charconv>
#include <cmath>

namespace clairscore {

void append_double(std::string& out, double value) {
  if (value == 0) {  // a third of all contributions
    out += std::signbit(value) ? "-0.0" : "0.0";
    return;
  }
  if (std::isnan(value)) {
    out += "nan";
    return;
  }
  if (std::isinf(value)) {
    out += value < 0 ? "-inf" : "inf";
    return;
  }
  std::array<char, 32> buffer;
  // Python's repr writes positional notation for exponents -4 to 15 and scientific beyond.
  const double magnitude = std::fabs(value);
  const bool scientific = magnitude < 1e-4 || magnitude >= 1e16;
  const auto written =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                    scientific ? std::chars_format::scientific : std::chars_format::fixed);
  const std::string_view text(buffer.data(), static_cast<std::size_t>(written.ptr - buffer.data()));
  out += text;
  if (!scientific && magnitude >= 1 && text.find('.') == std::string_view::npos) out += ".0";
}

std::string double_to_text(double value) {
  std::string text;
  append_double(text, value);
  return text;
}

std::optional<double> parse_double(std::string_view text) {
  if (!text.empty() && text.front() == '+') {
    text.remove_prefix(1);
    if (!text.empty() && text.front() == '-') return std::nullopt;
  }
  double value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ptr != text.data() + text.size() || text.empty()) return std::nullopt;
  if (read.ec == std::errc::result_out_of_range) {
    // from_chars leaves the value untouched; strtod's answer (infinity or zero) is what is meant.
    return std::strtod(std::string(text).c_str(), nullptr);
  }
  if (read.ec != std::errc()) return std::nullopt;
  return value;
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size() || text.empty()) {
    return std::nullopt;
  }
  return value;
}

}  // namespace clairscore
