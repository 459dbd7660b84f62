#include "boosters/booster.h"

#include "engine/tree_estimator.h"

#include <algorithm>
#include <utility>

namespace clairscore {

namespace {

/// As sklearn/tree_records.cc: what explaining keeps is bounded.
constexpr std::size_t kMaxDepth = 512;
constexpr std::uint64_t kMaxPathTests = 20'000'000;

Result<void> check_paths(const TreeEnsemble& ensemble, const std::string& kind) {
  if (ensemble.max_depth() > kMaxDepth) {
    return fail(ErrorCode::kLimit, "a tree " + std::to_string(ensemble.max_depth()) + " tests deep",
                kind, "up to " + std::to_string(kMaxDepth));
  }
  std::uint64_t tests = 0;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> open;
  for (const Tree& tree : ensemble.trees()) {
    open.assign(1, {0, 0});
    while (!open.empty()) {
      const auto [at, depth] = open.back();
      open.pop_back();
      if (tree[at].kind == TreeNode::Kind::kLeaf) {
        tests += depth;
        continue;
      }
      open.emplace_back(tree[at].left, depth + 1);
      open.emplace_back(tree[at].right, depth + 1);
    }
  }
  if (tests > kMaxPathTests) {
    return fail(ErrorCode::kLimit, "trees with " + std::to_string(tests) + " tests on their paths",
                kind, "up to " + std::to_string(kMaxPathTests));
  }
  return {};
}

}  // namespace

std::optional<std::uint8_t> CategoryCodes::find(std::int64_t category) const {
  const auto found = codes_.find(category);
  if (found == codes_.end()) return std::nullopt;
  return found->second;
}

std::optional<std::uint8_t> CategoryCodes::add(std::int64_t category) {
  if (const auto known = find(category)) return known;
  if (codes_.size() >= 255) return std::nullopt;
  const auto code = static_cast<std::uint8_t>(codes_.size());
  codes_.emplace(category, code);
  return code;
}

Result<BoosterEstimator> finish_booster(Booster booster, std::vector<std::string> labels) {
  if (labels.empty()) {
    for (std::size_t k = 0; k < booster.classes; ++k) labels.push_back(std::to_string(k));
  }
  if (labels.size() != booster.classes) {
    return fail(ErrorCode::kInput,
                std::to_string(labels.size()) + " labels for " + std::to_string(booster.classes) +
                    " classes",
                booster.kind, "one label a class");
  }
  BoosterEstimator result;
  if (booster.linear) {
    result.estimator = std::move(booster.linear);
  } else {
    ASSIGN_OR_RETURN(TreeEnsemble ensemble, TreeEnsemble::build(std::move(booster.trees)));
    RETURN_IF_ERROR(check_paths(ensemble, booster.kind));
    result.trees = ensemble.trees().size();
    result.depth = ensemble.max_depth();
    for (const Tree& tree : ensemble.trees()) {
      result.nodes += tree.size();
      for (const TreeNode& node : tree) {
        result.leaves += node.kind == TreeNode::Kind::kLeaf ? 1 : 0;
        result.categorical_splits += node.kind == TreeNode::Kind::kCategorical ? 1 : 0;
      }
    }
    ASSIGN_OR_RETURN(
        result.estimator,
        make_tree_estimator({booster.kind, {}, std::move(booster.encoder), std::move(ensemble)}));
  }
  LinkedParts linked;
  linked.kind = booster.kind;
  linked.classes = std::move(labels);
  linked.sum = std::move(result.estimator);
  linked.divisor = booster.divisor;
  linked.factor = booster.factor;
  linked.offset = booster.offset;
  linked.link = booster.link;
  linked.scale = booster.scale;
  ASSIGN_OR_RETURN(result.estimator, make_linked_estimator(std::move(linked)));
  return result;
}

}  // namespace clairscore
