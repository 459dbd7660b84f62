#pragma once

// Encoding by a table: each category of an input column has one number (its rank, the mean of the
// target among its rows) or one for each class. Columns without a table pass through, so that the
// encoder also serves in place, on some columns of a wider table.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "model/transformer.h"
#include "transform/category_index.h"

namespace clairscore {

class LookupEncoder final : public Transformer {
 public:
  struct InputColumn {
    CategoryIndex categories;
    /// What is put after the input's name for each output column; one empty text for one column
    /// that keeps its name.
    std::vector<std::string> suffixes = {""};
    std::vector<double> values = {};  // [category * suffixes.size() + output]
    /// suffixes.size() values; absent: an unknown category is an error.
    std::optional<std::vector<double>> unknown = {};
    bool missing_is_error = false;
  };

  /// One entry for each input column, nothing for one that passes through. Errors kInput: tables
  /// of other lengths than the categories.
  static Result<TransformerPtr> build(std::vector<std::optional<InputColumn>> columns);

  Result<std::vector<OutputColumn>> outputs(
      const std::vector<std::string>& input_names) const override;
  std::optional<std::vector<CellRule>> cell_rules(
      const std::vector<std::string>& input_names) const override;
  Result<Frame> transform(const Frame& input) const override;

 private:
  explicit LookupEncoder(std::vector<std::optional<InputColumn>> columns)
      : columns_(std::move(columns)) {}
  std::vector<std::optional<InputColumn>> columns_;
};

}  // namespace clairscore
