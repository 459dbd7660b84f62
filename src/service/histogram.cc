#include "service/histogram.h"

#include <simdjson.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/json_writer.h"

namespace clairscore {

namespace {

constexpr std::size_t kMaxJsonBytes = std::size_t{1} << 20U;

/// The middle value, or the mean of the two middle ones. Reorders its input.
double median_of(std::vector<double>& values) {
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  const double below = *std::max_element(values.begin(), middle);
  return (below + *middle) / 2;
}

}  // namespace

Histogram make_histogram(std::string feature, std::span<const double> values, std::size_t bins) {
  Histogram histogram;
  histogram.feature = std::move(feature);
  histogram.counts.assign(bins, 0);
  std::vector<double> finite;
  finite.reserve(values.size());
  std::copy_if(values.begin(), values.end(), std::back_inserter(finite),
               [](double value) { return std::isfinite(value); });
  double low = 0;
  double high = 1;
  if (!finite.empty()) {
    const auto [smallest, largest] = std::minmax_element(finite.begin(), finite.end());
    low = *smallest;
    high = *largest;
    if (low == high) {
      low -= 0.5;
      high += 0.5;
    }
  }
  // numpy.linspace: start + i * step, the last edge set to the end.
  const auto bin_count = static_cast<double>(bins);
  const double step = (high - low) / bin_count;
  std::vector<double>& edges = histogram.bin_edges;
  edges.resize(bins + 1);
  for (std::size_t i = 0; i < bins; ++i) edges[i] = static_cast<double>(i) * step + low;
  edges[bins] = high;
  for (const double value : finite) {
    // A first guess by division, mended by the edges themselves, as numpy does.
    const double guess = (value - low) / (high - low) * bin_count;
    std::size_t bin = std::min(static_cast<std::size_t>(guess), bins - 1);
    if (bin > 0 && value < edges[bin]) {
      --bin;
    } else if (bin + 1 < bins && value >= edges[bin + 1]) {
      ++bin;
    }
    ++histogram.counts[bin];
  }
  histogram.median = median_of(finite);
  return histogram;
}

std::string to_json(const Histogram& histogram) {
  JsonWriter json;
  json.begin_object().member("feature", histogram.feature);
  json.key("counts").begin_array();
  for (const std::int64_t count : histogram.counts) json.integer(count);
  json.end_array().key("bin_edges").numbers(histogram.bin_edges);
  json.member("median", histogram.median).end_object();
  return json.take();
}

Result<std::string> check_histogram_json(std::string_view json, const std::string& file) {
  const auto refuse = [&](std::string what) {
    return fail(ErrorCode::kInput, std::move(what), file,
                R"({"feature": text, "counts": [n], "bin_edges": [n + 1], "median": number})");
  };
  if (json.size() > kMaxJsonBytes) return refuse("a histogram of more than 1 MiB");
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(json.data(), json.size()).get(root) != simdjson::SUCCESS) {
    return refuse("a histogram that is not JSON");
  }
  std::string_view feature;
  simdjson::dom::array counts;
  simdjson::dom::array edges;
  if (root["feature"].get(feature) != simdjson::SUCCESS ||
      root["counts"].get(counts) != simdjson::SUCCESS ||
      root["bin_edges"].get(edges) != simdjson::SUCCESS) {
    return refuse("a histogram without feature, counts or bin_edges");
  }
  if (counts.size() == 0 || edges.size() != counts.size() + 1) {
    return refuse("a histogram of " + std::to_string(counts.size()) + " counts and " +
                  std::to_string(edges.size()) + " edges");
  }
  for (const simdjson::dom::element count : counts) {
    double number = 0;
    if (count.get(number) != simdjson::SUCCESS || !(number >= 0)) {
      return refuse("a histogram with a count that is not a number of rows");
    }
  }
  double previous = -std::numeric_limits<double>::infinity();
  for (const simdjson::dom::element edge : edges) {
    double number = 0;
    if (edge.get(number) != simdjson::SUCCESS || !(number > previous)) {
      return refuse("a histogram whose edges do not ascend");
    }
    previous = number;
  }
  return std::string(feature);
}

}  // namespace clairscore
