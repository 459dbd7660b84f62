#include "service/portfolio.h"

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cmath>
#include <numeric>

#include "base/parallel.h"

namespace clairscore {

namespace {

constexpr std::size_t kPercentiles = 101;
constexpr std::size_t kBlockRows = 256;
/// Contributions of a large forest take a tenth of a second a row: blocks grow only while they are
/// quick, so that a stop is seen within moments.
constexpr std::size_t kFirstBlockRows = 4;
constexpr auto kQuickBlock = std::chrono::milliseconds(20);
/// Bins reach from this share of the values to one minus it, and to the ends where these are near.
constexpr std::size_t kTailPercent = 1;
constexpr double kNearEnd = 0.25;

bool any_accepted(std::span<const Score> scores) {
  return std::ranges::any_of(scores, [](const Score& score) { return !score.refused; });
}

InputReference reference_of(const Column& column, std::span<const Score> scores, bool accepted) {
  const auto counted = [&](std::size_t row) {
    return !column.is_missing(row) && !(accepted && scores[row].refused);
  };
  if (column.type() != ColumnType::kText) {
    std::vector<double> values;
    for (std::size_t row = 0; row < column.size(); ++row) {
      if (counted(row)) values.push_back(column.number(row));
    }
    if (values.empty()) return {};
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    if (values.size() % 2 == 1) return {*middle, {}};
    return {(*std::max_element(values.begin(), middle) + *middle) / 2, {}};
  }
  std::vector<std::size_t> counts(column.dictionary().size());
  for (std::size_t row = 0; row < column.size(); ++row) {
    if (counted(row)) ++counts[column.codes()[row]];
  }
  const auto most = std::ranges::max_element(counts);
  if (most == counts.end() || *most == 0) return {};
  return {{}, column.dictionary()[static_cast<std::size_t>(most - counts.begin())]};
}

/// Of sorted values.
std::vector<double> percentiles_of(std::span<const double> sorted) {
  std::vector<double> found;
  if (sorted.empty()) return found;
  for (std::size_t percent = 0; percent < kPercentiles; ++percent) {
    const double place = static_cast<double>(percent * (sorted.size() - 1)) / 100;
    const auto low = static_cast<std::size_t>(place);
    const double from = sorted[low];
    const double to = sorted[std::min(low + 1, sorted.size() - 1)];
    found.push_back(from + (place - static_cast<double>(low)) * (to - from));
  }
  return found;
}

/// Where the bins begin and end.
std::pair<double, double> covered(const std::vector<double>& percentiles) {
  const double minimum = percentiles.front();
  const double maximum = percentiles.back();
  double low = percentiles[kTailPercent];
  double high = percentiles[kPercentiles - 1 - kTailPercent];
  const double near = kNearEnd * (high - low);
  if (low - minimum <= near) low = minimum;
  if (maximum - high <= near) high = maximum;
  if (low == high) return {minimum, maximum};
  return {low, high};
}

}  // namespace

std::vector<InputReference> make_references(const Frame& inputs, std::span<const Score> scores,
                                            std::size_t threads) {
  std::vector<InputReference> references(inputs.columns().size());
  const bool accepted = any_accepted(scores);
  parallel_blocks(references.size(), 1, threads, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      references[i] = reference_of(inputs.columns()[i], scores, accepted);
    }
  });
  return references;
}

