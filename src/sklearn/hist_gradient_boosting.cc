// HistGradientBoostingClassifier and Regressor, scikit-learn 1.0 to 1.7.
//
// Trees are packed records whose layout changed over the versions; fields are found by name in the
// dtype that the file itself holds. From 1.4 on, an estimator with categorical features has a
// _preprocessor that encodes those and puts them first: nodes number the features in that order.
// Here the order is undone, so that features are numbered as the columns given to the estimator,
// and the encoding is kept as an encoder in place.

#include <cmath>
#include <cstring>
#include <optional>

#include "engine/tree_estimator.h"
#include "model/estimator.h"
#include "sklearn/column_selection.h"
#include "sklearn/objects.h"
#include "sklearn/ordinal_encoder.h"
#include "sklearn/readers.h"

namespace clairscore::sklearn {

namespace {

using pickle::Dtype;
using pickle::NdArray;

constexpr std::size_t kCategoryWords = 8;

/// SHAP values need every path from root to leaf. Trees that learnt from data are a few dozen tests
/// deep; ones that are made to be deep would take memory and time without end.
constexpr std::size_t kMaxDepth = 512;
/// Bytes kept for one test on one path.
constexpr std::uint64_t kPathTestBytes = 48;

/// One field of every record of a structured array.
class FieldReader {
 public:
  FieldReader(const NdArray& records, const Dtype::Field& field)
      : first_(records.data.data() + field.offset),
        stride_(records.dtype.item_size),
        dtype_(field.dtype) {}

  double operator[](std::size_t record) const {
    return pickle::element_to_double(dtype_, first_ + record * stride_);
  }
  bool is_set(std::size_t record) const { return (*this)[record] != 0; }

 private:
  const std::byte* first_;
  std::size_t stride_;
  Dtype dtype_;
};

Result<FieldReader> field_reader(const NdArray& nodes, const Value& at, std::string_view name) {
  const Dtype::Field* field = nodes.dtype.field(name);
  if (field == nullptr || !pickle::is_numeric(field->dtype)) {
    return ReadContext::refuse(at, ErrorCode::kInput,
                               "tree nodes without a numeric field " + std::string(name),
                               "the node records of scikit-learn 1.0 to 1.7");
  }
  return FieldReader(nodes, *field);
}

/// A count or an index: a non-negative whole number below `limit`.
Result<std::uint32_t> whole(double number, double limit, std::string_view what, const Value& at) {
  if (number >= 0 && number < limit && number == std::trunc(number)) {
    return static_cast<std::uint32_t>(number);
  }
  return ReadContext::refuse(at, ErrorCode::kInput,
                             "a tree node whose " + std::string(what) + " is out of range");
}

/// What the columns given to the estimator are to the trees.
struct Features {
  /// By position among the trees' features: the column of the estimator's input.
  std::vector<std::size_t> column_of;
  /// By position among the trees' features: the categories seen in training; empty for numbers.
  std::vector<CategorySet> known;
  std::vector<bool> is_categorical;
};

TreeStatistics statistics_of(const TreeEnsemble& ensemble) {
  TreeStatistics statistics;
  statistics.trees = ensemble.trees().size();
  statistics.depth = ensemble.max_depth();
  for (const Tree& tree : ensemble.trees()) {
    statistics.nodes += tree.size();
    for (const TreeNode& node : tree) {
      if (node.kind == TreeNode::Kind::kLeaf) ++statistics.leaves;
      if (node.kind == TreeNode::Kind::kCategorical) ++statistics.categorical_splits;
    }
  }
  return statistics;
}

class Reader {
 public:
  Reader(const Value& object, ReadContext& context) : object_(object), context_(context) {}

  Result<ReadEstimator> read(std::vector<std::string> classes) {
    ASSIGN_OR_RETURN(const auto count, feature_count(object_));
    if (!count) {
      return ReadContext::refuse(object_, ErrorCode::kInput,
                                 short_class_name(object_) + " without n_features_in_",
                                 "a fitted estimator of scikit-learn 1.0 to 1.7");
    }
    RETURN_IF_ERROR(context_.spend(*count * (sizeof(CategorySet) + sizeof(InputUse)), object_));
    read_.inputs.resize(*count);
    for (InputUse& input : read_.inputs) input.type = InputUse::Type::kNumber;
    ASSIGN_OR_RETURN(read_.input_names, feature_names(object_));
    if (!read_.input_names.empty() && read_.input_names.size() != *count) {
      return ReadContext::refuse(object_, ErrorCode::kInput,
                                 short_class_name(object_) + " with " +
                                     std::to_string(read_.input_names.size()) + " names for " +
                                     std::to_string(*count) + " features");
    }
    RETURN_IF_ERROR(read_preprocessor());
    RETURN_IF_ERROR(read_known_categories());
    RETURN_IF_ERROR(read_baseline());
    RETURN_IF_ERROR(read_trees());

    parts_.features = *count;
    parts_.known_categories.resize(*count);
    for (std::size_t f = 0; f < *count; ++f) {
      parts_.known_categories[features_.column_of[f]] = features_.known[f];
    }
    auto ensemble = TreeEnsemble::build(std::move(parts_));
    if (!ensemble) return at_object(std::move(ensemble.error()));
    RETURN_IF_ERROR(spend_paths(*ensemble));
    read_.trees = statistics_of(*ensemble);
    auto estimator = make_tree_estimator(
        {short_class_name(object_), std::move(classes), std::move(encoder_), std::move(*ensemble)});
    if (!estimator) return at_object(std::move(estimator.error()));
    read_.estimator = std::move(*estimator);
    return std::move(read_);
  }

 private:
  tl::unexpected<Error> at_object(Error error) const {
    error.where = object_.where() + (error.where.empty() ? "" : ", " + error.where);
    return fail(std::move(error));
  }

  Result<void> spend_paths(const TreeEnsemble& ensemble);
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

Result<void> Reader::spend_paths(const TreeEnsemble& ensemble) {
  if (ensemble.max_depth() > kMaxDepth) {
    return ReadContext::refuse(object_, ErrorCode::kLimit,
                               "a tree " + std::to_string(ensemble.max_depth()) + " tests deep",
                               "up to " + std::to_string(kMaxDepth));
  }
  std::uint64_t tests = 0;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> open;  // node, depth
  for (const Tree& tree : ensemble.trees()) {
    open.assign(1, {0, 0});
    while (!open.empty()) {
      const auto [at, depth] = open.back();
      open.pop_back();
      const TreeNode& node = tree[at];
      if (node.kind == TreeNode::Kind::kLeaf) {
        tests += depth;
        continue;
      }
      open.emplace_back(node.left, depth + 1);
      open.emplace_back(node.right, depth + 1);
    }
  }
  return context_.spend(tests * kPathTestBytes, object_);
}

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
  ASSIGN_OR_RETURN(const Value attribute, required(object, "classes_"));
  ASSIGN_OR_RETURN(const std::vector<pickle::Label> labels, pickle::to_labels(attribute));
  std::vector<std::string> classes;
  classes.reserve(labels.size());
  for (const pickle::Label& label : labels) classes.push_back(pickle::to_text(label));
  if (classes.size() < 2) {
    return refuse_attribute(ErrorCode::kUnsupported, object, "classes_", attribute,
                            "two classes or more");
  }
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
