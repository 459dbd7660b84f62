// Transformers that choose columns or make new ones: selectors, principal components, polynomials,
// unions.

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>
#include <utility>

#include "sklearn/decision_trees.h"
#include "sklearn/objects.h"
#include "sklearn/readers.h"
#include "sklearn/registry.h"
#include "sklearn/tree_records.h"
#include "transform/columnwise.h"

namespace clairscore::sklearn {

namespace {

/// Products that a PolynomialFeatures may make.
constexpr std::size_t kMaxProducts = 100'000;

Result<ReadTransformer> read_columns(const Value& object, ReadContext& context) {
  ASSIGN_OR_RETURN(ReadEstimator inputs, read_numeric_inputs(object, context));
  RETURN_IF_ERROR(context.spend(inputs.inputs.size() * 64, object));
  ReadTransformer read;
  read.input_names = std::move(inputs.input_names);
  read.inputs = std::move(inputs.inputs);
  return read;
}

Result<ReadTransformer> subset(const Value& object, const std::vector<bool>& mask,
                               ReadContext& context) {
  ASSIGN_OR_RETURN(ReadTransformer read, read_columns(object, context));
  if (mask.size() != read.inputs.size()) {
    return ReadContext::refuse(object, ErrorCode::kInput,
                               short_class_name(object) + ": a choice among " +
                                   std::to_string(mask.size()) + " of " +
                                   std::to_string(read.inputs.size()) + " columns");
  }
  // What is dropped may hold anything.
  std::vector<std::size_t> columns;
  for (std::size_t i = 0; i < mask.size(); ++i) {
    if (mask[i]) columns.push_back(i);
  }
  ASSIGN_OR_RETURN(read.transformer, ColumnSubset::build(std::move(columns), mask.size()));
  return read;
}

Result<std::vector<double>> numbers_of(const Value& object, std::string_view attribute) {
  ASSIGN_OR_RETURN(const Value value, required(object, attribute));
  return pickle::to_doubles(value);
}

Result<double> number_of(const Value& object, std::string_view attribute) {
  ASSIGN_OR_RETURN(const Value value, required(object, attribute));
  return pickle::to_double(value);
}

/// Scores with NaN made the lowest of all.
std::vector<double> without_nan(std::vector<double> scores) {
  for (double& score : scores) {
    if (std::isnan(score)) score = std::numeric_limits<double>::lowest();
  }
  return scores;
}

/// The k highest scores; among equal ones the last.
std::vector<bool> best(const std::vector<double>& scores, std::size_t k) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return scores[a] < scores[b]; });
  std::vector<bool> mask(scores.size(), false);
  for (std::size_t i = order.size() - std::min(k, order.size()); i < order.size(); ++i) {
    mask[order[i]] = true;
  }
  return mask;
}

/// Impurity decreases of a decision tree, summing to 1: its feature_importances_.
Result<std::vector<double>> importances_of_tree(const Value& estimator, std::size_t features) {
  ASSIGN_OR_RETURN(const Value tree, required(estimator, "tree_"));
  ASSIGN_OR_RETURN(const Value attribute, required(tree, "nodes"));
  ASSIGN_OR_RETURN(const pickle::NdArray nodes, pickle::read_ndarray(attribute));
  const auto field = [&](std::string_view name) { return field_reader(nodes, attribute, name); };
  ASSIGN_OR_RETURN(const FieldReader left, field("left_child"));
  ASSIGN_OR_RETURN(const FieldReader right, field("right_child"));
  ASSIGN_OR_RETURN(const FieldReader feature, field("feature"));
  ASSIGN_OR_RETURN(const FieldReader impurity, field("impurity"));
  ASSIGN_OR_RETURN(const FieldReader cover, field("weighted_n_node_samples"));
  const auto size = static_cast<double>(nodes.size());
  std::vector<double> importances(features, 0.0);
  for (std::size_t n = 0; n < nodes.size(); ++n) {
    if (left[n] == -1) continue;
    ASSIGN_OR_RETURN(const std::uint32_t f,
                     whole(feature[n], static_cast<double>(features), "feature", attribute));
    ASSIGN_OR_RETURN(const std::uint32_t l, whole(left[n], size, "left child", attribute));
    ASSIGN_OR_RETURN(const std::uint32_t r, whole(right[n], size, "right child", attribute));
    importances[f] += cover[n] * impurity[n] - cover[l] * impurity[l] - cover[r] * impurity[r];
  }
  const double total = std::accumulate(importances.begin(), importances.end(), 0.0);
  for (double& importance : importances) importance = total > 0 ? importance / total : 0;
  return importances;
}

