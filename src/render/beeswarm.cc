#include "render/beeswarm.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

#include "render/canvas.h"
#include "render/swarm.h"

namespace clairscore {
namespace {

using namespace render;

// In points; a point is two pixels, for sharp letters on every screen.
constexpr double kScale = 2;
constexpr double kWidth = 960;
constexpr double kMargin = 14;
constexpr double kLine = 27;     // height of a feature's line
constexpr double kSwarm = 0.42;  // half of the swarm's height, of the line's
constexpr double kAxis = 58;     // height of the axis with its ticks and title
constexpr double kLegend = 84;   // width of the colour bar with its words
constexpr double kBar = 9;       // width of the bar itself
constexpr double kLongestName = 330;
constexpr double kGap = 12;  // between names and swarms
constexpr double kNameSize = 12;
constexpr double kTickSize = 11;

constexpr Colour kInk{38, 43, 56};
constexpr Colour kFaint{205, 209, 217};
constexpr Colour kZero{130, 136, 150};

constexpr std::size_t kMostLines = 100;
constexpr std::size_t kMostCharacters = 120;  // of a name: more do not fit

struct Range {
  double low = 0;
  double high = 0;
};

/// From the least to the greatest contribution, with 0 and a little room at both ends.
Range contribution_range(const BeeswarmInput& input) {
  Range range;
  for (const BeeswarmFeature& feature : input.features) {
    for (const double value : feature.contributions) {
      if (!std::isfinite(value)) continue;
      range.low = std::min(range.low, value);
      range.high = std::max(range.high, value);
    }
  }
  if (range.low == range.high) return {-1, 1};
  // Ticks and pixels need a span that is a normal double.
  constexpr double largest = 1e300;
  range = {std::max(range.low, -largest), std::min(range.high, largest)};
  const double room = std::max(0.025 * (range.high - range.low), 1e-300);
  return {range.low - room, range.high + room};
}

/// Fewer rows, larger dots.
double dot_radius(std::size_t rows) {
  if (rows <= 300) return 2.6;
  return rows <= 3000 ? 2.0 : 1.5;
}

/// The name, shortened where it is wider than its place.
std::string fitted(Canvas& canvas, const std::string& name, double width) {
  std::string text = first_characters(name, kMostCharacters);
  if (text == name && canvas.text_width(name, kNameSize) <= width) return name;
  for (std::size_t characters = kMostCharacters; characters > 0; --characters) {
    text = first_characters(name, characters) + "…";
    if (canvas.text_width(text, kNameSize) <= width) break;
  }
  return text;
}

bool has_missing(const BeeswarmInput& input) {
  return std::ranges::any_of(input.features, [](const BeeswarmFeature& feature) {
    return std::ranges::any_of(feature.values, [](double value) { return std::isnan(value); });
  });
}

/// Where the parts of the picture are, in points.
struct Plot {
  double left, right, top, bottom;  // of the swarms
  Range range;
  double x(double contribution) const {
    return left + (contribution - range.low) / (range.high - range.low) * (right - left);
  }
};

void draw_axis(Canvas& canvas, const Plot& plot, const BeeswarmLabels& labels) {
  canvas.line(plot.left, plot.bottom, plot.right, plot.bottom, 1, kFaint);
  const std::vector<double> ticks = round_ticks(plot.range.low, plot.range.high, 9);
  const double distance = ticks.size() > 1 ? ticks[1] - ticks[0] : 1;
  for (const double tick : ticks) {
    const double x = plot.x(tick);
    canvas.line(x, plot.bottom, x, plot.bottom + 4, 1, kZero);
    canvas.text(x, plot.bottom + 14, tick_text(tick, distance, labels.decimal_mark), kTickSize,
                Align::kCentre, kInk);
  }
  canvas.text((plot.left + plot.right) / 2, plot.bottom + 38, displayable(labels.axis), kNameSize,
              Align::kCentre, kInk);
}

void draw_legend(Canvas& canvas, const Plot& plot, const BeeswarmLabels& labels, bool missing) {
  const double x = plot.right + 22;
  const double words = x + kBar + 6;
  // At most 240 points high, in the middle.
  const double height = std::min(240.0, plot.bottom - plot.top - 8);
  const double top = (plot.top + plot.bottom - height) / 2;
  constexpr int steps = 64;
  for (int i = 0; i < steps; ++i) {
    // A little higher than its share, so that no seam shows.
    canvas.rectangle(x, top + height * i / steps, kBar, height / steps + 0.5,
                     value_colour(1 - (i + 0.5) / steps));
  }
  canvas.rectangle(x, top + height, kBar, 0.6, {255, 255, 255});
  canvas.text(words, top + 5, displayable(labels.high), kTickSize, Align::kLeft, kInk);
  canvas.text(words, top + height - 5, displayable(labels.low), kTickSize, Align::kLeft, kInk);
  const std::string colour = displayable(labels.colour);
  if (canvas.text_width(colour, kTickSize) + 48 <= height) {
    canvas.text_upwards(words + 10, top + height / 2, colour, kTickSize, kInk);
  }
  if (missing) {
    const double y = top + height + 14;
    const Dot dot{static_cast<float>(x + kBar / 2), static_cast<float>(y), kMissingColour};
    canvas.dots(std::span(&dot, 1), 3, 1);
    canvas.text(words, y, displayable(labels.missing), kTickSize, Align::kLeft, kInk);
  }
}

void draw_swarm(Canvas& canvas, const Plot& plot, double y, const BeeswarmFeature& feature) {
  const std::vector<Colour> colours = value_colours(feature.values);
  std::vector<float> xs;
  std::vector<Dot> dots;
  xs.reserve(feature.contributions.size());
  dots.reserve(feature.contributions.size());
  for (std::size_t i = 0; i < feature.contributions.size(); ++i) {
    if (!std::isfinite(feature.contributions[i])) continue;
    xs.push_back(static_cast<float>(plot.x(feature.contributions[i])));
    dots.push_back({xs.back(), 0, colours.empty() ? kNeutralColour : colours[i]});
  }
  const double radius = dot_radius(xs.size());
  const std::vector<float> offsets =
      stack_dots(xs, static_cast<float>(radius), static_cast<float>(2 * radius),
                 static_cast<float>(kSwarm * kLine));
  for (std::size_t i = 0; i < dots.size(); ++i) dots[i].y = static_cast<float>(y) + offsets[i];
  canvas.dots(dots, radius, 0.8);
}

Result<void> check(const BeeswarmInput& input) {
  const std::string where = "beeswarm";
  if (input.features.empty()) return fail(ErrorCode::kInput, "no feature to draw", where);
  if (input.features.size() > kMostLines) {
    return fail(ErrorCode::kInput, "too many features to draw", where, "at most 100");
  }
  const std::size_t rows = input.features[0].contributions.size();
  if (rows == 0) return fail(ErrorCode::kInput, "no row to draw", where);
  for (const BeeswarmFeature& feature : input.features) {
    if (feature.contributions.size() != rows ||
        (!feature.values.empty() && feature.values.size() != rows)) {
      return fail(ErrorCode::kInput, "features differ in their number of rows", where);
    }
  }
  return {};
}

}  // namespace

BeeswarmLabels BeeswarmLabels::french() {
  return {"Contribution au risque (log-cotes)\u00a0: à droite, le risque augmente",
          "Valeur de la variable",
          "Faible",
          "Élevée",
          "Manquante",
          "Les ",
          " autres variables",
          ','};
}

BeeswarmLabels BeeswarmLabels::english() {
  return {"Contribution to the risk (log-odds): to the right, the risk rises",
          "Value of the feature",
          "Low",
          "High",
          "Missing",
          "The other ",
          " features",
          '.'};
}

BeeswarmInput beeswarm_input(std::span<const std::string> names,
                             std::span<const double> contributions, std::span<const double> values,
                             std::size_t most, BeeswarmLabels labels) {
  const std::size_t n = names.size();
  const std::size_t rows = n == 0 ? 0 : contributions.size() / n;
  std::vector<double> importance(n);
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t f = 0; f < n; ++f) {
      const double value = std::fabs(contributions[row * n + f]);
      if (std::isfinite(value)) importance[f] += value;
    }
  }
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::greater<>{}, [&](std::size_t f) { return importance[f]; });
  // A line for "the others" takes as much room as the only other one.
  const std::size_t shown = most + 1 >= n ? n : most;

  BeeswarmInput input{{}, std::move(labels)};
  for (std::size_t i = 0; i < shown; ++i) {
    const std::size_t f = order[i];
    BeeswarmFeature& feature = input.features.emplace_back();
    feature.name = names[f];
    feature.contributions.reserve(rows);
    for (std::size_t row = 0; row < rows; ++row) {
      feature.contributions.push_back(contributions[row * n + f]);
    }
    if (values.empty()) continue;
    feature.values.reserve(rows);
    for (std::size_t row = 0; row < rows; ++row) feature.values.push_back(values[row * n + f]);
  }
  if (shown < n) {
    BeeswarmFeature& others = input.features.emplace_back();
    others.name =
        input.labels.others_before + std::to_string(n - shown) + input.labels.others_after;
    others.contributions.reserve(rows);
    for (std::size_t row = 0; row < rows; ++row) {
      double sum = 0;
      for (std::size_t i = shown; i < n; ++i) sum += contributions[row * n + order[i]];
      others.contributions.push_back(sum);
    }
  }
  return input;
}

