// SimpleImputer, MissingIndicator and KNNImputer.

#include "transform/imputer.h"

#include <cmath>
#include <memory>
#include <utility>

#include "sklearn/objects.h"
#include "sklearn/readers.h"
#include "sklearn/tree_records.h"
#include "transform/columnwise.h"

namespace clairscore::sklearn {

namespace {

/// What is known of the columns, without saying that they hold numbers.
Result<ReadTransformer> read_columns(const Value& object, ReadContext& context,
                                     InputUse::Type type) {
  ASSIGN_OR_RETURN(ReadEstimator inputs, read_numeric_inputs(object, context));
  RETURN_IF_ERROR(context.spend(inputs.inputs.size() * 128, object));
  ReadTransformer read;
  read.input_names = std::move(inputs.input_names);
  read.inputs = std::move(inputs.inputs);
  for (InputUse& use : read.inputs) use.type = type;
  return read;
}

Result<MissingMark> read_missing_mark(const Value& object) {
  MissingMark mark;
  const auto value = object.attribute("missing_values");
  if (!value || value->is_none() || value->is_global("pandas._libs.missing", "NA")) return mark;
  if (const auto text = value->string()) {
    mark.text = std::string(*text);
    return mark;
  }
  // pandas.NA is an object made by a call.
  if (value->qualified_name() == "pandas._libs.missing._create_NA") return mark;
  ASSIGN_OR_RETURN(const double number, pickle::to_double(*value));
  if (!std::isnan(number)) mark.number = number;
  return mark;
}

Result<std::vector<std::size_t>> indicated_columns(const Value& indicator, std::size_t count) {
  ASSIGN_OR_RETURN(const Value features, required(indicator, "features_"));
  return indices(features, count);
}

/// Appends the columns of indicator_, which tell where cells were missing.
Result<void> add_indicator(const Value& object, const MissingMark& mark, ReadTransformer& read) {
  const auto indicator = present(object, "indicator_");
  if (!indicator) return {};
  ASSIGN_OR_RETURN(std::vector<std::size_t> columns,
                   indicated_columns(*indicator, read.inputs.size()));
  std::vector<Union::Part> parts;
  parts.push_back({"values", std::move(read.transformer), "", 1});
  parts.push_back(
      {"indicator",
       std::make_shared<const MissingIndicator>(mark, std::move(columns), read.inputs.size()), "",
       1});
  read.transformer = std::make_shared<const Union>(std::move(parts));
  return {};
}

}  // namespace

Result<ReadTransformer> read_simple_imputer(const Value& object, ReadContext& context) {
  ASSIGN_OR_RETURN(ReadTransformer read, read_columns(object, context, InputUse::Type::kAny));
  const std::size_t count = read.inputs.size();
  ASSIGN_OR_RETURN(const MissingMark mark, read_missing_mark(object));
  ASSIGN_OR_RETURN(const std::string strategy, text_attribute(object, "strategy", "mean"));
  ASSIGN_OR_RETURN(const bool keep, bool_attribute(object, "keep_empty_features", false));
  ASSIGN_OR_RETURN(const Value attribute, required(object, "statistics_"));
  ASSIGN_OR_RETURN(const std::vector<pickle::Label> statistics, pickle::to_labels(attribute));
  if (statistics.size() != count) {
    return ReadContext::refuse(attribute, ErrorCode::kInput,
                               "SimpleImputer: " + std::to_string(statistics.size()) +
                                   " values for " + std::to_string(count) + " columns",
                               "one a column");
  }
  std::vector<Imputer::Fill> fills;
  for (std::size_t i = 0; i < count; ++i) {
    Imputer::Fill fill;
    const pickle::Label& value = statistics[i];
    switch (value.kind) {
      case pickle::Label::Kind::kText:
        fill.text = value.text;
        break;
      case pickle::Label::Kind::kInteger:
      case pickle::Label::Kind::kBoolean:
        fill.number = static_cast<double>(value.integer);
        break;
      case pickle::Label::Kind::kFloat:
        fill.number = value.number;
        break;
      case pickle::Label::Kind::kNone:
      case pickle::Label::Kind::kNan:
        // A column without any value: it does not come out, unless a constant replaces it.
        fill.number = std::nan("");
        fill.removed = strategy != "constant" && !keep;
        break;
    }
    if (value.kind == pickle::Label::Kind::kText) {
      read.inputs[i].type = InputUse::Type::kText;
    } else if (strategy == "mean" || strategy == "median") {
      read.inputs[i].type = InputUse::Type::kNumber;
    }
    fills.push_back(std::move(fill));
  }
  read.transformer = std::make_shared<const Imputer>(mark, std::move(fills));
  RETURN_IF_ERROR(add_indicator(object, mark, read));
  return read;
}

Result<ReadTransformer> read_missing_indicator(const Value& object, ReadContext& context) {
  ASSIGN_OR_RETURN(ReadTransformer read, read_columns(object, context, InputUse::Type::kAny));
  ASSIGN_OR_RETURN(const MissingMark mark, read_missing_mark(object));
  ASSIGN_OR_RETURN(std::vector<std::size_t> columns, indicated_columns(object, read.inputs.size()));
  read.transformer =
      std::make_shared<const MissingIndicator>(mark, std::move(columns), read.inputs.size());
  return read;
}

Result<ReadTransformer> read_knn_imputer(const Value& object, ReadContext& context) {
  ASSIGN_OR_RETURN(ReadTransformer read, read_columns(object, context, InputUse::Type::kNumber));
  const std::size_t count = read.inputs.size();
  NearestImputer::Parts parts;
  ASSIGN_OR_RETURN(parts.mark, read_missing_mark(object));
  ASSIGN_OR_RETURN(const Value neighbors, required(object, "n_neighbors"));
  ASSIGN_OR_RETURN(const std::int64_t nearest, pickle::to_integer(neighbors));
  ASSIGN_OR_RETURN(const std::string weights, text_attribute(object, "weights", "uniform"));
  ASSIGN_OR_RETURN(const std::string metric, text_attribute(object, "metric", "nan_euclidean"));
  ASSIGN_OR_RETURN(const bool keep, bool_attribute(object, "keep_empty_features", false));
  if (nearest < 1 || metric != "nan_euclidean" || (weights != "uniform" && weights != "distance")) {
    return ReadContext::refuse(
        object, ErrorCode::kUnsupported,
        "KNNImputer with metric '" + metric + "' and weights '" + weights + "'",
        "nan_euclidean, uniform or distance");
  }
  parts.neighbors = static_cast<std::size_t>(nearest);
  parts.by_distance = weights == "distance";
  ASSIGN_OR_RETURN(const Value fitted, required(object, "_fit_X"));
  ASSIGN_OR_RETURN(const pickle::NdArray array, pickle::read_ndarray(fitted));
  if (array.shape.size() != 2 || array.shape[1] != count) {
    return ReadContext::refuse(fitted, ErrorCode::kInput, "KNNImputer: rows of another width");
  }
  RETURN_IF_ERROR(context.spend(array.size() * 2 * sizeof(double), fitted));
  ASSIGN_OR_RETURN(const std::vector<double> cells, pickle::to_doubles(fitted));
  const std::size_t rows = array.shape[0];
  parts.donors.assign(count, std::vector<double>(rows));
  for (std::size_t i = 0; i < count; ++i) {
    double sum = 0;
    std::size_t known = 0;
    for (std::size_t r = 0; r < rows; ++r) {
      double cell = cells[r * count + i];
      if (parts.mark.number && cell == *parts.mark.number) cell = std::nan("");
      parts.donors[i][r] = cell;
      if (std::isnan(cell)) continue;
      sum += cell;
      ++known;
    }
    parts.removed.push_back(known == 0 && !keep);
    parts.means.push_back(known == 0 ? 0 : sum / static_cast<double>(known));
  }
  const MissingMark mark = parts.mark;
  read.transformer = std::make_shared<const NearestImputer>(std::move(parts));
  RETURN_IF_ERROR(add_indicator(object, mark, read));
  return read;
}

}  // namespace clairscore::sklearn
