#include "transform/column_transformer.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "transform/output_names.h"

namespace clairscore {

namespace {

tl::unexpected<Error> within_part(Error error, const std::string& name) {
  error.where = "part " + name + (error.where.empty() ? "" : ", " + error.where);
  return fail(std::move(error));
}

Result<Column> weighted(const Column& column, double weight) {
  ASSIGN_OR_RETURN(const Column numbers, column.as_doubles());
  std::vector<double> values(numbers.doubles().begin(), numbers.doubles().end());
  for (double& value : values) value *= weight;
  return Column::of_doubles(column.name(), std::move(values));
}

}  // namespace

Result<TransformerPtr> ColumnTransformer::build(Parts parts) {
  if (!parts.fitted_names.empty() && parts.fitted_names.size() != parts.fitted_columns) {
    return fail(ErrorCode::kInput, std::to_string(parts.fitted_names.size()) + " names for " +
                                       std::to_string(parts.fitted_columns) + " columns");
  }
  for (const Part& part : parts.parts) {
    std::set<std::size_t> seen;
    for (const std::size_t column : part.columns) {
      if (column >= parts.fitted_columns) {
        return fail(ErrorCode::kInput, "column number " + std::to_string(column),
                    "part " + part.name,
                    "0 to " + std::to_string(parts.fitted_columns) + ", exclusive");
      }
      if (!seen.insert(column).second) {
        return fail(ErrorCode::kInput,
                    "column number " + std::to_string(column) + " selected twice",
                    "part " + part.name, "each column once in a part");
      }
    }
  }
  return std::shared_ptr<const Transformer>(new ColumnTransformer(std::move(parts)));
}

ColumnTransformer::ColumnTransformer(Parts parts) : parts_(std::move(parts)) {
  if (parts_.fitted_names.empty()) return;
  auto named = outputs(parts_.fitted_names);
  if (!named) return;  // the same error comes out when it is used
  for (OutputColumn& output : *named) fitted_outputs_.push_back(std::move(output.name));
}

bool ColumnTransformer::is_as_fitted(const Frame& input) const {
  return !fitted_outputs_.empty() &&
         std::equal(input.columns().begin(), input.columns().end(), parts_.fitted_names.begin(),
                    parts_.fitted_names.end(), [](const Column& column, const std::string& name) {
                      return column.name() == name;
                    });
}

Result<std::vector<std::vector<std::size_t>>> ColumnTransformer::locate(
    const std::vector<std::string>& input_names) const {
  const bool by_name = !parts_.fitted_names.empty();
  if (!by_name) RETURN_IF_ERROR(check_column_count(input_names.size(), parts_.fitted_columns));
  std::vector<std::vector<std::size_t>> located;
  located.reserve(parts_.parts.size());
  for (const Part& part : parts_.parts) located.push_back(part.columns);
  if (!by_name || input_names == parts_.fitted_names) return located;

  std::unordered_map<std::string_view, std::size_t> positions;
  positions.reserve(input_names.size());
  for (std::size_t i = 0; i < input_names.size(); ++i) positions.emplace(input_names[i], i);
  for (std::size_t p = 0; p < located.size(); ++p) {
    for (std::size_t& column : located[p]) {
      const std::string& name = parts_.fitted_names[column];
      const auto found = positions.find(name);
      if (found == positions.end()) {
        return fail(ErrorCode::kInput, "a column is missing",
                    "part " + parts_.parts[p].name + ", column " + name);
      }
      column = found->second;
    }
  }
  return located;
}

Result<std::vector<OutputColumn>> ColumnTransformer::outputs(
    const std::vector<std::string>& input_names) const {
  ASSIGN_OR_RETURN(const auto located, locate(input_names));
  std::vector<OutputColumn> outputs;
  for (std::size_t p = 0; p < located.size(); ++p) {
    const Part& part = parts_.parts[p];
    std::vector<std::string> names;
    names.reserve(located[p].size());
    for (const std::size_t column : located[p]) names.push_back(input_names[column]);
    auto from_part = part.transformer->outputs(names);
    if (!from_part) return within_part(std::move(from_part.error()), part.name);
    for (OutputColumn& output : *from_part) {
      // A part may take its columns in another order than the table's.
      std::set<std::size_t> sources;
      for (const std::size_t input : output.inputs) sources.insert(located[p][input]);
      outputs.push_back(
          {part.prefix + output.name + part.suffix, {sources.begin(), sources.end()}});
    }
  }
  make_unique(outputs);
  return outputs;
}

std::optional<std::vector<CellRule>> ColumnTransformer::cell_rules(
    const std::vector<std::string>& input_names) const {
  const auto located = locate(input_names);
  if (!located) return std::nullopt;
  std::vector<CellRule> rules;
  for (std::size_t p = 0; p < located->size(); ++p) {
    const Part& part = parts_.parts[p];
    std::vector<std::string> names;
    names.reserve((*located)[p].size());
    for (const std::size_t column : (*located)[p]) names.push_back(input_names[column]);
    auto from_part = part.transformer->cell_rules(names);
    if (!from_part) return std::nullopt;
    for (CellRule& rule : *from_part) {
      rule.input = (*located)[p][rule.input];
      if (part.weight && rule.categories == nullptr) {
        if (rule.weight) return std::nullopt;
        if (rule.number) {
          rule.number = [number = std::move(rule.number), weight = *part.weight](double x) {
            return number(x) * weight;
          };
        } else {
          rule.weight = part.weight;
        }
      } else if (part.weight) {
        rule.value = [value = std::move(rule.value), weight = *part.weight](std::int32_t code) {
          return value(code) * weight;
        };
      }
      rules.push_back(std::move(rule));
    }
  }
  return rules;
}

Result<Frame> ColumnTransformer::transform(const Frame& input) const {
  const bool as_fitted = is_as_fitted(input);
  std::vector<std::vector<std::size_t>> located;  // unless as fitted
  std::vector<std::string> names = fitted_outputs_;
  if (!as_fitted) {
    const std::vector<std::string> input_names = input.names();
    ASSIGN_OR_RETURN(located, locate(input_names));
    ASSIGN_OR_RETURN(std::vector<OutputColumn> named, outputs(input_names));
    names.clear();
    for (OutputColumn& output : named) names.push_back(std::move(output.name));
  }
  std::vector<Column> columns;
  columns.reserve(names.size());
  for (std::size_t p = 0; p < parts_.parts.size(); ++p) {
    const Part& part = parts_.parts[p];
    const std::vector<std::size_t>& positions = as_fitted ? part.columns : located[p];
    std::vector<Column> selected;
    selected.reserve(positions.size());
    for (const std::size_t column : positions) selected.push_back(input.column(column));
    auto transformed = part.transformer->transform(Frame(input.rows(), std::move(selected)));
    if (!transformed) return within_part(std::move(transformed.error()), part.name);
    for (Column& column : std::move(*transformed).take_columns()) {
      if (part.weight) {
        auto scaled = weighted(column, *part.weight);
        if (!scaled) return within_part(std::move(scaled.error()), part.name);
        columns.push_back(std::move(*scaled));
      } else {
        columns.push_back(std::move(column));
      }
      columns.back().rename(std::move(names[columns.size() - 1]));
    }
  }
  return Frame(input.rows(), std::move(columns));
}

}  // namespace clairscore
