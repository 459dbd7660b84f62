#include "inspect/object_tree.h"

#include <array>
#include <string_view>

#include "base/excerpt.h"
#include "base/numbers.h"
#include "sklearn/objects.h"
#include "sklearn/registry.h"

namespace clairscore {

namespace {

using pickle::Kind;
using pickle::Value;

constexpr std::size_t kMaxDepth = 8;
constexpr std::size_t kMaxObjects = 200;
constexpr std::size_t kMaxParameters = 60;
constexpr std::size_t kMaxElements = 8;

/// Attributes that hold lists of named steps: (name, object) or (name, object, columns). The fitted
/// list of a ColumnTransformer is shown, not the one it was given.
constexpr std::array<std::string_view, 3> kStepLists = {"steps", "transformers_",
                                                        "transformer_list"};
/// Attributes that hold one model inside another, or a list of them.
constexpr std::array<std::string_view, 9> kInner = {
    "best_estimator_",  "estimator_", "estimator",   "base_estimator", "calibrated_classifiers_",
    "final_estimator_", "regressor_", "classifier_", "_Booster"};

/// A value as Python writes it, short.
std::string parameter_text(const Value& value, std::size_t depth = 0) {
  if (const auto text = value.string()) return quote_excerpt(*text);
  const bool list = value.kind() == Kind::kList;
  if ((list || value.kind() == Kind::kTuple) && depth < 2) {
    std::string text = list ? "[" : "(";
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (i > 0) text += ", ";
      if (i == kMaxElements) {
        text += "… " + std::to_string(value.size()) + " in all";
        break;
      }
      text += parameter_text(value.at(i), depth + 1);
    }
    return text + (list ? "]" : ")");
  }
  return sklearn::describe(value);
}

/// scikit-learn's fitted attributes end with an underscore, private ones begin with one.
bool is_parameter(std::string_view name) {
  return !name.empty() && name.front() != '_' && name.back() != '_';
}

bool holds_steps(std::string_view name) {
  for (const std::string_view list : kStepLists) {
    if (name == list) return true;
  }
  for (const std::string_view inner : kInner) {
    if (name == inner) return true;
  }
  return name == "transformers";  // shown fitted
}

class Walker {
 public:
  ObjectTree walk(const Value& value, std::string name, std::size_t depth) {
    ++objects_;
    ObjectTree tree;
    tree.name = std::move(name);
    tree.offset = value.offset();
    tree.class_name = value.kind() == Kind::kObject || value.kind() == Kind::kGlobal
                          ? class_of(value)
                          : parameter_text(value);
    tree.supported = is_supported(value);
    if (value.kind() != Kind::kObject) return tree;
    add_parameters(value, tree);
    if (depth >= kMaxDepth) return tree;
    for (const std::string_view list : kStepLists) {
      if (const auto steps = sklearn::present(value, list)) add_steps(*steps, tree, depth);
    }
    for (const std::string_view attribute : kInner) {
      const auto inner = sklearn::present(value, attribute);
      if (inner) add_inner(*inner, std::string(attribute), tree, depth);
    }
    return tree;
  }

 private:
  static std::string class_of(const Value& value) {
    const std::string name = value.qualified_name();
    return name.empty() ? sklearn::describe(value) : name;
  }

  static bool is_supported(const Value& value) {
    if (value.is_none() || value.string() == "passthrough" || value.string() == "drop") return true;
    return sklearn::is_pipeline(value) || sklearn::find_transformer_reader(value) != nullptr ||
           sklearn::find_estimator_reader(value) != nullptr || sklearn::is_wrapper(value);
  }

  static void add_parameters(const Value& value, ObjectTree& tree) {
    const auto state = value.state();
    if (!state || state->kind() != Kind::kDict) return;
    for (std::size_t i = 0; i < state->entry_count(); ++i) {
      const auto [key, parameter] = state->entry(i);
      const auto name = key.string();
      if (!name || !is_parameter(*name) || holds_steps(*name)) continue;
      if (tree.parameters.size() == kMaxParameters) return;
      tree.parameters.emplace_back(*name, parameter_text(parameter));
    }
  }

  void add_steps(const Value& steps, ObjectTree& tree, std::size_t depth) {
    if (steps.kind() != Kind::kList && steps.kind() != Kind::kTuple) return;
    for (std::size_t i = 0; i < steps.size() && objects_ < kMaxObjects; ++i) {
      const Value step = steps.at(i);
      if (step.kind() != Kind::kTuple || step.size() < 2) continue;
      tree.children.push_back(
          walk(step.at(1), std::string(step.at(0).string().value_or("?")), depth + 1));
    }
  }

  void add_inner(const Value& inner, const std::string& name, ObjectTree& tree, std::size_t depth) {
    for (const ObjectTree& child : tree.children) {
      if (child.offset == inner.offset()) return;  // one object under two names
    }
    if (inner.kind() == Kind::kObject && objects_ < kMaxObjects) {
      tree.children.push_back(walk(inner, name, depth + 1));
    }
    if (inner.kind() != Kind::kList) return;
    for (std::size_t i = 0; i < inner.size() && objects_ < kMaxObjects; ++i) {
      tree.children.push_back(walk(inner.at(i), name, depth + 1));
    }
  }

  std::size_t objects_ = 0;
};

}  // namespace

ObjectTree describe_object(const Value& root) {
  return Walker().walk(root, {}, 0);
}

}  // namespace clairscore