PictureSize beeswarm_size(std::size_t lines) {
  const double height = kMargin + kLine * static_cast<double>(lines) + kAxis;
  return {static_cast<int>(kWidth * kScale), static_cast<int>(height * kScale)};
}

Result<Bytes> render_beeswarm(const BeeswarmInput& input) {
  RETURN_IF_ERROR(check(input));
  const PictureSize size = beeswarm_size(input.features.size());
  ASSIGN_OR_RETURN(Canvas canvas, Canvas::create(size.width, size.height, kScale));

  std::vector<std::string> names;
  double widest = 0;
  for (const BeeswarmFeature& feature : input.features) {
    names.push_back(fitted(canvas, displayable(feature.name), kLongestName));
    widest = std::max(widest, canvas.text_width(names.back(), kNameSize));
  }
  const Plot plot{kMargin + widest + kGap, kWidth - kMargin - kLegend, kMargin,
                  kMargin + kLine * static_cast<double>(names.size()), contribution_range(input)};

  for (std::size_t i = 0; i < names.size(); ++i) {
    const double y = plot.top + kLine * (static_cast<double>(i) + 0.5);
    canvas.dotted_line(plot.left, y, plot.right, y, 0.8, kFaint);
    canvas.text(plot.left - kGap, y, names[i], kNameSize, Align::kRight, kInk);
  }
  canvas.line(plot.x(0), plot.top, plot.x(0), plot.bottom, 1, kZero);
  draw_axis(canvas, plot, input.labels);
  draw_legend(canvas, plot, input.labels, has_missing(input));
  for (std::size_t i = 0; i < names.size(); ++i) {
    draw_swarm(canvas, plot, plot.top + kLine * (static_cast<double>(i) + 0.5), input.features[i]);
  }
  return canvas.png();
}

}  // namespace clairscore
