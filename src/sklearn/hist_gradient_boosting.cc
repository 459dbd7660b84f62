// HistGradientBoostingClassifier and Regressor, scikit-learn 0.24 to 1.9.
//
// Trees are packed records whose layout changed over the versions; fields are found by name in the
// dtype that the file itself holds. From 1.4 on, an estimator with categorical features has a
// _preprocessor that encodes those and puts them first: nodes number the features in that order.
// Here the order is undone, so that features are numbered as the columns given to the estimator,
// and the encoding is kept as an encoder in place.

#include <cmath>
#include <optional>

#include "engine/tree_estimator.h"
#include "model/estimator.h"
#include "sklearn/column_selection.h"
#include "sklearn/objects.h"
#include "sklearn/ordinal_encoder.h"
#include "sklearn/readers.h"
#include "sklearn/tree_records.h"

namespace clairscore::sklearn {

namespace {

using pickle::NdArray;

constexpr std::size_t kCategoryWords = 8;

/// What the columns given to the estimator are to the trees.
struct Features {
  /// By position among the trees' features: the column of the estimator's input.
  std::vector<std::size_t> column_of;
  /// By position among the trees' features: the categories seen in training; empty for numbers.
  std::vector<CategorySet> known;
  std::vector<bool> is_categorical;
};

class Reader {
 public:
  Reader(const Value& object, ReadContext& context) : object_(object), context_(context) {}

  Result<ReadEstimator> read(std::vector<std::string> classes) {
    ASSIGN_OR_RETURN(read_, read_numeric_inputs(object_, context_));
    const std::size_t count = read_.inputs.size();
    RETURN_IF_ERROR(context_.spend(count * sizeof(CategorySet), object_));
    RETURN_IF_ERROR(read_preprocessor());
    RETURN_IF_ERROR(read_known_categories());
    RETURN_IF_ERROR(read_baseline());
    RETURN_IF_ERROR(read_trees());

    parts_.features = count;
    parts_.known_categories.resize(count);
    for (std::size_t f = 0; f < count; ++f) {
      parts_.known_categories[features_.column_of[f]] = features_.known[f];
    }
    auto ensemble = TreeEnsemble::build(std::move(parts_));
    if (!ensemble) return at_object(std::move(ensemble.error()), object_);
    RETURN_IF_ERROR(spend_paths(*ensemble, object_, context_));
    read_.trees = statistics_of(*ensemble);
    auto estimator = make_tree_estimator(
        {short_class_name(object_), std::move(classes), std::move(encoder_), std::move(*ensemble)});
    if (!estimator) return at_object(std::move(estimator.error()), object_);
    read_.estimator = std::move(*estimator);
    return std::move(read_);
  }

 private:
  Result<void> read_preprocessor();
  Result<void> add_encoder(const Value& encoder, const std::vector<std::size_t>& columns);
  Result<void> read_known_categories();
  Result<void> read_baseline();
  Result<void> read_trees();
  Result<void> add_tree(const Value& predictor);
  /// Appends the predictor's sets of categories; the index of its first one.
  Result<std::size_t> add_category_sets(const Value& predictor);

