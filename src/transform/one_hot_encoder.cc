#include "transform/one_hot_encoder.h"

#include <utility>

#include "transform/output_names.h"

namespace clairscore {

namespace {

bool valid_slot(std::int32_t slot, std::size_t count) {
  return slot == kNoSlot || (slot >= 0 && static_cast<std::size_t>(slot) < count);
}

}  // namespace

Result<TransformerPtr> OneHotEncoder::build(std::vector<InputColumn> columns) {
  for (const InputColumn& column : columns) {
    bool valid = column.slots.size() == column.categories.size() &&
                 valid_slot(column.unknown_slot.value_or(kNoSlot), column.names.size());
    for (const std::int32_t slot : column.slots) {
      valid = valid && valid_slot(slot, column.names.size());
    }
    if (!valid) {
      return fail(ErrorCode::kInput, "categories and output columns that do not fit together", {},
                  "one output column, or none, for each category");
    }
  }
  return std::shared_ptr<const Transformer>(new OneHotEncoder(std::move(columns)));
}

Result<std::vector<OutputColumn>> OneHotEncoder::outputs(
    const std::vector<std::string>& input_names) const {
  RETURN_IF_ERROR(check_column_count(input_names.size(), columns_.size()));
  std::vector<OutputColumn> outputs;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    for (const std::string& name : columns_[i].names) {
      outputs.push_back({input_names[i] + "_" + name, {i}});
    }
  }
  make_unique(outputs);
  return outputs;
}

std::optional<std::vector<CellRule>> OneHotEncoder::cell_rules(
    const std::vector<std::string>& input_names) const {
  if (input_names.size() != columns_.size()) return std::nullopt;
  std::vector<CellRule> rules;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const InputColumn& column = columns_[i];
    for (std::size_t slot = 0; slot < column.names.size(); ++slot) {
      CellRule rule;
      rule.input = i;
      rule.categories = &column.categories;
      rule.unknown_is_error = !column.unknown_slot;
      rule.value = [&column, slot = static_cast<std::int32_t>(slot)](std::int32_t code) {
        const std::int32_t taken = code == kUnknownCategory
                                       ? column.unknown_slot.value_or(kNoSlot)
                                       : column.slots[static_cast<std::size_t>(code)];
        return taken == slot ? 1.0 : 0.0;
      };
      rules.push_back(std::move(rule));
    }
    // A column that puts nothing out may still refuse a cell.
    if (column.names.empty()) return std::nullopt;
  }
  return rules;
}

Result<Frame> OneHotEncoder::transform(const Frame& input) const {
  ASSIGN_OR_RETURN(std::vector<OutputColumn> names, outputs(input.names()));
  std::vector<Column> encoded;
  encoded.reserve(names.size());
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const InputColumn& column = columns_[i];
    const CategoryIndex& categories = column.categories;
    ASSIGN_OR_RETURN(const std::vector<std::int32_t> codes,
                     column.unknown_slot ? categories.codes(input.column(i))
                                         : categories.known_codes(input.column(i)));
    std::vector<std::vector<double>> slots(column.names.size(),
                                           std::vector<double>(input.rows(), 0.0));
    for (std::size_t row = 0; row < codes.size(); ++row) {
      const std::int32_t slot = codes[row] == kUnknownCategory
                                    ? *column.unknown_slot
                                    : column.slots[static_cast<std::size_t>(codes[row])];
      if (slot != kNoSlot) slots[static_cast<std::size_t>(slot)][row] = 1.0;
    }
    for (std::vector<double>& slot : slots) {
      encoded.push_back(Column::of_doubles(std::move(names[encoded.size()].name), std::move(slot)));
    }
  }
  return Frame(input.rows(), std::move(encoded));
}

}  // namespace clairscore
