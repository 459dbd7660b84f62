#include "transform/imputer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "model/number_rule.h"
#include "transform/output_names.h"

namespace clairscore {

namespace {

std::string indicator_name(const std::string& column) {
  return std::string("missingindicator_").append(column);
}

}  // namespace

bool MissingMark::is_missing(const Column& column, std::size_t row) const {
  if (column.type() == ColumnType::kText) {
    return text ? !column.is_missing(row) && column.text(row) == *text
                : !number && column.is_missing(row);
  }
  return number ? column.number(row) == *number : !text && column.is_missing(row);
}

Result<std::vector<OutputColumn>> Imputer::outputs(
    const std::vector<std::string>& input_names) const {
  RETURN_IF_ERROR(check_column_count(input_names.size(), fills_.size()));
  std::vector<OutputColumn> outputs;
  for (std::size_t i = 0; i < fills_.size(); ++i) {
    if (!fills_[i].removed) outputs.push_back({input_names[i], {i}});
  }
  return outputs;
}

Result<Frame> Imputer::transform(const Frame& input) const {
  RETURN_IF_ERROR(check_column_count(input.columns().size(), fills_.size()));
  std::vector<Column> columns;
  for (std::size_t i = 0; i < fills_.size(); ++i) {
    const Fill& fill = fills_[i];
    const Column& column = input.column(i);
    if (fill.removed) continue;
    if (column.type() == ColumnType::kText) {
      if (!fill.text) {
        return fail(ErrorCode::kInput, "text where numbers are needed", "column " + column.name(),
                    "numbers");
      }
      auto dictionary = std::make_shared<Dictionary>(column.dictionary());
      const auto known = std::find(dictionary->begin(), dictionary->end(), *fill.text);
      const auto code = static_cast<std::uint32_t>(known - dictionary->begin());
      if (known == dictionary->end()) dictionary->push_back(*fill.text);
      std::vector<std::uint32_t> codes(column.codes().begin(), column.codes().end());
      for (std::size_t r = 0; r < codes.size(); ++r) {
        if (mark_.is_missing(column, r)) codes[r] = code;
      }
      columns.push_back(Column::of_text(column.name(), std::move(dictionary), std::move(codes)));
      continue;
    }
    if (fill.text) {
      // A text column without a single text reads as numbers: every cell is missing.
      std::vector<const char*> cells(input.rows(), fill.text->c_str());
      for (std::size_t r = 0; r < cells.size(); ++r) {
        if (mark_.is_missing(column, r)) continue;
        return fail(ErrorCode::kInput, "a number where texts are needed",
                    "column " + column.name() + ", row " + std::to_string(r + 1), "texts");
      }
      columns.push_back(Column::of_strings(column.name(), cells));
      continue;
    }
    RETURN_IF_ERROR(check_numbers(column, {.missing = !mark_.number, .infinite = false}));
    std::vector<double> values(input.rows());
    for (std::size_t r = 0; r < values.size(); ++r) {
      values[r] = mark_.is_missing(column, r) ? fill.number : column.number(r);
    }
    columns.push_back(Column::of_doubles(column.name(), std::move(values)));
  }
  return Frame(input.rows(), std::move(columns));
}

Result<std::vector<OutputColumn>> MissingIndicator::outputs(
    const std::vector<std::string>& input_names) const {
  RETURN_IF_ERROR(check_column_count(input_names.size(), count_));
  std::vector<OutputColumn> outputs;
  for (const std::size_t i : columns_) {
    outputs.push_back({indicator_name(input_names[i]), {i}});
  }
  return outputs;
}

Result<Frame> MissingIndicator::transform(const Frame& input) const {
  RETURN_IF_ERROR(check_column_count(input.columns().size(), count_));
  std::vector<Column> columns;
  for (const std::size_t i : columns_) {
    const Column& column = input.column(i);
    std::vector<double> values(input.rows());
    for (std::size_t r = 0; r < values.size(); ++r) values[r] = mark_.is_missing(column, r) ? 1 : 0;
    columns.push_back(Column::of_doubles(indicator_name(column.name()), std::move(values)));
  }
  return Frame(input.rows(), std::move(columns));
}

Result<std::vector<OutputColumn>> NearestImputer::outputs(
    const std::vector<std::string>& input_names) const {
  RETURN_IF_ERROR(check_column_count(input_names.size(), parts_.donors.size()));
  std::vector<std::size_t> all(input_names.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  std::vector<OutputColumn> outputs;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!parts_.removed[i]) outputs.push_back({input_names[i], all});
  }
  return outputs;
}