/// What SelectFromModel compares with its threshold: sizes of coefficients, or importances.
Result<std::vector<double>> importances_of(const Value& estimator, std::size_t features,
                                           ReadContext& context) {
  if (const auto coefficients = present(estimator, "coef_")) {
    ASSIGN_OR_RETURN(const std::vector<double> values, pickle::to_doubles(*coefficients));
    if (features == 0 || values.size() % features != 0) {
      return ReadContext::refuse(*coefficients, ErrorCode::kInput,
                                 "coefficients of other features");
    }
    std::vector<double> sizes(features, 0.0);
    for (std::size_t i = 0; i < values.size(); ++i) sizes[i % features] += std::fabs(values[i]);
    return sizes;
  }
  if (is_decision_tree(estimator)) return importances_of_tree(estimator, features);
  const std::string name = short_class_name(estimator);
  if (name.starts_with("RandomForest") || name.starts_with("ExtraTrees")) {
    ASSIGN_OR_RETURN(const Value attribute, required(estimator, "estimators_"));
    ASSIGN_OR_RETURN(const std::vector<Value> trees, elements(attribute));
    std::vector<double> sums(features, 0.0);
    std::size_t counted = 0;
    for (const Value& tree : trees) {
      RETURN_IF_ERROR(context.spend(features * sizeof(double), tree));
      ASSIGN_OR_RETURN(const std::vector<double> own, importances_of_tree(tree, features));
      // Trees of one leaf do not count.
      if (std::all_of(own.begin(), own.end(), [](double v) { return v == 0; })) continue;
      ++counted;
      for (std::size_t f = 0; f < features; ++f) sums[f] += own[f];
    }
    double total = 0;
    for (double& sum : sums) {
      if (counted > 0) sum /= static_cast<double>(counted);
      total += sum;
    }
    for (double& sum : sums) sum = total > 0 ? sum / total : 0;
    return sums;
  }
  return ReadContext::refuse(estimator, ErrorCode::kUnsupported,
                             "SelectFromModel by the importances of " + describe(estimator),
                             "a linear model, a decision tree or a forest");
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

/// threshold of a SelectFromModel: a number, "mean", "median", "1.25*mean", or by the estimator.
Result<double> read_importance_threshold(const Value& object, const Value& estimator,
                                         const std::vector<double>& importances) {
  const double mean = std::accumulate(importances.begin(), importances.end(), 0.0) /
                      static_cast<double>(importances.size());
  const auto attribute = present(object, "threshold");
  if (!attribute) {
    const std::string name = short_class_name(estimator);
    const auto penalty = estimator.attribute("penalty");
    const auto ratio = present(estimator, "l1_ratio");
    const auto share = ratio ? ratio->number() : std::nullopt;
    const bool sparse = (penalty && penalty->string() == "l1") || name.starts_with("Lasso") ||
                        (share && *share == 1 && name != "SGDClassifier");
    return sparse ? 1e-5 : mean;
  }
  const auto text = attribute->string();
  if (!text) return pickle::to_double(*attribute);
  std::string_view reference = *text;
  double scale = 1;
  if (const std::size_t star = reference.find('*'); star != std::string_view::npos) {
    std::string factor(reference.substr(0, star));
    while (!factor.empty() && factor.back() == ' ') factor.pop_back();
    scale = std::strtod(factor.c_str(), nullptr);
    reference.remove_prefix(star + 1);
    while (!reference.empty() && reference.front() == ' ') reference.remove_prefix(1);
  }
  if (reference == "mean") return scale * mean;
  if (reference == "median") return scale * median(importances);
  return refuse_attribute(ErrorCode::kUnsupported, object, "threshold", *attribute,
                          "a number, 'mean', 'median', or a multiple of one of them");
}

/// Combinations of `degree` columns in lexicographic order, repeated ones unless interaction_only.
void add_combinations(std::size_t columns, std::size_t degree, bool repeat,
                      std::vector<std::vector<std::size_t>>& factors) {
  std::vector<std::size_t> chosen(degree);
  for (std::size_t i = 0; i < degree; ++i) chosen[i] = repeat ? 0 : i;
  if (!repeat && degree > columns) return;
  while (factors.size() <= kMaxProducts) {
    factors.push_back(chosen);
    std::size_t i = degree;
    while (i > 0 && chosen[i - 1] == (repeat ? columns - 1 : columns - degree + i - 1)) --i;
    if (i == 0) return;
    ++chosen[i - 1];
    for (std::size_t j = i; j < degree; ++j) chosen[j] = chosen[j - 1] + (repeat ? 0 : 1);
  }
}

}  // namespace