  const Value& object_;
  ReadContext& context_;
  ReadEstimator read_;
  Features features_;
  TransformerPtr encoder_;
  TreeEnsemble::Parts parts_;
};

/// The part "numerical" only checks its columns: partial(check_array, …), or nothing.
bool only_checks(const Value& transformer) {
  if (transformer.string() == "passthrough") return true;
  if (transformer.qualified_name() !=
      "sklearn.preprocessing._function_transformer.FunctionTransformer") {
    return false;
  }
  const auto function = present(transformer, "func");
  if (!function) return true;
  return function->qualified_name() == "functools.partial" && function->arguments().size() > 0 &&
         function->arguments().at(0).is_global("sklearn.utils.validation", "check_array");
}

Result<void> Reader::read_preprocessor() {
  const std::size_t count = read_.inputs.size();
  const auto preprocessor = present(object_, "_preprocessor");
  if (!preprocessor) {
    for (std::size_t i = 0; i < count; ++i) features_.column_of.push_back(i);
    return {};
  }
  ASSIGN_OR_RETURN(const Value transformers, required(*preprocessor, "transformers_"));
  ASSIGN_OR_RETURN(const std::vector<Value> entries, elements(transformers));
  std::vector<bool> taken(count, false);
  for (const Value& entry : entries) {
    const bool triple = entry.kind() == Kind::kTuple && entry.size() == 3;
    if (!triple) {
      return ReadContext::refuse(entry, ErrorCode::kInput,
                                 "_preprocessor: a part that is " + describe(entry),
                                 "(name, transformer, columns)");
    }
    const Value transformer = entry.at(1);
    ASSIGN_OR_RETURN(const std::vector<std::size_t> columns,
                     select_columns(entry.at(2), read_.input_names, count));
    if (columns.empty() || transformer.string() == "drop") continue;
    for (const std::size_t column : columns) {
      if (taken[column]) {
        return ReadContext::refuse(entry, ErrorCode::kInput,
                                   "_preprocessor: column " + std::to_string(column) + " twice",
                                   "each column once");
      }
      taken[column] = true;
      features_.column_of.push_back(column);
    }
    if (only_checks(transformer)) continue;
    if (encoder_ ||
        transformer.qualified_name() != "sklearn.preprocessing._encoders.OrdinalEncoder") {
      return ReadContext::refuse(transformer, ErrorCode::kUnsupported,
                                 "_preprocessor: " + describe(transformer),
                                 "one OrdinalEncoder, and check_array for the other columns");
    }
    RETURN_IF_ERROR(add_encoder(transformer, columns));
  }
  if (features_.column_of.size() != count) {
    return ReadContext::refuse(*preprocessor, ErrorCode::kInput,
                               "_preprocessor: " + std::to_string(features_.column_of.size()) +
                                   " of " + std::to_string(count) + " columns",
                               "every column once");
  }
  return {};
}

Result<void> Reader::add_encoder(const Value& encoder, const std::vector<std::size_t>& columns) {
  ASSIGN_OR_RETURN(OrdinalTables tables, read_ordinal_tables(encoder, context_));
  if (tables.columns.size() != columns.size()) {
    return ReadContext::refuse(encoder, ErrorCode::kInput,
                               "_preprocessor: an OrdinalEncoder of " +
                                   std::to_string(tables.columns.size()) + " columns for " +
                                   std::to_string(columns.size()));
  }
  std::vector<std::optional<LookupEncoder::InputColumn>> all(read_.inputs.size());
  for (std::size_t i = 0; i < columns.size(); ++i) {
    all[columns[i]] = std::move(tables.columns[i]);
    read_.inputs[columns[i]] = std::move(tables.inputs[i]);
  }
  ASSIGN_OR_RETURN(encoder_, LookupEncoder::build(std::move(all)));
  return {};
}

Result<void> Reader::read_known_categories() {
  const std::size_t count = read_.inputs.size();
  features_.known.resize(count);
  features_.is_categorical.assign(count, false);
  ASSIGN_OR_RETURN(const Value mapper, required(object_, "_bin_mapper"));
  ASSIGN_OR_RETURN(const Value mask_attribute, required(mapper, "is_categorical_"));
  ASSIGN_OR_RETURN(const std::vector<double> mask, pickle::to_doubles(mask_attribute));
  ASSIGN_OR_RETURN(const Value thresholds_attribute, required(mapper, "bin_thresholds_"));
  ASSIGN_OR_RETURN(const std::vector<Value> thresholds, elements(thresholds_attribute));
  if (mask.size() != count || thresholds.size() != count) {
    return ReadContext::refuse(mapper, ErrorCode::kInput,
                               "_BinMapper: " + std::to_string(thresholds.size()) +
                                   " columns for " + std::to_string(count) + " features");
  }
  for (std::size_t f = 0; f < count; ++f) {
    if (mask[f] == 0) continue;
    features_.is_categorical[f] = true;
    ASSIGN_OR_RETURN(const std::vector<double> categories, pickle::to_doubles(thresholds[f]));
    for (const double category : categories) {
      if (std::isnan(category) || category < 0 || category > 255) {
        return ReadContext::refuse(thresholds[f], ErrorCode::kInput,
                                   "_BinMapper: a category that is out of range", "0 to 255");
      }
      features_.known[f].insert(static_cast<std::uint8_t>(category));
    }
  }
  return {};
}

Result<void> Reader::read_baseline() {
  ASSIGN_OR_RETURN(const Value baseline, required(object_, "_baseline_prediction"));
  if (pickle::is_ndarray(baseline)) {
    ASSIGN_OR_RETURN(const NdArray array, pickle::read_ndarray(baseline));
    if (array.dtype.kind == 'f' && array.dtype.item_size != 8) {
      // scikit-learn would then add the leaves up in that type.
      return ReadContext::refuse(baseline, ErrorCode::kUnsupported,
                                 "_baseline_prediction is not of float64", "float64");
    }
    ASSIGN_OR_RETURN(parts_.baseline, pickle::to_doubles(baseline));
  } else {
    ASSIGN_OR_RETURN(const double value, pickle::to_double(baseline));
    parts_.baseline = {value};
  }
  for (const double value : parts_.baseline) {
    if (!std::isfinite(value)) {
      return ReadContext::refuse(baseline, ErrorCode::kInput, "_baseline_prediction is not finite",
                                 "a finite number");
    }
  }
  return {};
}

Result<void> Reader::read_trees() {
  ASSIGN_OR_RETURN(const Value attribute, required(object_, "_predictors"));
  ASSIGN_OR_RETURN(const std::vector<Value> iterations, elements(attribute));
  for (const Value& iteration : iterations) {
    ASSIGN_OR_RETURN(const std::vector<Value> predictors, elements(iteration));
    if (predictors.size() != parts_.baseline.size()) {
      return ReadContext::refuse(iteration, ErrorCode::kInput,
                                 std::to_string(predictors.size()) + " trees in an iteration",
                                 std::to_string(parts_.baseline.size()));
    }
    for (const Value& predictor : predictors) RETURN_IF_ERROR(add_tree(predictor));
  }
  return {};
}

Result<std::size_t> Reader::add_category_sets(const Value& predictor) {
  const std::size_t first = parts_.category_sets.size();
  const auto attribute = present(predictor, "raw_left_cat_bitsets");
  if (!attribute) return first;
  ASSIGN_OR_RETURN(const NdArray array, pickle::read_ndarray(*attribute));
  if (array.shape.size() != 2 || array.shape[1] != kCategoryWords || array.dtype.kind != 'u' ||
      array.dtype.item_size != sizeof(std::uint32_t)) {
    return ReadContext::refuse(*attribute, ErrorCode::kInput,
                               "raw_left_cat_bitsets is not rows of 8 uint32");
  }
  RETURN_IF_ERROR(context_.spend(array.shape[0] * 3 * sizeof(CategorySet), *attribute));
  ASSIGN_OR_RETURN(const std::vector<double> words, pickle::to_doubles(*attribute));
  for (std::size_t row = 0; row < array.shape[0]; ++row) {
    CategorySet& set = parts_.category_sets.emplace_back();
    for (std::size_t w = 0; w < kCategoryWords; ++w) {
      set.words[w] = static_cast<std::uint32_t>(words[row * kCategoryWords + w]);
    }
  }
  return first;
}

Result<void> Reader::add_tree(const Value& predictor) {
  ASSIGN_OR_RETURN(const Value attribute, required(predictor, "nodes"));
  ASSIGN_OR_RETURN(const NdArray nodes, pickle::read_ndarray(attribute));
  const std::size_t size = nodes.size();
  if (nodes.shape.size() != 1 || nodes.dtype.fields.empty()) {
    return ReadContext::refuse(attribute, ErrorCode::kInput, "tree nodes that are no records");
  }
  RETURN_IF_ERROR(context_.spend(size * sizeof(TreeNode), attribute));
  ASSIGN_OR_RETURN(const std::size_t first_set, add_category_sets(predictor));
  const auto sets = static_cast<double>(parts_.category_sets.size() - first_set);

  const auto field = [&](std::string_view name) { return field_reader(nodes, attribute, name); };
  ASSIGN_OR_RETURN(const FieldReader value, field("value"));
  ASSIGN_OR_RETURN(const FieldReader cover, field("count"));
  ASSIGN_OR_RETURN(const FieldReader feature, field("feature_idx"));
  ASSIGN_OR_RETURN(const FieldReader threshold, field("num_threshold"));
  ASSIGN_OR_RETURN(const FieldReader missing, field("missing_go_to_left"));
  ASSIGN_OR_RETURN(const FieldReader left, field("left"));
  ASSIGN_OR_RETURN(const FieldReader right, field("right"));
  ASSIGN_OR_RETURN(const FieldReader leaf, field("is_leaf"));
  ASSIGN_OR_RETURN(const FieldReader categorical, field("is_categorical"));
  ASSIGN_OR_RETURN(const FieldReader set, field("bitset_idx"));

  Tree tree(size);
  for (std::size_t n = 0; n < size; ++n) {
    TreeNode& node = tree[n];
    node.cover = cover[n];
    if (leaf.is_set(n)) {
      node.value = value[n];
      continue;
    }
    ASSIGN_OR_RETURN(
        const std::uint32_t f,
        whole(feature[n], static_cast<double>(read_.inputs.size()), "feature", attribute));
    node.feature = static_cast<std::uint32_t>(features_.column_of[f]);
    node.missing_goes_left = missing.is_set(n);
    ASSIGN_OR_RETURN(node.left, whole(left[n], static_cast<double>(size), "left child", attribute));
    ASSIGN_OR_RETURN(node.right,
                     whole(right[n], static_cast<double>(size), "right child", attribute));
    if (!categorical.is_set(n)) {
      node.kind = TreeNode::Kind::kNumeric;
      node.threshold = threshold[n];
      continue;
    }
    if (!features_.is_categorical[f]) {
      return ReadContext::refuse(
          attribute, ErrorCode::kInput,
          "a tree node that tests a category of the numeric feature " + std::to_string(f));
    }
    // A split that only sends missing values apart keeps set 0, whichever that is, in the file;
    // scikit-learn's predictor uses it like any other, and so do we.
    node.kind = TreeNode::Kind::kCategorical;
    ASSIGN_OR_RETURN(const std::uint32_t index, whole(set[n], sets, "category set", attribute));
    node.category_set = static_cast<std::uint32_t>(first_set) + index;
  }
  parts_.trees.push_back(std::move(tree));
  return {};
}

/// The loss object's link class ("IdentityLink"), or empty in versions without.
std::string link_name(const Value& object) {
  const auto loss = present(object, "_loss");
  const auto link = loss ? present(*loss, "link") : std::nullopt;
  return link ? short_class_name(*link) : "";
}

}  // namespace

Result<ReadEstimator> read_hist_gradient_boosting_classifier(const Value& object,
                                                             ReadContext& context) {
  ASSIGN_OR_RETURN(std::vector<std::string> classes, read_classes(object));
  return Reader(object, context).read(std::move(classes));
}

Result<ReadEstimator> read_hist_gradient_boosting_regressor(const Value& object,
                                                            ReadContext& context) {
  ASSIGN_OR_RETURN(const std::string loss, text_attribute(object, "loss", "squared_error"));
  const std::string link = link_name(object);
  // Poisson and gamma losses predict the exponential of the sum of the leaves.
  if (loss == "poisson" || loss == "gamma" || (!link.empty() && link != "IdentityLink")) {
    return ReadContext::refuse(object, ErrorCode::kUnsupported,
                               short_class_name(object) + " with loss '" + loss +
                                   "', whose predictions are not the sum of the leaves",
                               "squared_error, absolute_error or quantile");
  }
  return Reader(object, context).read({});
}

}  // namespace clairscore::sklearn
