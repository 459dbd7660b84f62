#pragma once

// What all applicants together say about one: a reference for each input, how an input is
// distributed, and the contributions of everybody, from which similar applicants, the importance of
// inputs and their dependence are read.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/error.h"
#include "frame/frame.h"
#include "model/pipeline.h"
#include "service/score.h"

namespace clairscore {

/// What is usual for an input: among the applicants the model advises to accept (among all, when
/// there are none), the median of a number, the most frequent text.
struct InputReference {
  std::optional<double> number;
  std::optional<std::string> text;
};

/// One reference for each column, in order.
std::vector<InputReference> make_references(const Frame& inputs, std::span<const Score> scores,
                                            std::size_t threads);

/// How a number is distributed among all applicants and among those accepted. Bins of equal width
/// cover the middle 99 % or more; what lies beyond is counted apart, so that one millionaire does
/// not press everybody else into a single bin.
struct NumberDistribution {
  std::size_t missing = 0;
  std::size_t accepted = 0;  // with a value
  double minimum = 0;
  double maximum = 0;
  std::vector<double> edges;
  std::vector<std::size_t> counts;
  std::vector<std::size_t> accepted_counts;
  std::size_t below = 0;  // values before the first edge
  std::size_t above = 0;  // after the last
  /// The values at 0, 1, …, 100 % of the way, by linear interpolation; empty without values.
  std::vector<double> percentiles;
  std::vector<double> accepted_percentiles;
};
NumberDistribution distribution_of(std::span<const double> values, std::span<const Score> scores,
                                   std::size_t bins);

struct TextDistribution {
  struct Category {
    std::string value;
    std::size_t count = 0;
    std::size_t accepted = 0;
  };
  std::size_t missing = 0;
  std::vector<Category> categories;  // the most frequent first
};
TextDistribution distribution_of(const Column& texts, std::span<const Score> scores);

/// Which column of `inputs` each feature of the pipeline comes from; nothing for one that is made
/// of several.
std::vector<std::optional<std::size_t>> columns_of_features(const Pipeline& pipeline,
                                                            const Frame& inputs);

/// Contributions summed to the columns their features come from (`columns` of them); those of
/// features made of several belong to none alone and are summed in `shared`.
struct InputContributions {
  std::vector<double> values;
  double shared = 0;
};
InputContributions sum_by_input(std::span<const std::optional<std::size_t>> column_of_feature,
                                std::size_t columns, std::span<const double> contributions);

/// The contributions of every feature to every score, as they were computed. Within a block of rows
/// only features that contribute to one of them take room.
class FeatureContributions {
 public:
  /// The next rows, each with `features` values.
  void append(std::span<const double> values, std::size_t features);
  /// The values of a row, into one place a feature.
  void read(std::size_t row, std::span<double> values) const;
  std::size_t rows() const { return rows_; }
  std::size_t bytes() const { return bytes_; }

 private:
  struct Block {
    std::size_t first = 0;  // row
    std::vector<std::uint32_t> features;
    std::vector<double> values;  // row by row
  };
  std::vector<Block> blocks_;
  std::size_t rows_ = 0;
  std::size_t bytes_ = 0;
};

/// The contributions of every input to every score, as floats: 4 bytes each; and those of every
/// feature, as far as they may take room.
class ContributionTable {
 public:
  /// Computes them in blocks on the caller's thread, as `explainer` explains the pipeline's first
  /// output; null when asked to stop. Those of the features are kept while they take at most
  /// `most_bytes`.
  static Result<std::shared_ptr<const ContributionTable>> make(const Pipeline& pipeline,
                                                               const PipelineExplainer& explainer,
                                                               const Frame& inputs,
                                                               const std::stop_token& stop,
                                                               std::size_t most_bytes);
  /// Column by column, for tests.
  explicit ContributionTable(std::vector<std::vector<float>> columns)
      : columns_(std::move(columns)) {}

  std::size_t inputs() const { return columns_.size(); }
  std::span<const float> of(std::size_t input) const { return columns_[input]; }
  /// Of every row, or of none where they would take too much room.
  const FeatureContributions* features() const { return features_ ? &*features_ : nullptr; }

  struct Neighbour {
    std::size_t row = 0;
    double distance = 0;           // Euclidean, on the model's scale
    std::size_t differs_most = 0;  // the input whose contributions differ most
  };
  /// The `count` applicants whose contributions are nearest, the nearest first, of equals the first
  /// in the file; without the row itself.
  std::vector<Neighbour> nearest(std::size_t row, std::size_t count) const;
  /// The mean size of each input's contribution.
  std::vector<double> mean_sizes() const;

 private:
  std::vector<std::vector<float>> columns_;
  std::optional<FeatureContributions> features_;
};

}  // namespace clairscore