/// The weighted mean of the column over the nearest donors that have it.
double NearestImputer::impute(const std::vector<double>& distances, std::size_t column) const {
  const std::vector<double>& values = parts_.donors[column];
  std::vector<std::size_t> donors;
  bool any_distance = false;
  for (std::size_t d = 0; d < values.size(); ++d) {
    if (std::isnan(values[d])) continue;
    donors.push_back(d);
    any_distance = any_distance || !std::isnan(distances[d]);
  }
  if (!any_distance) return parts_.means[column];
  const auto nearer = [&](std::size_t a, std::size_t b) {
    const double x =
        std::isnan(distances[a]) ? std::numeric_limits<double>::infinity() : distances[a];
    const double y =
        std::isnan(distances[b]) ? std::numeric_limits<double>::infinity() : distances[b];
    return x < y || (x == y && a < b);
  };
  const std::size_t count = std::min(parts_.neighbors, donors.size());
  std::partial_sort(donors.begin(), donors.begin() + static_cast<std::ptrdiff_t>(count),
                    donors.end(), nearer);
  donors.resize(count);
  const bool equal =
      std::any_of(donors.begin(), donors.end(), [&](std::size_t d) { return distances[d] == 0; });
  double sum = 0;
  double total = 0;
  for (const std::size_t d : donors) {
    if (parts_.by_distance && std::isnan(distances[d])) continue;
    // Where a donor is equal, only those that are count.
    double weight = 1;
    if (parts_.by_distance) {
      weight = equal ? (distances[d] == 0 ? 1.0 : 0.0) : 1 / distances[d];
    }
    sum += weight * values[d];
    total += weight;
  }
  return sum / total;
}

Result<Frame> NearestImputer::transform(const Frame& input) const {
  const std::size_t width = parts_.donors.size();
  const NumberRule rule{.missing = !parts_.mark.number, .infinite = false};
  ASSIGN_OR_RETURN(const NumericColumns numbers, numeric_columns(input, width, "KNNImputer", rule));
  std::vector<std::vector<double>> filled(width);
  for (std::size_t i = 0; i < width; ++i) {
    filled[i].assign(numbers.columns[i], numbers.columns[i] + input.rows());
  }
  const std::size_t donors = parts_.donors.empty() ? 0 : parts_.donors.front().size();
  std::vector<double> distances(donors);
  for (std::size_t r = 0; r < input.rows(); ++r) {
    std::vector<bool> missing(width);
    bool any = false;
    for (std::size_t i = 0; i < width; ++i) {
      missing[i] = parts_.mark.is_missing(input.column(i), r);
      any = any || missing[i];
    }
    if (!any) continue;
    for (std::size_t d = 0; d < donors; ++d) {
      double sum = 0;
      std::size_t shared = 0;
      for (std::size_t i = 0; i < width; ++i) {
        const double donor = parts_.donors[i][d];
        if (missing[i] || std::isnan(donor)) continue;
        const double away = numbers.columns[i][r] - donor;
        sum += away * away;
        ++shared;
      }
      distances[d] =
          shared == 0 ? std::numeric_limits<double>::quiet_NaN()
                      : std::sqrt(sum / static_cast<double>(shared) * static_cast<double>(width));
    }
    for (std::size_t i = 0; i < width; ++i) {
      if (missing[i] && !parts_.removed[i]) filled[i][r] = impute(distances, i);
    }
  }
  std::vector<Column> columns;
  for (std::size_t i = 0; i < width; ++i) {
    if (parts_.removed[i]) continue;
    columns.push_back(Column::of_doubles(input.column(i).name(), std::move(filled[i])));
  }
  return Frame(input.rows(), std::move(columns));
}

}  // namespace clairscore