NumberDistribution distribution_of(std::span<const double> values, std::span<const Score> scores,
                                   std::size_t bins) {
  NumberDistribution result;
  std::vector<double> all;
  std::vector<double> accepted;
  for (std::size_t row = 0; row < values.size(); ++row) {
    if (!std::isfinite(values[row])) continue;
    all.push_back(values[row]);
    if (!scores[row].refused) accepted.push_back(values[row]);
  }
  result.missing = values.size() - all.size();
  result.accepted = accepted.size();
  if (all.empty()) return result;
  std::ranges::sort(all);
  std::ranges::sort(accepted);
  result.minimum = all.front();
  result.maximum = all.back();
  result.percentiles = percentiles_of(all);
  result.accepted_percentiles = percentiles_of(accepted);

  const auto [low, high] = covered(result.percentiles);
  const double width = (high - low) / static_cast<double>(bins);
  for (std::size_t i = 0; i <= bins; ++i) {
    result.edges.push_back(i == bins ? high : low + static_cast<double>(i) * width);
  }
  // A bin holds its left edge, the last one both.
  const auto count = [&](std::span<const double> sorted) {
    std::vector<std::size_t> counts(bins);
    for (const double value : sorted) {
      if (value < low || value > high) continue;
      const auto edge = std::ranges::upper_bound(result.edges, value);
      const auto bin = static_cast<std::size_t>(edge - result.edges.begin());
      ++counts[std::min(std::max<std::size_t>(bin, 1), bins) - 1];
    }
    return counts;
  };
  result.counts = count(all);
  result.accepted_counts = count(accepted);
  result.below = static_cast<std::size_t>(std::ranges::lower_bound(all, low) - all.begin());
  result.above = static_cast<std::size_t>(all.end() - std::ranges::upper_bound(all, high));
  return result;
}

TextDistribution distribution_of(const Column& texts, std::span<const Score> scores) {
  TextDistribution result;
  std::vector<TextDistribution::Category> counted(texts.dictionary().size());
  for (std::size_t code = 0; code < counted.size(); ++code) {
    counted[code].value = texts.dictionary()[code];
  }
  for (std::size_t row = 0; row < texts.size(); ++row) {
    if (texts.is_missing(row)) {
      ++result.missing;
      continue;
    }
    TextDistribution::Category& category = counted[texts.codes()[row]];
    ++category.count;
    if (!scores[row].refused) ++category.accepted;
  }
  std::erase_if(counted, [](const auto& category) { return category.count == 0; });
  std::ranges::stable_sort(counted, std::greater{}, &TextDistribution::Category::count);
  result.categories = std::move(counted);
  return result;
}

std::vector<std::optional<std::size_t>> columns_of_features(const Pipeline& pipeline,
                                                            const Frame& inputs) {
  std::vector<std::optional<std::size_t>> found;
  for (const OutputColumn& feature : pipeline.features()) {
    found.emplace_back();
    if (feature.inputs.size() != 1) continue;
    const std::string& name = pipeline.input_names()[feature.inputs.front()];
    const auto column = std::ranges::find(inputs.columns(), name, &Column::name);
    if (column != inputs.columns().end()) {
      found.back() = static_cast<std::size_t>(column - inputs.columns().begin());
    }
  }
  return found;
}

InputContributions sum_by_input(std::span<const std::optional<std::size_t>> column_of_feature,
                                std::size_t columns, std::span<const double> contributions) {
  InputContributions sums{std::vector<double>(columns), 0};
  for (std::size_t f = 0; f < contributions.size(); ++f) {
    (column_of_feature[f] ? sums.values[*column_of_feature[f]] : sums.shared) += contributions[f];
  }
  return sums;
}

void FeatureContributions::append(std::span<const double> values, std::size_t features) {
  const std::size_t rows = values.size() / features;
  Block block;
  block.first = rows_;
  for (std::size_t f = 0; f < features; ++f) {
    for (std::size_t row = 0; row < rows; ++row) {
      // A negative zero is kept: what is read is what was computed, bit by bit.
      if (std::bit_cast<std::uint64_t>(values[row * features + f]) == 0) continue;
      block.features.push_back(static_cast<std::uint32_t>(f));
      break;
    }
  }
  block.values.reserve(rows * block.features.size());
  for (std::size_t row = 0; row < rows; ++row) {
    for (const std::uint32_t f : block.features) block.values.push_back(values[row * features + f]);
  }
  rows_ += rows;
  bytes_ += block.values.size() * sizeof(double) + block.features.size() * sizeof(std::uint32_t);
  blocks_.push_back(std::move(block));
}

