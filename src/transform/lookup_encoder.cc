#include "transform/lookup_encoder.h"

#include <utility>

#include "transform/output_names.h"

namespace clairscore {

namespace {

Result<void> check_present(const Column& column) {
  for (std::size_t row = 0; row < column.size(); ++row) {
    if (!column.is_missing(row)) continue;
    return fail(ErrorCode::kInput, "a missing value, which its encoder refuses",
                "column " + column.name() + ", row " + std::to_string(row + 1),
                "a category in every row");
  }
  return {};
}

}  // namespace

Result<TransformerPtr> LookupEncoder::build(std::vector<std::optional<InputColumn>> columns) {
  for (const auto& column : columns) {
    if (!column) continue;
    const std::size_t width = column->suffixes.size();
    if (column->values.size() != column->categories.size() * width ||
        (column->unknown && column->unknown->size() != width)) {
      return fail(ErrorCode::kInput, "categories and encodings that do not fit together", {},
                  "one encoding for each category");
    }
  }
  return std::shared_ptr<const Transformer>(new LookupEncoder(std::move(columns)));
}

Result<std::vector<OutputColumn>> LookupEncoder::outputs(
    const std::vector<std::string>& input_names) const {
  RETURN_IF_ERROR(check_column_count(input_names.size(), columns_.size()));
  std::vector<OutputColumn> outputs;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (!columns_[i]) {
      outputs.push_back({input_names[i], {i}});
      continue;
    }
    for (const std::string& suffix : columns_[i]->suffixes) {
      outputs.push_back({input_names[i] + suffix, {i}});
    }
  }
  make_unique(outputs);
  return outputs;
}

std::optional<std::vector<CellRule>> LookupEncoder::cell_rules(
    const std::vector<std::string>& input_names) const {
  if (input_names.size() != columns_.size()) return std::nullopt;
  std::vector<CellRule> rules;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    CellRule rule;
    rule.input = i;
    if (!columns_[i]) {
      rules.push_back(std::move(rule));
      continue;
    }
    const InputColumn& column = *columns_[i];
    const std::size_t width = column.suffixes.size();
    // What puts nothing out may still refuse a cell.
    if (width == 0 || column.missing_is_error) return std::nullopt;
    rule.categories = &column.categories;
    rule.unknown_is_error = !column.unknown;
    for (std::size_t output = 0; output < width; ++output) {
      rule.value = [&column, width, output](std::int32_t code) {
        return code == kUnknownCategory
                   ? (*column.unknown)[output]
                   : column.values[static_cast<std::size_t>(code) * width + output];
      };
      rules.push_back(rule);
    }
  }
  return rules;
}

Result<Frame> LookupEncoder::transform(const Frame& input) const {
  ASSIGN_OR_RETURN(std::vector<OutputColumn> names, outputs(input.names()));
  std::vector<Column> encoded;
  encoded.reserve(names.size());
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (!columns_[i]) {
      encoded.push_back(input.column(i));
      encoded.back().rename(std::move(names[encoded.size() - 1].name));
      continue;
    }
    const InputColumn& column = *columns_[i];
    if (column.missing_is_error) {
      RETURN_IF_ERROR(check_present(input.column(i)));
    }
    ASSIGN_OR_RETURN(const std::vector<std::int32_t> codes,
                     column.unknown ? column.categories.codes(input.column(i))
                                    : column.categories.known_codes(input.column(i)));
    const std::size_t width = column.suffixes.size();
    for (std::size_t output = 0; output < width; ++output) {
      std::vector<double> values;
      values.reserve(codes.size());
      for (const std::int32_t code : codes) {
        values.push_back(code == kUnknownCategory
                             ? (*column.unknown)[output]
                             : column.values[static_cast<std::size_t>(code) * width + output]);
      }
      encoded.push_back(
          Column::of_doubles(std::move(names[encoded.size()].name), std::move(values)));
    }
  }
  return Frame(input.rows(), std::move(encoded));
}

}  // namespace clairscore