Result<ReadTransformer> read_supported_columns(const Value& object, ReadContext& context) {
  // RFE, RFECV, SequentialFeatureSelector: the choice is kept.
  const auto attribute = present(object, "support_");
  Result<Value> value = attribute ? Result<Value>(*attribute) : required(object, "support_");
  if (!attribute && present(object, "best_mask_")) value = *present(object, "best_mask_");
  if (!value) return fail(std::move(value.error()));
  ASSIGN_OR_RETURN(const std::vector<double> support, pickle::to_doubles(*value));
  std::vector<bool> mask;
  for (const double chosen : support) mask.push_back(chosen != 0);
  return subset(object, mask, context);
}

Result<ReadTransformer> read_variance_threshold(const Value& object, ReadContext& context) {
  ASSIGN_OR_RETURN(const std::vector<double> variances, numbers_of(object, "variances_"));
  ASSIGN_OR_RETURN(const double threshold, number_of(object, "threshold"));
  std::vector<bool> mask;
  for (const double variance : variances) mask.push_back(variance > threshold);
  return subset(object, mask, context);
}

Result<ReadTransformer> read_univariate_selection(const Value& object, ReadContext& context) {
  const std::string name = short_class_name(object);
  if (name == "SelectFpr" || name == "SelectFwe" || name == "SelectFdr") {
    ASSIGN_OR_RETURN(const std::vector<double> p, numbers_of(object, "pvalues_"));
    ASSIGN_OR_RETURN(const double alpha, number_of(object, "alpha"));
    const auto count = static_cast<double>(p.size());
    double limit = name == "SelectFwe" ? alpha / count : alpha;
    bool included = false;
    if (name == "SelectFdr") {
      std::vector<double> sorted = p;
      std::sort(sorted.begin(), sorted.end());
      limit = -1;
      for (std::size_t i = 0; i < sorted.size(); ++i) {
        if (sorted[i] <= alpha / count * static_cast<double>(i + 1)) limit = sorted[i];
      }
      included = true;
    }
    std::vector<bool> mask;
    for (const double value : p) mask.push_back(included ? value <= limit : value < limit);
    return subset(object, mask, context);
  }
  ASSIGN_OR_RETURN(std::vector<double> scores, numbers_of(object, "scores_"));
  scores = without_nan(std::move(scores));
  if (name == "SelectKBest") {
    const auto k = object.attribute("k");
    if (k && k->string() == "all") {
      return subset(object, std::vector<bool>(scores.size(), true), context);
    }
    ASSIGN_OR_RETURN(const double count, number_of(object, "k"));
    return subset(object, best(scores, count > 0 ? static_cast<std::size_t>(count) : 0), context);
  }
  // SelectPercentile.
  ASSIGN_OR_RETURN(const double percentile, number_of(object, "percentile"));
  if (percentile >= 100 || scores.empty()) {
    return subset(object, std::vector<bool>(scores.size(), true), context);
  }
  if (percentile <= 0) {
    return subset(object, std::vector<bool>(scores.size(), false), context);
  }
  std::vector<double> sorted = scores;
  std::sort(sorted.begin(), sorted.end());
  const double place = (100 - percentile) / 100 * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  const double threshold =
      sorted[below] + (sorted[above] - sorted[below]) * (place - static_cast<double>(below));
  std::vector<bool> mask;
  std::size_t chosen = 0;
  for (const double score : scores) {
    mask.push_back(score > threshold);
    chosen += mask.back() ? 1 : 0;
  }
  const auto most = static_cast<std::size_t>(static_cast<double>(scores.size()) * percentile / 100);
  for (std::size_t i = 0; i < scores.size() && chosen < most; ++i) {
    if (scores[i] != threshold) continue;
    mask[i] = true;
    ++chosen;
  }
  return subset(object, mask, context);
}

