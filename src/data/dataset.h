#pragma once

// Raw rows -> the rows a model is given: identifiers, and its inputs in the signature's order and
// types. Immutable after construction; safe from any number of threads.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "base/error.h"
#include "data/csv.h"
#include "data/recipe.h"
#include "frame/frame.h"
#include "mlflow/loaded_model.h"

namespace clairscore {

/// Selects and checks the columns of a prepared frame against a signature, in its order: numbers
/// become doubles, text stays text. `row_numbers` (may be empty) maps frame rows to file rows for
/// messages. Errors kInput: a column missing; a missing value in a required column; text in a
/// number, a number in a text column; each names the column and, where there is one, the row and
/// the value.
Result<Frame> conform_to_signature(const Frame& prepared, const Signature& signature,
                                   const std::string& file,
                                   const std::vector<std::size_t>& row_numbers = {});

class Dataset {
 public:
  /// Reads a CSV, applies the recipe and conforms the result to the signature. With
  /// OnBadRow::kSkip rows that fail are left out and listed. Errors: those of the parts, an
  /// identifier that is missing or repeated (it is named), no row at all.
  static Result<Dataset> load(const std::filesystem::path& csv, const Recipe& recipe,
                              const Signature& signature, OnBadRow on_bad_row, std::size_t threads);

  std::size_t rows() const { return inputs_.rows(); }
  /// The model's inputs, one column per signature input.
  const Frame& inputs() const { return inputs_; }
  /// Identifiers in file order: a kInteger or kText column.
  const Column& identifiers() const { return identifiers_; }
  bool integer_identifiers() const { return identifiers_.type() == ColumnType::kInteger; }
  /// The row of an identifier; nothing when there is none.
  std::optional<std::size_t> find(std::int64_t identifier) const;
  std::optional<std::size_t> find(std::string_view identifier) const;
  const std::vector<BadRow>& skipped() const { return skipped_; }

 private:
  Dataset(Column identifiers, Frame inputs)
      : identifiers_(std::move(identifiers)), inputs_(std::move(inputs)) {}
  Column identifiers_;
  Frame inputs_;
  std::vector<BadRow> skipped_;
  std::unordered_map<std::int64_t, std::uint32_t> by_integer_;
  std::unordered_map<std::string_view, std::uint32_t>
      by_text_;  // views into identifiers_' dictionary
};

}  // namespace clairscore
