#pragma once

// Histograms of one numeric input: computed from the rows served, or shipped in the data
// repository's plots/ folder.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace clairscore {

/// counts[i] rows in [bin_edges[i], bin_edges[i + 1]); the last bin includes its upper edge.
struct Histogram {
  std::string feature;
  std::vector<std::int64_t> counts;
  std::vector<double> bin_edges;  // counts.size() + 1, ascending
  double median = 0;              // NaN when no row has a value
};

/// Equal-width bins between the smallest and the largest value and the median, bit for bit as
/// numpy.histogram and numpy.median give them. Missing and infinite values are left out. A single
/// distinct value v gives bins over [v - 0.5, v + 0.5]; no value at all gives [0, 1] and zeros.
Histogram make_histogram(std::string feature, std::span<const double> values, std::size_t bins);

/// {"feature", "counts", "bin_edges", "median"}; a NaN median is null.
std::string to_json(const Histogram& histogram);

/// Checks that a shipped histogram is JSON of that form, at most 1 MiB, with one more edge than
/// counts, ascending edges and at least one bin. Returns the name of its feature. Errors kInput
/// with `file` in `where`.
Result<std::string> check_histogram_json(std::string_view json, const std::string& file);

}  // namespace clairscore