Result<ReadTransformer> read_select_from_model(const Value& object, ReadContext& context) {
  ASSIGN_OR_RETURN(const Value estimator,
                   required(object, present(object, "estimator_") ? "estimator_" : "estimator"));
  ASSIGN_OR_RETURN(const auto own, feature_count(object));
  ASSIGN_OR_RETURN(const auto inner, feature_count(estimator));
  const std::size_t features = own ? *own : inner.value_or(0);
  if (const auto getter = present(object, "importance_getter");
      getter && getter->string() != "auto") {
    return refuse_attribute(ErrorCode::kUnsupported, object, "importance_getter", *getter,
                            "'auto'");
  }
  RETURN_IF_ERROR(context.spend(features * 64, object));
  ASSIGN_OR_RETURN(const std::vector<double> importances,
                   importances_of(estimator, features, context));
  if (importances.empty()) {
    return ReadContext::refuse(object, ErrorCode::kInput, "SelectFromModel without features");
  }
  ASSIGN_OR_RETURN(const double threshold,
                   read_importance_threshold(object, estimator, importances));
  std::vector<bool> mask(features, true);
  if (const auto most = present(object, "max_features")) {
    const auto fitted = present(object, "max_features_");
    ASSIGN_OR_RETURN(const double count, pickle::to_double(fitted ? *fitted : *most));
    std::vector<double> negated;
    for (const double importance : importances) negated.push_back(-importance);
    std::vector<std::size_t> order(features);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return negated[a] < negated[b]; });
    std::fill(mask.begin(), mask.end(), false);
    for (std::size_t i = 0; i < features && static_cast<double>(i) < count; ++i) {
      mask[order[i]] = true;
    }
  }
  for (std::size_t f = 0; f < features; ++f) mask[f] = mask[f] && !(importances[f] < threshold);
  if (own) return subset(object, mask, context);
  return subset(estimator, mask, context);
}

