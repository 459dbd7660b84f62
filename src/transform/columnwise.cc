#include "transform/columnwise.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <utility>

#include "transform/output_names.h"

namespace clairscore {

namespace {

std::vector<std::size_t> all_columns(std::size_t count) {
  std::vector<std::size_t> columns(count);
  std::iota(columns.begin(), columns.end(), std::size_t{0});
  return columns;
}

std::vector<OutputColumn> same_columns(const std::vector<std::string>& names) {
  std::vector<OutputColumn> outputs;
  outputs.reserve(names.size());
  for (std::size_t i = 0; i < names.size(); ++i) outputs.push_back({names[i], {i}});
  return outputs;
}

constexpr NumberRule kFinite{.missing = false, .infinite = false};

}  // namespace

Result<std::vector<OutputColumn>> Columnwise::outputs(
    const std::vector<std::string>& input_names) const {
  if (!all_) RETURN_IF_ERROR(check_column_count(input_names.size(), functions_.size()));
  return same_columns(input_names);
}

std::optional<std::vector<CellRule>> Columnwise::cell_rules(
    const std::vector<std::string>& input_names) const {
  if (!all_ && functions_.size() != input_names.size()) return std::nullopt;
  std::vector<CellRule> rules(input_names.size());
  for (std::size_t i = 0; i < rules.size(); ++i) {
    rules[i].input = i;
    rules[i].number = all_ ? all_ : functions_[i];
    if (rules[i].number) rules[i].limits = limits_of(rule_);
  }
  return rules;
}

Result<Frame> Columnwise::transform(const Frame& input) const {
  if (!all_) RETURN_IF_ERROR(check_column_count(input.columns().size(), functions_.size()));
  std::vector<Column> columns;
  columns.reserve(input.columns().size());
  for (std::size_t i = 0; i < input.columns().size(); ++i) {
    const Column& column = input.column(i);
    const Function& function = all_ ? all_ : functions_[i];
    if (!function) {
      columns.push_back(column);
      continue;
    }
    RETURN_IF_ERROR(check_numbers(column, rule_));
    std::vector<double> values(input.rows());
    for (std::size_t r = 0; r < values.size(); ++r) values[r] = function(column.number(r));
    columns.push_back(Column::of_doubles(column.name(), std::move(values)));
  }
  return Frame(input.rows(), std::move(columns));
}

Result<TransformerPtr> ColumnSubset::build(std::vector<std::size_t> columns, std::size_t count) {
  std::set<std::size_t> seen;
  for (const std::size_t column : columns) {
    if (column >= count || !seen.insert(column).second) {
      return fail(ErrorCode::kInput, "column number " + std::to_string(column) + " of " +
                                         std::to_string(count) + ", or selected twice");
    }
  }
  return std::shared_ptr<const Transformer>(new ColumnSubset(std::move(columns), count));
}

Result<std::vector<OutputColumn>> ColumnSubset::outputs(
    const std::vector<std::string>& input_names) const {
  RETURN_IF_ERROR(check_column_count(input_names.size(), count_));
  std::vector<OutputColumn> outputs;
  outputs.reserve(columns_.size());
  for (const std::size_t column : columns_) outputs.push_back({input_names[column], {column}});
  return outputs;
}

Result<Frame> ColumnSubset::transform(const Frame& input) const {
  RETURN_IF_ERROR(check_column_count(input.columns().size(), count_));
  std::vector<Column> columns;
  columns.reserve(columns_.size());
  for (const std::size_t column : columns_) columns.push_back(input.column(column));
  return Frame(input.rows(), std::move(columns));
}

Result<TransformerPtr> LinearMap::build(Parts parts) {
  if (parts.scale.empty() || parts.weights.size() != parts.scale.size() * parts.mean.size()) {
    return fail(ErrorCode::kInput, std::to_string(parts.weights.size()) + " weights for " +
                                       std::to_string(parts.scale.size()) + " outputs of " +
                                       std::to_string(parts.mean.size()) + " columns");
  }
  return std::shared_ptr<const Transformer>(new LinearMap(std::move(parts)));
}

Result<std::vector<OutputColumn>> LinearMap::outputs(
    const std::vector<std::string>& input_names) const {
  RETURN_IF_ERROR(check_column_count(input_names.size(), parts_.mean.size()));
  std::vector<OutputColumn> outputs;
  for (std::size_t k = 0; k < parts_.scale.size(); ++k) {
    outputs.push_back({parts_.prefix + std::to_string(k), all_columns(input_names.size())});
  }
  return outputs;
}

Result<Frame> LinearMap::transform(const Frame& input) const {
  const std::size_t width = parts_.mean.size();
  ASSIGN_OR_RETURN(const NumericColumns numbers,
                   numeric_columns(input, width, "a linear map", kFinite));
  std::vector<Column> columns;
  for (std::size_t k = 0; k < parts_.scale.size(); ++k) {
    std::vector<double> values(input.rows(), 0.0);
    for (std::size_t i = 0; i < width; ++i) {
      const double weight = parts_.weights[k * width + i];
      for (std::size_t r = 0; r < values.size(); ++r) {
        values[r] += (numbers.columns[i][r] - parts_.mean[i]) * weight;
      }
    }
    for (double& value : values) value /= parts_.scale[k];
    columns.push_back(Column::of_doubles(parts_.prefix + std::to_string(k), std::move(values)));
  }
  return Frame(input.rows(), std::move(columns));
}

Result<std::vector<OutputColumn>> Products::outputs(
    const std::vector<std::string>& input_names) const {
  RETURN_IF_ERROR(check_column_count(input_names.size(), columns_));
  std::vector<OutputColumn> outputs;
  outputs.reserve(factors_.size());
  for (const std::vector<std::size_t>& factors : factors_) {
    OutputColumn output;
    for (std::size_t i = 0; i < factors.size();) {
      std::size_t power = 1;
      while (i + power < factors.size() && factors[i + power] == factors[i]) ++power;
      if (!output.name.empty()) output.name += ' ';
      output.name += input_names[factors[i]];
      if (power > 1) output.name.append("^").append(std::to_string(power));
      output.inputs.push_back(factors[i]);
      i += power;
    }
    if (factors.empty()) output.name = "1";
    outputs.push_back(std::move(output));
  }
  make_unique(outputs);
  return outputs;
}

Result<Frame> Products::transform(const Frame& input) const {
  ASSIGN_OR_RETURN(const NumericColumns numbers,
                   numeric_columns(input, columns_, "PolynomialFeatures", kFinite));
  ASSIGN_OR_RETURN(std::vector<OutputColumn> named, outputs(input.names()));
  std::vector<Column> columns;
  columns.reserve(factors_.size());
  for (std::size_t k = 0; k < factors_.size(); ++k) {
    std::vector<double> values(input.rows(), 1.0);
    for (const std::size_t factor : factors_[k]) {
      for (std::size_t r = 0; r < values.size(); ++r) values[r] *= numbers.columns[factor][r];
    }
    columns.push_back(Column::of_doubles(std::move(named[k].name), std::move(values)));
  }
  return Frame(input.rows(), std::move(columns));
}

Result<std::vector<OutputColumn>> RowNormalizer::outputs(
    const std::vector<std::string>& input_names) const {
  RETURN_IF_ERROR(check_column_count(input_names.size(), columns_));
  std::vector<OutputColumn> outputs;
  for (const std::string& name : input_names) {
    outputs.push_back({name, all_columns(input_names.size())});
  }
  return outputs;
}

Result<Frame> RowNormalizer::transform(const Frame& input) const {
  ASSIGN_OR_RETURN(const NumericColumns numbers,
                   numeric_columns(input, columns_, "Normalizer", kFinite));
  std::vector<double> norms(input.rows(), 0.0);
  for (const double* column : numbers.columns) {
    for (std::size_t r = 0; r < norms.size(); ++r) {
      const double size = std::fabs(column[r]);
      if (norm_ == Norm::kMax) {
        norms[r] = std::max(norms[r], size);
      } else {
        norms[r] += norm_ == Norm::kL1 ? size : size * size;
      }
    }
  }
  for (double& norm : norms) {
    if (norm_ == Norm::kL2) norm = std::sqrt(norm);
    if (norm == 0) norm = 1;
  }
  std::vector<Column> columns;
  for (std::size_t i = 0; i < columns_; ++i) {
    std::vector<double> values(input.rows());
    for (std::size_t r = 0; r < values.size(); ++r) values[r] = numbers.columns[i][r] / norms[r];
    columns.push_back(Column::of_doubles(input.column(i).name(), std::move(values)));
  }
  return Frame(input.rows(), std::move(columns));
}

Result<std::vector<OutputColumn>> Union::outputs(
    const std::vector<std::string>& input_names) const {
  std::vector<OutputColumn> outputs;
  for (const Part& part : parts_) {
    ASSIGN_OR_RETURN(std::vector<OutputColumn> own, part.transformer->outputs(input_names));
    for (OutputColumn& output : own) {
      outputs.push_back({part.prefix + output.name, std::move(output.inputs)});
    }
  }
  make_unique(outputs);
  return outputs;
}

Result<Frame> Union::transform(const Frame& input) const {
  ASSIGN_OR_RETURN(std::vector<OutputColumn> named, outputs(input.names()));
  std::vector<Column> columns;
  columns.reserve(named.size());
  for (const Part& part : parts_) {
    auto transformed = part.transformer->transform(input);
    if (!transformed) {
      Error error = std::move(transformed.error());
      error.where = "part " + part.name + (error.where.empty() ? "" : ", " + error.where);
      return fail(std::move(error));
    }
    for (Column& column : std::move(*transformed).take_columns()) {
      if (part.weight != 1) {
        ASSIGN_OR_RETURN(const Column numbers, column.as_doubles());
        std::vector<double> values(numbers.doubles().begin(), numbers.doubles().end());
        for (double& value : values) value *= part.weight;
        column = Column::of_doubles(column.name(), std::move(values));
      }
      column.rename(std::move(named[columns.size()].name));
      columns.push_back(std::move(column));
    }
  }
  return Frame(input.rows(), std::move(columns));
}

}  // namespace clairscore
