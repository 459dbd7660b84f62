#pragma once

// Different transformers for different columns of a table, their outputs side by side in the order
// of the parts. Columns that no part selects are dropped.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "model/transformer.h"

namespace clairscore {

class ColumnTransformer final : public Transformer {
 public:
  struct Part {
    std::string name;  // for messages
    TransformerPtr transformer;
    std::vector<std::size_t> columns;  // positions among the fitted columns, in the part's order
    std::optional<double> weight;      // multiplies what the transformer puts out
    std::string prefix;                // before and after the name of each output column
    std::string suffix;
  };
  struct Parts {
    std::size_t fitted_columns = 0;
    /// Names of the fitted columns; columns are then found by name, in any order and among others.
    /// Empty: found by position, and the number of columns must be that of the fit.
    std::vector<std::string> fitted_names;
    std::vector<Part> parts;
  };

  /// Errors kInput: a position out of range, a part that selects a column twice, fitted_names of
  /// another length than fitted_columns.
  static Result<TransformerPtr> build(Parts parts);

  Result<std::vector<OutputColumn>> outputs(
      const std::vector<std::string>& input_names) const override;
  std::optional<std::vector<CellRule>> cell_rules(
      const std::vector<std::string>& input_names) const override;
  Result<Frame> transform(const Frame& input) const override;

 private:
  explicit ColumnTransformer(Parts parts);
  bool is_as_fitted(const Frame& input) const;
  /// For each part, where its columns are in an input of these names.
  Result<std::vector<std::vector<std::size_t>>> locate(
      const std::vector<std::string>& input_names) const;
  Parts parts_;
  /// The names that come out for an input of exactly the fitted columns: made once, since making
  /// them for a single row costs as much as explaining it. Empty when there are no fitted names.
  std::vector<std::string> fitted_outputs_;
};

}  // namespace clairscore
