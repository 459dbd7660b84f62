#pragma once

// What the beeswarm picture computes before anything is drawn. Pure and thread-safe.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace clairscore::render {

struct Colour {
  std::uint8_t red = 0;
  std::uint8_t green = 0;
  std::uint8_t blue = 0;
  bool operator==(const Colour&) const = default;
};

inline constexpr Colour kMissingColour{150, 150, 150};
inline constexpr Colour kNeutralColour{108, 117, 140};

/// The colour of a value between low (0, blue) and high (1, red), through violet.
Colour value_colour(double position);

/// Each value's colour: its position between the 5th and the 95th percentile of those present
/// (between the least and the greatest where these are equal; the middle where all are), grey where
/// it is NaN. Infinite values are the extremes.
std::vector<Colour> value_colours(std::span<const double> values);

/// Vertical places of dots, around 0, so that dots close to each other in x stack on both sides of
/// the middle line: dots in the same bin of `bin` take 0, +1, −1, +2, … steps in their order. A
/// step is `step`, or less where the fullest bin would otherwise pass `half_height`. O(n).
std::vector<float> stack_dots(std::span<const float> xs, float bin, float step, float half_height);

/// Round numbers (1, 2 or 5 times a power of ten apart) that cover [low, high] in about `wanted`
/// ticks, within it. low < high.
std::vector<double> round_ticks(double low, double high, int wanted);

/// A tick as text, with as many decimals as the distance between ticks needs and a real minus.
std::string tick_text(double value, double distance, char decimal_mark);

/// The text with bytes that are not UTF-8, and control characters, replaced by U+FFFD.
std::string displayable(const std::string& text);

/// The first characters of a text, at most `count`. For valid UTF-8.
std::string first_characters(const std::string& text, std::size_t count);

}  // namespace clairscore::render