Result<ReadTransformer> read_components(const Value& object, ReadContext& context) {
  ASSIGN_OR_RETURN(ReadTransformer read, read_columns(object, context));
  const std::size_t count = read.inputs.size();
  LinearMap::Parts parts;
  std::string prefix = short_class_name(object);
  std::transform(prefix.begin(), prefix.end(), prefix.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  parts.prefix = std::move(prefix);
  ASSIGN_OR_RETURN(const Value attribute, required(object, "components_"));
  ASSIGN_OR_RETURN(const pickle::NdArray array, pickle::read_ndarray(attribute));
  RETURN_IF_ERROR(context.spend(array.size() * 64, attribute));
  ASSIGN_OR_RETURN(parts.weights, pickle::to_doubles(attribute));
  if (count == 0 || array.shape.size() != 2 || array.shape[1] != count) {
    return ReadContext::refuse(attribute, ErrorCode::kInput, "components of other columns");
  }
  parts.mean.assign(count, 0.0);
  parts.scale.assign(array.shape[0], 1.0);
  if (parts.prefix != "truncatedsvd" && present(object, "mean_")) {
    ASSIGN_OR_RETURN(parts.mean, numbers_of(object, "mean_"));
  }
  ASSIGN_OR_RETURN(const bool whiten, bool_attribute(object, "whiten", false));
  if (whiten) {
    ASSIGN_OR_RETURN(parts.scale, numbers_of(object, "explained_variance_"));
    for (double& scale : parts.scale) {
      scale = std::max(std::sqrt(scale), std::numeric_limits<double>::epsilon());
    }
  }
  if (parts.mean.size() != count) {
    return ReadContext::refuse(object, ErrorCode::kInput, "means of other columns");
  }
  auto transformer = LinearMap::build(std::move(parts));
  if (!transformer) return at_object(std::move(transformer.error()), object);
  read.transformer = std::move(*transformer);
  read.rows = RowForm::kDense;
  return read;
}

Result<ReadTransformer> read_polynomial_features(const Value& object, ReadContext& context) {
  ASSIGN_OR_RETURN(ReadTransformer read, read_columns(object, context));
  const std::size_t count = read.inputs.size();
  ASSIGN_OR_RETURN(const bool interaction_only, bool_attribute(object, "interaction_only", false));
  ASSIGN_OR_RETURN(const bool bias, bool_attribute(object, "include_bias", true));
  ASSIGN_OR_RETURN(const Value degree, required(object, "degree"));
  double least = 0;
  double most = 0;
  if (degree.kind() == Kind::kTuple || degree.kind() == Kind::kList) {
    ASSIGN_OR_RETURN(const std::vector<double> both, pickle::to_doubles(degree));
    if (both.size() != 2) {
      return refuse_attribute(ErrorCode::kInput, object, "degree", degree, "one or two numbers");
    }
    least = both[0];
    most = both[1];
  } else {
    ASSIGN_OR_RETURN(most, pickle::to_double(degree));
  }
  if (!(most >= 0 && most <= 20 && least >= 0 && least <= most)) {
    return refuse_attribute(ErrorCode::kLimit, object, "degree", degree, "0 to 20");
  }
  std::vector<std::vector<std::size_t>> factors;
  if (bias) factors.emplace_back();
  const auto first = static_cast<std::size_t>(std::max(least, 1.0));
  for (std::size_t d = first; d <= static_cast<std::size_t>(most) && count > 0; ++d) {
    add_combinations(count, d, !interaction_only, factors);
  }
  if (factors.size() > kMaxProducts) {
    return ReadContext::refuse(object, ErrorCode::kLimit, "PolynomialFeatures of too many products",
                               "at most " + std::to_string(kMaxProducts));
  }
  RETURN_IF_ERROR(context.spend(factors.size() * 256, object));
  read.transformer = std::make_shared<const Products>(std::move(factors), count);
  return read;
}

Result<ReadTransformer> read_feature_union(const Value& object, ReadContext& context) {
  ASSIGN_OR_RETURN(const Value attribute, required(object, "transformer_list"));
  ASSIGN_OR_RETURN(const std::vector<Value> entries, elements(attribute));
  ASSIGN_OR_RETURN(const bool prefixed, bool_attribute(object, "verbose_feature_names_out", true));
  const auto weights = present(object, "transformer_weights");
  ReadTransformer read;
  std::vector<Union::Part> parts;
  std::size_t dense = 0;
  for (const Value& entry : entries) {
    const bool pair = entry.kind() == Kind::kTuple && entry.size() == 2;
    const auto name = pair ? entry.at(0).string() : std::nullopt;
    if (!name) {
      return ReadContext::refuse(entry, ErrorCode::kInput,
                                 "FeatureUnion: a part that is " + describe(entry),
                                 "(name, transformer)");
    }
    if (entry.at(1).string() == "drop" || entry.at(1).is_none()) continue;
    ASSIGN_OR_RETURN(ReadTransformer inner, context.in_step(*name, entry, [&] {
      return read_transformer(entry.at(1), context);
    }));
    if (read.input_names.empty()) read.input_names = inner.input_names;
    if (read.inputs.size() < inner.inputs.size()) read.inputs.resize(inner.inputs.size());
    for (std::size_t i = 0; i < inner.inputs.size(); ++i) {
      const InputUse& use = inner.inputs[i];
      if (read.inputs[i].type == InputUse::Type::kAny) read.inputs[i] = use;
    }
    // One sparse part makes the union sparse.
    if (inner.rows == RowForm::kSparse) read.rows = RowForm::kSparse;
    if (inner.rows == RowForm::kDense) ++dense;
    Union::Part part{std::string(*name), std::move(inner.transformer), "", 1};
    if (prefixed) part.prefix = part.name + "__";
    const auto weight = weights ? weights->get(*name) : std::nullopt;
    if (weight && !weight->is_none()) {
      ASSIGN_OR_RETURN(part.weight, pickle::to_double(*weight));
    }
    parts.push_back(std::move(part));
  }
  if (read.rows == RowForm::kAsInput && dense == parts.size()) read.rows = RowForm::kDense;
  read.transformer = std::make_shared<const Union>(std::move(parts));
  return read;
}

}  // namespace clairscore::sklearn
