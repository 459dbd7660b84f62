#include "render/swarm.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace clairscore::render {
namespace {

/// The value at a share of the way through; reorders the values. Not empty.
double percentile(std::vector<double>& values, double share) {
  const auto at =
      static_cast<std::ptrdiff_t>(std::llround(share * static_cast<double>(values.size() - 1)));
  std::nth_element(values.begin(), values.begin() + at, values.end());
  return values[static_cast<std::size_t>(at)];
}

/// Bytes of the UTF-8 character that starts here, or 0 where none does (RFC 3629).
std::size_t character_size(const std::string& text, std::size_t at) {
  const auto byte = [&](std::size_t i) {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U;
  };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  std::size_t size = 0;
  unsigned least = 0x80;  // bounds of the second byte
  unsigned most = 0xBF;
  if (first >= 0xC2 && first <= 0xDF) {
    size = 2;
  } else if (first >= 0xE0 && first <= 0xEF) {
    size = 3;
    if (first == 0xE0) least = 0xA0;
    if (first == 0xED) most = 0x9F;
  } else if (first >= 0xF0 && first <= 0xF4) {
    size = 4;
    if (first == 0xF0) least = 0x90;
    if (first == 0xF4) most = 0x8F;
  } else {
    return 0;
  }
  if (byte(1) < least || byte(1) > most) return 0;
  for (std::size_t i = 2; i < size; ++i) {
    if (byte(i) < 0x80 || byte(i) > 0xBF) return 0;
  }
  return size;
}

}  // namespace

Colour value_colour(double position) {
  // Even in lightness, so that neither end shouts, and told apart by blue against red alone.
  constexpr std::array<std::array<double, 3>, 3> stops{
      {{23, 119, 214}, {140, 62, 178}, {222, 30, 90}}};
  const double at = std::clamp(position, 0.0, 1.0) * 2;
  const std::size_t from = at < 1 ? 0 : 1;
  const double t = at - static_cast<double>(from);
  const auto channel = [&](std::size_t c) {
    return static_cast<std::uint8_t>(
        std::lround(stops[from][c] + (stops[from + 1][c] - stops[from][c]) * t));
  };
  return {channel(0), channel(1), channel(2)};
}

std::vector<Colour> value_colours(std::span<const double> values) {
  std::vector<double> present;
  present.reserve(values.size());
  for (const double value : values) {
    if (std::isfinite(value)) present.push_back(value);
  }
  double low = 0;
  double high = 0;
  if (!present.empty()) {
    low = percentile(present, 0.05);
    high = percentile(present, 0.95);
    if (low == high) {
      const auto [least, greatest] = std::ranges::minmax(present);
      low = least;
      high = greatest;
    }
  }
  std::vector<Colour> colours;
  colours.reserve(values.size());
  for (const double value : values) {
    if (std::isnan(value)) {
      colours.push_back(kMissingColour);
    } else if (std::isinf(value)) {
      colours.push_back(value_colour(value > 0 ? 1 : 0));
    } else {
      // Halved before they are subtracted: the difference of two doubles may overflow.
      const double range = high / 2 - low / 2;
      colours.push_back(value_colour(range > 0 ? (value / 2 - low / 2) / range : 0.5));
    }
  }
  return colours;
}

std::vector<float> stack_dots(std::span<const float> xs, float bin, float step, float half_height) {
  if (xs.empty()) return {};
  const float least = std::ranges::min(xs);
  const float greatest = std::ranges::max(xs);
  std::vector<std::uint32_t> filled(static_cast<std::size_t>((greatest - least) / bin) + 1);
  std::vector<float> ys;
  ys.reserve(xs.size());
  std::uint32_t fullest = 0;
  for (const float x : xs) {
    const std::uint32_t layer = filled[static_cast<std::size_t>((x - least) / bin)]++;
    fullest = std::max(fullest, layer);
    const std::uint32_t steps = (layer + 1) / 2;
    const auto height = static_cast<float>(steps);
    ys.push_back(layer % 2 == 0 ? -height : height);
  }
  const std::uint32_t most_steps = (fullest + 1) / 2;
  const auto highest = static_cast<float>(most_steps);
  const float used = highest * step > half_height ? half_height / highest : step;
  for (float& y : ys) y *= used;
  return ys;
}

std::vector<double> round_ticks(double low, double high, int wanted) {
  const double rough = (high - low) / wanted;
  double distance = std::pow(10.0, std::floor(std::log10(rough)));
  for (const double factor : {2.0, 2.5, 2.0}) {  // 1, 2, 5, 10 times the power of ten
    if (distance * 1.001 >= rough) break;
    distance *= factor;
  }
  std::vector<double> ticks;
  const double first = std::ceil(low / distance);
  const double last = std::floor(high / distance);
  for (int i = 0; first + i <= last; ++i) ticks.push_back((first + i) * distance);
  return ticks;
}

std::string tick_text(double value, double distance, char decimal_mark) {
  const int decimals = std::clamp(static_cast<int>(-std::floor(std::log10(distance) + 1e-9)), 0, 9);
  if (std::fabs(value) < distance / 2) value = 0;
  std::string text = fmt::format("{:.{}f}", std::fabs(value), decimals);
  std::ranges::replace(text, '.', decimal_mark);
  return value < 0 ? "\u2212" + text : text;
}

std::string displayable(const std::string& text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = character_size(text, at);
    const auto byte = static_cast<unsigned char>(text[at]);
    if (size == 0 || byte < 0x20 || byte == 0x7F) {
      out += "\uFFFD";
      ++at;
    } else {
      out.append(text, at, size);
      at += size;
    }
  }
  return out;
}

std::string first_characters(const std::string& text, std::size_t count) {
  std::size_t end = 0;
  for (; count > 0 && end < text.size(); --count) {
    end += std::max<std::size_t>(character_size(text, end), 1);
  }
  return text.substr(0, end);
}

}  // namespace clairscore::render