void FeatureContributions::read(std::size_t row, std::span<double> values) const {
  const auto after = std::ranges::upper_bound(blocks_, row, {}, &Block::first);
  const Block& block = *std::prev(after);
  const double* from = block.values.data() + (row - block.first) * block.features.size();
  std::ranges::fill(values, 0.0);
  for (const std::uint32_t f : block.features) values[f] = *from++;
}

Result<std::shared_ptr<const ContributionTable>> ContributionTable::make(
    const Pipeline& pipeline, const PipelineExplainer& explainer, const Frame& inputs,
    const std::stop_token& stop, std::size_t most_bytes) {
  const std::size_t features = pipeline.features().size();
  const auto column_of_feature = columns_of_features(pipeline, inputs);
  std::vector<std::vector<float>> columns(inputs.columns().size(),
                                          std::vector<float>(inputs.rows()));
  std::optional<FeatureContributions> kept(std::in_place);
  std::vector<double> block(kBlockRows * features);
  std::size_t block_rows = kFirstBlockRows;
  for (std::size_t first = 0, count = 0; first < inputs.rows(); first += count) {
    if (stop.stop_requested()) return std::shared_ptr<const ContributionTable>();
    count = std::min(block_rows, inputs.rows() - first);
    const RowRange rows{first, count};
    const std::span<double> values = std::span(block).first(rows.count * features);
    const auto begin = std::chrono::steady_clock::now();
    RETURN_IF_ERROR(explainer.explain(inputs, rows, 1, values));
    if (std::chrono::steady_clock::now() - begin < kQuickBlock) {
      block_rows = std::min(2 * block_rows, kBlockRows);
    }
    if (kept) kept->append(values, features);
    if (kept && kept->bytes() > most_bytes) kept.reset();
    for (std::size_t i = 0; i < rows.count; ++i) {
      const InputContributions sums =
          sum_by_input(column_of_feature, columns.size(), values.subspan(i * features, features));
      for (std::size_t c = 0; c < columns.size(); ++c) {
        columns[c][first + i] = static_cast<float>(sums.values[c]);
      }
    }
  }
  auto table = std::make_shared<ContributionTable>(std::move(columns));
  table->features_ = std::move(kept);
  return table;
}

std::vector<ContributionTable::Neighbour> ContributionTable::nearest(std::size_t row,
                                                                     std::size_t count) const {
  if (columns_.empty()) return {};
  // Column by column, so that the compiler adds several rows at once.
  std::vector<float> squares(columns_.front().size());
  for (const std::vector<float>& column : columns_) {
    const float own = column[row];
    for (std::size_t i = 0; i < squares.size(); ++i) {
      const float difference = column[i] - own;
      squares[i] += difference * difference;
    }
  }
  std::vector<std::uint32_t> rows(squares.size());
  std::iota(rows.begin(), rows.end(), 0U);
  rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(row));
  count = std::min(count, rows.size());
  std::partial_sort(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(count), rows.end(),
                    [&](std::uint32_t a, std::uint32_t b) {
                      return squares[a] != squares[b] ? squares[a] < squares[b] : a < b;
                    });
  std::vector<Neighbour> found;
  for (std::size_t i = 0; i < count; ++i) {
    Neighbour neighbour{rows[i], std::sqrt(static_cast<double>(squares[rows[i]])), 0};
    float most = -1;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      const float difference = std::abs(columns_[c][neighbour.row] - columns_[c][row]);
      if (difference > most) {
        most = difference;
        neighbour.differs_most = c;
      }
    }
    found.push_back(neighbour);
  }
  return found;
}

std::vector<double> ContributionTable::mean_sizes() const {
  std::vector<double> means;
  for (const std::vector<float>& column : columns_) {
    double sum = 0;
    for (const float value : column) sum += std::abs(static_cast<double>(value));
    means.push_back(column.empty() ? 0 : sum / static_cast<double>(column.size()));
  }
  return means;
}

}  // namespace clairscore
