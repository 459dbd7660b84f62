#include "sklearn/decision_trees.h"

#include <array>
#include <cmath>
#include <memory>
#include <utility>

#include "engine/tree_estimator.h"
#include "sklearn/objects.h"
#include "sklearn/tree_records.h"
#include "transform/number_check.h"

namespace clairscore::sklearn {

namespace {

using pickle::NdArray;

constexpr std::array<std::string_view, 2> kTreeModules = {"sklearn.tree._classes",
                                                          "sklearn.tree.tree"};

bool is_tree_class(const Value& object, std::string_view name) {
  if (object.kind() != Kind::kObject) return false;
  for (const std::string_view module : kTreeModules) {
    if (object.callable().is_global(module, name)) return true;
  }
  return false;
}

Result<Tree> read_nodes(const Value& attribute, const std::vector<std::size_t>& columns,
                        std::size_t features) {
  ASSIGN_OR_RETURN(const NdArray nodes, pickle::read_ndarray(attribute));
  const std::size_t size = nodes.size();
  if (nodes.shape.size() != 1 || nodes.dtype.fields.empty()) {
    return ReadContext::refuse(attribute, ErrorCode::kInput, "tree nodes that are no records");
  }
  const auto field = [&](std::string_view name) { return field_reader(nodes, attribute, name); };
  ASSIGN_OR_RETURN(const FieldReader left, field("left_child"));
  ASSIGN_OR_RETURN(const FieldReader right, field("right_child"));
  ASSIGN_OR_RETURN(const FieldReader feature, field("feature"));
  ASSIGN_OR_RETURN(const FieldReader threshold, field("threshold"));
  ASSIGN_OR_RETURN(const FieldReader cover, field("weighted_n_node_samples"));
  std::optional<FieldReader> missing;  // from 1.3 on
  if (nodes.dtype.field("missing_go_to_left") != nullptr) {
    ASSIGN_OR_RETURN(missing, field("missing_go_to_left"));
  }
  Tree tree(size);
  for (std::size_t n = 0; n < size; ++n) {
    TreeNode& node = tree[n];
    node.cover = cover[n];
    if (left[n] == -1) continue;
    const auto below = static_cast<double>(size);
    node.kind = TreeNode::Kind::kNumeric;
    ASSIGN_OR_RETURN(node.feature,
                     whole(feature[n], static_cast<double>(features), "feature", attribute));
    if (!columns.empty()) node.feature = static_cast<std::uint32_t>(columns[node.feature]);
    ASSIGN_OR_RETURN(node.left, whole(left[n], below, "left child", attribute));
    ASSIGN_OR_RETURN(node.right, whole(right[n], below, "right child", attribute));
    node.threshold = float32_test(threshold[n]);
    node.missing_goes_left = missing && missing->is_set(n);
  }
  return tree;
}

}  // namespace

bool is_classifier_tree(const Value& object) {
  return is_tree_class(object, "DecisionTreeClassifier") ||
         is_tree_class(object, "ExtraTreeClassifier");
}

bool is_decision_tree(const Value& object) {
  return is_classifier_tree(object) || is_tree_class(object, "DecisionTreeRegressor") ||
         is_tree_class(object, "ExtraTreeRegressor");
}

Result<void> add_decision_tree(const Value& estimator, const std::vector<std::size_t>& columns,
                               const LeafValues& leaf, std::size_t kept, TreeEnsemble::Parts& parts,
                               ReadContext& context) {
  ASSIGN_OR_RETURN(const Value tree, required(estimator, "tree_"));
  ASSIGN_OR_RETURN(const Value node_attribute, required(tree, "nodes"));
  ASSIGN_OR_RETURN(const Value value_attribute, required(tree, "values"));
  ASSIGN_OR_RETURN(const NdArray values, pickle::read_ndarray(value_attribute));
  const std::size_t outputs = parts.baseline.size();
  const std::size_t features = columns.empty() ? parts.features : columns.size();
  RETURN_IF_ERROR(context.spend(values.size() * sizeof(double), value_attribute));
  ASSIGN_OR_RETURN(Tree nodes, read_nodes(node_attribute, columns, features));
  RETURN_IF_ERROR(context.spend(nodes.size() * outputs * sizeof(TreeNode), node_attribute));
  if (values.shape.size() != 3 || values.shape[0] != nodes.size() || nodes.empty()) {
    return ReadContext::refuse(value_attribute, ErrorCode::kInput,
                               "a tree whose values do not fit its nodes", "one row a node");
  }
  if (values.shape[1] != 1) {
    return ReadContext::refuse(value_attribute, ErrorCode::kUnsupported,
                               "a tree of " + std::to_string(values.shape[1]) + " targets",
                               "one target");
  }
  const std::size_t width = values.shape[2];
  if (width != kept) {
    return ReadContext::refuse(
        value_attribute, ErrorCode::kUnsupported,
        "a tree of " + std::to_string(width) + " classes in a model of " + std::to_string(kept),
        "members that have seen every class");
  }
  ASSIGN_OR_RETURN(const std::vector<double> all, pickle::to_doubles(value_attribute));
  std::vector<Tree> copies(outputs, nodes);
  std::vector<double> leaf_values(outputs);
  for (std::size_t n = 0; n < nodes.size(); ++n) {
    if (nodes[n].kind != TreeNode::Kind::kLeaf) continue;
    leaf(std::span(all).subspan(n * width, width), leaf_values);
    for (std::size_t k = 0; k < outputs; ++k) copies[k][n].value = leaf_values[k];
  }
  for (Tree& copy : copies) parts.trees.push_back(std::move(copy));
  return {};
}

LeafValues own_answer(const Value& estimator, bool binary) {
  if (!is_classifier_tree(estimator)) {
    return [](std::span<const double> kept, std::span<double> outputs) { outputs[0] = kept[0]; };
  }
  // Until 1.2 a leaf kept the weight of each class, since then its share.
  const bool shares = version_at_least(estimator, 1, 3);
  return [binary, shares](std::span<const double> kept, std::span<double> outputs) {
    double sum = shares ? 1 : numpy_sum(kept.data(), kept.size());
    if (sum == 0) sum = 1;
    for (std::size_t k = 0; k < outputs.size(); ++k) {
      const std::size_t of = binary ? 1 : k;
      const double value = of < kept.size() ? kept[of] : 0;
      outputs[k] = shares ? value : value / sum;
    }
  };
}

NumberRule number_rule_of_tree(const Value& tree, bool in_forest) {
  NumberRule rule{.missing = false, .infinite = false, .as_float32 = true};
  const bool random =
      tree.attribute("splitter") && tree.attribute("splitter")->string() == "random";
  const bool new_enough = random      ? version_at_least(tree, 1, 6)
                          : in_forest ? version_at_least(tree, 1, 4)
                                      : version_at_least(tree, 1, 3);
  const auto criterion = tree.attribute("criterion");
  const bool criterion_takes =
      criterion && criterion->string() != "absolute_error" && criterion->string() != "mae";
  rule.missing = new_enough && criterion_takes && !present(tree, "monotonic_cst");
  return rule;
}

Result<void> finish_trees(const Value& object, TreeEnsemble::Parts parts, const NumberRule& rule,
                          LinkedParts linked, ReadEstimator& read, ReadContext& context) {
  auto ensemble = TreeEnsemble::build(std::move(parts));
  if (!ensemble) return at_object(std::move(ensemble.error()), object);
  RETURN_IF_ERROR(spend_paths(*ensemble, object, context));
  read.trees = statistics_of(*ensemble);
  auto sum = make_tree_estimator({short_class_name(object),
                                  {},
                                  std::make_shared<const NumberCheck>(rule),
                                  std::move(*ensemble)});
  if (!sum) return at_object(std::move(sum.error()), object);
  linked.kind = short_class_name(object);
  linked.sum = std::move(*sum);
  auto estimator = make_linked_estimator(std::move(linked));
  if (!estimator) return at_object(std::move(estimator.error()), object);
  read.estimator = std::move(*estimator);
  return {};
}

}  // namespace clairscore::sklearn
