#pragma once

// The picture of global importance: for each of the most important features, every row's
// contribution as a dot, stacked where many agree, coloured by the feature's value. A PNG by cairo,
// with the DejaVu Sans font. Same bytes for the same input on one machine (the font rasteriser may
// differ on another). Functions are thread-safe.

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"

namespace clairscore {

/// The words of the picture.
struct BeeswarmLabels {
  std::string axis;
  std::string colour;
  std::string low;
  std::string high;
  std::string missing;
  std::string others_before;  // "Les " 143 " autres variables"
  std::string others_after;
  char decimal_mark = ',';

  static BeeswarmLabels french();
  static BeeswarmLabels english();
};

/// A line of the picture. NaN and infinite contributions are not drawn.
struct BeeswarmFeature {
  std::string name;                   // UTF-8; bytes that are not are shown as U+FFFD
  std::vector<double> contributions;  // one a row
  std::vector<double> values;         // as many, NaN is missing; or none: one neutral colour
};

struct BeeswarmInput {
  std::vector<BeeswarmFeature> features;  // from the top
  BeeswarmLabels labels = BeeswarmLabels::french();
};

/// Picks the `most` features with the greatest mean |contribution| (ties: the first named), in that
/// order, and sums the rest into one more line without a colour (one left over is drawn as it is).
/// Sizes: contributions and values
/// are row-major, rows × names.size(); values may be empty. O(rows × features).
BeeswarmInput beeswarm_input(std::span<const std::string> names,
                             std::span<const double> contributions, std::span<const double> values,
                             std::size_t most = 20,
                             BeeswarmLabels labels = BeeswarmLabels::french());

/// The picture's size in pixels for so many lines.
struct PictureSize {
  int width = 0;
  int height = 0;
};
PictureSize beeswarm_size(std::size_t lines);

/// Errors: kInput for no feature, more than 100, a feature with no row, or lists of different
/// lengths; kInternal when cairo fails.
Result<Bytes> render_beeswarm(const BeeswarmInput& input);

}  // namespace clairscore
