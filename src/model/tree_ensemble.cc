#include "model/tree_ensemble.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

namespace clairscore {

namespace {

std::string node_name(std::size_t tree, std::size_t node) {
  return "tree " + std::to_string(tree) + ", node " + std::to_string(node);
}

struct Paths {
  std::size_t deepest = 0;
  std::uint64_t tests = 0;  // on all of them
};

/// Checks one tree and measures its paths.
Result<Paths> check_tree(const TreeEnsemble::Parts& parts, std::size_t tree_index) {
  const Tree& tree = parts.trees[tree_index];
  const auto refuse = [&](std::size_t node, std::string what) {
    return fail(ErrorCode::kInput, std::move(what), node_name(tree_index, node));
  };
  if (tree.empty()) return refuse(0, "a tree without nodes");
  constexpr std::size_t kUnreached = std::numeric_limits<std::size_t>::max();
  std::vector<std::size_t> depth(tree.size(), kUnreached);
  std::vector<std::size_t> open{0};
  depth[0] = 0;
  Paths paths;
  while (!open.empty()) {
    const std::size_t at = open.back();
    open.pop_back();
    const TreeNode& node = tree[at];
    paths.deepest = std::max(paths.deepest, depth[at]);
    if (!(node.cover > 0) || !std::isfinite(node.cover)) {
      return refuse(at, "a cover that is not a positive number");
    }
    if (node.kind == TreeNode::Kind::kLeaf) {
      if (std::isnan(node.value)) return refuse(at, "a leaf value that is not a number");
      paths.tests += depth[at];
      continue;
    }
    if (node.feature >= parts.features) {
      return refuse(
          at, "feature " + std::to_string(node.feature) + " of " + std::to_string(parts.features));
    }
    if (node.kind == TreeNode::Kind::kNumeric && std::isnan(node.threshold)) {
      return refuse(at, "a threshold that is not a number");
    }
    if (node.kind == TreeNode::Kind::kCategorical &&
        node.category_set >= parts.category_sets.size()) {
      return refuse(at, "category set " + std::to_string(node.category_set) + " of " +
                            std::to_string(parts.category_sets.size()));
    }
    for (const std::uint32_t child : {node.left, node.right}) {
      if (child >= tree.size()) {
        return refuse(
            at, "child " + std::to_string(child) + " of " + std::to_string(tree.size()) + " nodes");
      }
      if (depth[child] != kUnreached) {
        return refuse(at, "child " + std::to_string(child) + " is reached twice");
      }
      depth[child] = depth[at] + 1;
      open.push_back(child);
    }
  }
  const auto unreached = std::find(depth.begin(), depth.end(), kUnreached);
  if (unreached != depth.end()) {
    return refuse(static_cast<std::size_t>(unreached - depth.begin()),
                  "a node that no path reaches");
  }
  return paths;
}

}  // namespace

Result<TreeEnsemble> TreeEnsemble::build(Parts parts) {
  if (parts.baseline.empty()) return fail(ErrorCode::kInput, "an ensemble without an output");
  for (const double start : parts.baseline) {
    if (std::isnan(start)) return fail(ErrorCode::kInput, "a baseline that is not a number");
  }
  if (parts.known_categories.empty()) parts.known_categories.resize(parts.features);
  if (parts.known_categories.size() != parts.features) {
    return fail(ErrorCode::kInput, "known categories for " +
                                       std::to_string(parts.known_categories.size()) + " of " +
                                       std::to_string(parts.features) + " features");
  }
  TreeEnsemble ensemble;
  std::size_t nodes = 0;
  for (std::size_t i = 0; i < parts.trees.size(); ++i) {
    nodes += parts.trees[i].size();
    if (nodes > (std::size_t{1} << 31U)) return fail(ErrorCode::kLimit, "more than 2^31 nodes");
    ASSIGN_OR_RETURN(const Paths paths, check_tree(parts, i));
    ensemble.max_depth_ = std::max(ensemble.max_depth_, paths.deepest);
    ensemble.path_tests_ += paths.tests;
  }
  ensemble.parts_ = std::move(parts);
  return ensemble;
}

bool TreeEnsemble::goes_left(const TreeNode& node, double value) const {
  if (std::isnan(value)) return node.missing_goes_left;
  if (node.kind == TreeNode::Kind::kNumeric) return value <= node.threshold;
  if (value < 0) return node.missing_goes_left;
  // scikit-learn casts to uint8. A value of 2^63 or more has no defined cast there; it is treated
  // as unknown here.
  if (value >= 9223372036854775808.0) return node.missing_goes_left;
  const auto code = static_cast<std::uint8_t>(static_cast<std::uint64_t>(value));
  if (parts_.category_sets[node.category_set].contains(code)) return true;
  if (parts_.known_categories[node.feature].contains(code)) return false;
  return node.missing_goes_left;
}

void TreeEnsemble::raw_score(std::span<const double> row, std::span<double> out) const {
  std::copy(parts_.baseline.begin(), parts_.baseline.end(), out.begin());
  std::size_t output = 0;
  for (const Tree& tree : parts_.trees) {
    const TreeNode* node = tree.data();
    while (node->kind != TreeNode::Kind::kLeaf) {
      node = tree.data() + (goes_left(*node, row[node->feature]) ? node->left : node->right);
    }
    out[output] += node->value;
    if (++output == parts_.baseline.size()) output = 0;
  }
}

void TreeEnsemble::raw_scores(std::span<const double* const> columns, std::size_t rows,
                              std::span<double> out) const {
  const std::size_t outputs = parts_.baseline.size();
  for (std::size_t r = 0; r < rows; ++r) {
    std::copy(parts_.baseline.begin(), parts_.baseline.end(),
              out.begin() + static_cast<std::ptrdiff_t>(r * outputs));
  }
  std::size_t output = 0;
  // One tree over all rows at a time keeps its nodes in the nearest cache.
  for (const Tree& tree : parts_.trees) {
    for (std::size_t r = 0; r < rows; ++r) {
      const TreeNode* node = tree.data();
      while (node->kind != TreeNode::Kind::kLeaf) {
        const double value = columns[node->feature][r];
        node = tree.data() + (goes_left(*node, value) ? node->left : node->right);
      }
      out[r * outputs + output] += node->value;
    }
    if (++output == outputs) output = 0;
  }
}

}  // namespace clairscore
