// The encoders of the package category_encoders: Ordinal, OneHot, Target, WOE, CatBoost and Count.

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>
#include <utility>

#include "sklearn/encoder_tables.h"
#include "sklearn/pandas_objects.h"

namespace clairscore::sklearn {

namespace {

using pickle::Label;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// Versions 2.3 and 2.4 answer differently with some options and save the same; what 2.5 and later
/// save tells that it is theirs.
Result<void> check_new_enough(const Value& object, const std::string& option) {
  if (object.attribute("invariant_cols")) return {};
  return ReadContext::refuse(object, ErrorCode::kUnsupported,
                             short_class_name(object) + " with " + option +
                                 ", of a version of category_encoders that it does not tell",
                             "one of category_encoders 2.5 or later");
}

/// An entry of a dict by column, else `fallback`.
Result<CellPolicy> policy_of_column(const Value& object, std::string_view by_column,
                                    std::string_view fallback, const std::string& column) {
  if (const auto all = present(object, by_column)) {
    for (std::size_t i = 0; i < all->entry_count(); ++i) {
      const auto [key, value] = all->entry(i);
      ASSIGN_OR_RETURN(const std::string name, column_name(key));
      if (name == column) return policy_of(object, by_column, value);
    }
  }
  return read_policy(object, fallback);
}

/// The codes of the column that a table of values is for.
Result<const OrdinalColumn*> column_of(const NamedMapping& table,
                                       const std::vector<OrdinalColumn>& columns) {
  const auto found = std::find_if(columns.begin(), columns.end(), [&](const auto& candidate) {
    return candidate.name == table.column;
  });
  if (found != columns.end()) return &*found;
  return ReadContext::refuse(table.mapping, ErrorCode::kInput,
                             "values for a column without codes: " + table.column);
}

}  // namespace

Result<ReadTransformer> read_plain_ordinal_encoder(const Value& object, ReadContext& context) {
  ASSIGN_OR_RETURN(const std::vector<OrdinalColumn> columns, read_ordinal(object, context));
  ColumnCodes codes;
  for (const OrdinalColumn& column : columns) {
    codes.emplace(column.name, through_codes(column, {}, {}, [](double code) {
                    return std::vector<double>{code};
                  }));
  }
  return finish_encoder(object, std::move(codes), context);
}

Result<ReadTransformer> read_target_or_woe_encoder(const Value& object, ReadContext& context) {
  ASSIGN_OR_RETURN(const CellPolicy unknown, read_policy(object, "handle_unknown"));
  ASSIGN_OR_RETURN(const CellPolicy missing, read_policy(object, "handle_missing"));
  ASSIGN_OR_RETURN(const Value inner, required(object, "ordinal_encoder"));
  ASSIGN_OR_RETURN(const std::vector<OrdinalColumn> columns, read_ordinal(inner, context));
  ASSIGN_OR_RETURN(const std::vector<NamedMapping> tables, read_column_tables(object));
  ColumnCodes codes;
  for (const NamedMapping& table : tables) {
    ASSIGN_OR_RETURN(const OrdinalColumn* const column, column_of(table, columns));
    ASSIGN_OR_RETURN(const Series series, read_series(table.mapping, context));
    std::unordered_map<std::int64_t, double> by_code;
    for (std::size_t i = 0; i < series.index.size(); ++i) {
      const Label& label = series.index[i];
      const bool whole = label.kind == Label::Kind::kInteger || label.kind == Label::Kind::kFloat;
      if (!whole) {
        return ReadContext::refuse(table.mapping, ErrorCode::kInput, "a code that is no number");
      }
      by_code[label.kind == Label::Kind::kInteger ? label.integer
                                                  : static_cast<std::int64_t>(label.number)] =
          series.values[i];
    }
    codes.emplace(table.column, through_codes(*column, unknown, missing, [&](double code) {
                    const auto found = std::isnan(code)
                                           ? by_code.end()
                                           : by_code.find(static_cast<std::int64_t>(code));
                    return std::vector<double>{found == by_code.end() ? kNan : found->second};
                  }));
  }
  return finish_encoder(object, std::move(codes), context);
}

Result<ReadTransformer> read_plain_one_hot_encoder(const Value& object, ReadContext& context) {
  ASSIGN_OR_RETURN(const CellPolicy unknown, read_policy(object, "handle_unknown"));
  ASSIGN_OR_RETURN(const CellPolicy missing, read_policy(object, "handle_missing"));
  ASSIGN_OR_RETURN(const Value inner, required(object, "ordinal_encoder"));
  ASSIGN_OR_RETURN(const std::vector<OrdinalColumn> columns, read_ordinal(inner, context));
  if (missing.way == "indicator") {
    RETURN_IF_ERROR(check_new_enough(object, "handle_missing 'indicator'"));
  }
  ASSIGN_OR_RETURN(const std::vector<NamedMapping> tables, read_mappings(object));
  ColumnCodes codes;
  for (const NamedMapping& table : tables) {
    ASSIGN_OR_RETURN(const OrdinalColumn* const column, column_of(table, columns));
    ASSIGN_OR_RETURN(const DataTable cells, read_data_table(table.mapping, context));
    const std::size_t width = cells.columns.size();
    std::unordered_map<std::int64_t, std::size_t> row_of;
    for (std::size_t r = 0; r < cells.index.size(); ++r) {
      const Label& label = cells.index[r];
      const double number =
          label.kind == Label::Kind::kInteger ? static_cast<double>(label.integer) : label.number;
      row_of.emplace(static_cast<std::int64_t>(number), r);
    }
    RETURN_IF_ERROR(
        context.spend((column->codes.codes.size() + 2) * width * sizeof(double), object));
    ColumnCode code = through_codes(*column, unknown, missing, [&](double value) {
      const auto of = std::isnan(value) ? kMissingCode : static_cast<std::int64_t>(value);
      const auto row = row_of.find(of);
      std::vector<double> values(width, kNan);
      if (row == row_of.end()) return values;
      for (std::size_t c = 0; c < width; ++c) values[c] = cells.cells[row->second * width + c];
      return values;
    });
    code.names = cells.columns;
    codes.emplace(table.column, std::move(code));
  }
  return finish_encoder(object, std::move(codes), context);
}

Result<ReadTransformer> read_cat_boost_encoder(const Value& object, ReadContext& context) {
  ASSIGN_OR_RETURN(const CellPolicy unknown, read_policy(object, "handle_unknown"));
  ASSIGN_OR_RETURN(const CellPolicy missing, read_policy(object, "handle_missing"));
  ASSIGN_OR_RETURN(const Value mean_attribute, required(object, "_mean"));
  ASSIGN_OR_RETURN(const double mean, pickle::to_double(mean_attribute));
  ASSIGN_OR_RETURN(const Value weight_attribute, required(object, "a"));
  ASSIGN_OR_RETURN(const double weight, pickle::to_double(weight_attribute));
  if (weight != 1) RETURN_IF_ERROR(check_new_enough(object, "a other than 1"));
  ASSIGN_OR_RETURN(const std::vector<NamedMapping> tables, read_column_tables(object));
  ColumnCodes codes;
  for (const NamedMapping& table : tables) {
    ASSIGN_OR_RETURN(const DataTable cells, read_data_table(table.mapping, context));
    if (cells.columns != std::vector<std::string>{"sum", "count"}) {
      return ReadContext::refuse(table.mapping, ErrorCode::kInput,
                                 "CatBoostEncoder: a table of other columns", "sum and count");
    }
    ColumnCode code;
    const bool nan_for_missing = missing.way == "return_nan";
    code.missing = std::vector<double>{nan_for_missing ? kNan : mean};
    for (std::size_t i = 0; i < cells.index.size(); ++i) {
      const double sum = cells.cells[2 * i];
      const double count = cells.cells[2 * i + 1];
      const double value = count > 1 ? (sum + mean * weight) / (count + weight) : mean;
      if (is_missing(cells.index[i])) {
        if (!nan_for_missing) code.missing = std::vector<double>{value};
        continue;
      }
      code.categories.push_back(cells.index[i]);
      code.values.emplace_back(std::vector<double>{value});
    }
    if (missing.way == "error") code.missing = std::nullopt;
    if (unknown.way != "error") {
      code.unknown = std::vector<double>{unknown.way == "return_nan" ? kNan
                                         : unknown.number            ? *unknown.number
                                                                     : mean};
    }
    codes.emplace(table.column, std::move(code));
  }
  return finish_encoder(object, std::move(codes), context);
}

Result<ReadTransformer> read_count_encoder(const Value& object, ReadContext& context) {
  ASSIGN_OR_RETURN(const std::vector<NamedMapping> tables, read_column_tables(object));
  ColumnCodes codes;
  for (const NamedMapping& table : tables) {
    ASSIGN_OR_RETURN(const CellPolicy unknown,
                     policy_of_column(object, "_handle_unknown", "handle_unknown", table.column));
    ASSIGN_OR_RETURN(const CellPolicy missing,
                     policy_of_column(object, "_handle_missing", "handle_missing", table.column));
    ASSIGN_OR_RETURN(const Series series, read_series(table.mapping, context));
    // What has no count: unknown categories, and missing cells where training showed none.
    double without = kNan;
    if (unknown.number) without = *unknown.number;
    if (unknown.way == "value" && missing.way != "return_nan") without = 0;
    ColumnCode code;
    double of_missing = kNan;
    for (std::size_t i = 0; i < series.index.size(); ++i) {
      if (is_missing(series.index[i])) {
        of_missing = series.values[i];
        continue;
      }
      code.categories.push_back(series.index[i]);
      code.values.emplace_back(std::vector<double>{series.values[i]});
    }
    const bool refused = unknown.way == "error";
    if (!refused) code.unknown = std::vector<double>{without};
    code.missing = std::vector<double>{std::isnan(of_missing) ? without : of_missing};
    if (missing.way == "error" || (refused && std::isnan(of_missing))) code.missing = std::nullopt;
    if (const auto groups = present(object, "_min_group_categories")) {
      for (std::size_t i = 0; i < groups->entry_count(); ++i) {
        const auto [key, members] = groups->entry(i);
        ASSIGN_OR_RETURN(const std::string name, column_name(key));
        if (name == table.column) RETURN_IF_ERROR(add_group_members(object, members, code));
      }
    }
    codes.emplace(table.column, std::move(code));
  }
  return finish_encoder(object, std::move(codes), context);
}

}  // namespace clairscore::sklearn
