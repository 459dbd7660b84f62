#pragma once

// One-hot encoding: each input column becomes one column of 0 and 1 per slot. Which category has
// which slot is a table, so that dropped categories and rare ones grouped together need no code
// of their own here: the reader of the model file works them out.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/transformer.h"
#include "transform/category_index.h"

namespace clairscore {

/// The slot of a category that is encoded as all zeros.
inline constexpr std::int32_t kNoSlot = -1;

class OneHotEncoder final : public Transformer {
 public:
  struct InputColumn {
    CategoryIndex categories;
    std::vector<std::int32_t> slots;           // of each category; kNoSlot or below names.size()
    std::optional<std::int32_t> unknown_slot;  // absent: an unknown category is an error
    std::vector<std::string> names;            // of the slots; output columns are INPUT_NAME
  };

  /// Errors kInput: tables of other lengths than the categories, a slot out of range.
  static Result<TransformerPtr> build(std::vector<InputColumn> columns);

  Result<std::vector<OutputColumn>> outputs(
      const std::vector<std::string>& input_names) const override;
  std::optional<std::vector<CellRule>> cell_rules(
      const std::vector<std::string>& input_names) const override;
  Result<Frame> transform(const Frame& input) const override;

 private:
  explicit OneHotEncoder(std::vector<InputColumn> columns) : columns_(std::move(columns)) {}
  std::vector<InputColumn> columns_;
};

}  // namespace clairscore
