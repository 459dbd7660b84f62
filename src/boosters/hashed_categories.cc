#include "boosters/hashed_categories.h"

#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "base/numbers.h"
#include "boosters/city_hash.h"

namespace clairscore {

namespace {

/// From here a double may stand for several whole numbers.
constexpr double kManyIntegers = 9007199254740992.0;

double value_of(std::int32_t code) {
  return code == kUnknownCategory ? std::numeric_limits<double>::quiet_NaN()
                                  : static_cast<double>(code);
}

}  // namespace

std::int32_t HashedCategories::of_text(std::string_view text) const {
  const auto code = codes_.find(static_cast<std::uint32_t>(city_hash(text)));
  return code ? static_cast<std::int32_t>(*code) : kUnknownCategory;
}

std::int32_t HashedCategories::of_number(double number) const {
  if (!(std::fabs(number) < kManyIntegers) || std::trunc(number) != number) return kRefused;
  return of_text(std::to_string(static_cast<std::int64_t>(number)));
}

Result<std::vector<OutputColumn>> HashedEncoder::outputs(
    const std::vector<std::string>& input_names) const {
  if (input_names.size() != columns_.size()) {
    return fail(ErrorCode::kInput, std::to_string(input_names.size()) + " columns", {},
                std::to_string(columns_.size()) + " columns");
  }
  std::vector<OutputColumn> outputs;
  for (std::size_t i = 0; i < input_names.size(); ++i) outputs.push_back({input_names[i], {i}});
  return outputs;
}

std::optional<std::vector<CellRule>> HashedEncoder::cell_rules(
    const std::vector<std::string>& input_names) const {
  if (input_names.size() != columns_.size()) return std::nullopt;
  std::vector<CellRule> rules(columns_.size());
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    rules[i].input = i;
    if (!columns_[i]) continue;
    rules[i].categories = &*columns_[i];
    rules[i].value = value_of;
  }
  return rules;
}

Result<Frame> HashedEncoder::transform(const Frame& input) const {
  RETURN_IF_ERROR(outputs(input.names()));
  std::vector<Column> encoded;
  encoded.reserve(columns_.size());
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const Column& column = input.column(i);
    if (!columns_[i]) {
      encoded.push_back(column);
      continue;
    }
    const bool text = column.type() == ColumnType::kText;
    std::vector<double> values;
    values.reserve(column.size());
    for (std::size_t row = 0; row < column.size(); ++row) {
      std::int32_t code = CellCategories::kRefused;
      if (!column.is_missing(row)) {
        code = text ? columns_[i]->of_text(column.text(row))
                    : columns_[i]->of_number(column.number(row));
      }
      if (code == CellCategories::kRefused) {
        const std::string met = column.is_missing(row)
                                    ? "a missing value"
                                    : "the number " + double_to_text(column.number(row));
        return fail(ErrorCode::kInput, met + " where CatBoost needs a category",
                    "column " + column.name() + ", row " + std::to_string(row + 1),
                    "a text or a whole number");
      }
      values.push_back(value_of(code));
    }
    encoded.push_back(Column::of_doubles(column.name(), std::move(values)));
  }
  return Frame(input.rows(), std::move(encoded));
}

}  // namespace clairscore
