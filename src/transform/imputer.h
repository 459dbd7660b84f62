#pragma once

// Missing cells: replaced by one value a column, or told of in columns of 0 and 1.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "model/transformer.h"

namespace clairscore {

/// Which cells count as missing: empty ones (NaN), or those equal to a number or a text.
struct MissingMark {
  std::optional<double> number;
  std::optional<std::string> text;

  bool is_missing(const Column& column, std::size_t row) const;
};

class Imputer final : public Transformer {
 public:
  struct Fill {
    bool removed = false;  // the column does not come out
    double number = 0;
    std::optional<std::string> text;  // for a column of texts
  };
  /// One fill a column. Text columns need a text, others a number.
  Imputer(MissingMark mark, std::vector<Fill> fills)
      : mark_(std::move(mark)), fills_(std::move(fills)) {}
  Result<std::vector<OutputColumn>> outputs(
      const std::vector<std::string>& input_names) const override;
  Result<Frame> transform(const Frame& input) const override;

 private:
  MissingMark mark_;
  std::vector<Fill> fills_;
};

class MissingIndicator final : public Transformer {
 public:
  /// The columns that are told of, among `count`.
  MissingIndicator(MissingMark mark, std::vector<std::size_t> columns, std::size_t count)
      : mark_(std::move(mark)), columns_(std::move(columns)), count_(count) {}
  Result<std::vector<OutputColumn>> outputs(
      const std::vector<std::string>& input_names) const override;
  Result<Frame> transform(const Frame& input) const override;

 private:
  MissingMark mark_;
  std::vector<std::size_t> columns_;
  std::size_t count_;
};

/// Missing cells become the mean of the nearest donors, by the Euclidean distance over the columns
/// that both rows have: scikit-learn's KNNImputer.
class NearestImputer final : public Transformer {
 public:
  struct Parts {
    MissingMark mark;
    std::vector<std::vector<double>> donors;  // [column][row], NaN where missing
    std::vector<double> means;                // of each column of the donors, for when none is near
    std::size_t neighbors = 5;
    bool by_distance = false;   // weights are 1 / distance
    std::vector<bool> removed;  // columns without any donor
  };
  explicit NearestImputer(Parts parts) : parts_(std::move(parts)) {}
  Result<std::vector<OutputColumn>> outputs(
      const std::vector<std::string>& input_names) const override;
  Result<Frame> transform(const Frame& input) const override;

 private:
  double impute(const std::vector<double>& distances, std::size_t column) const;
  Parts parts_;
};

}  // namespace clairscore
