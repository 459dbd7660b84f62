#include "boosters/booster.h"

#include "engine/tree_estimator.h"

#include <algorithm>
#include <utility>

namespace clairscore {

namespace {

/// As sklearn/tree_records.cc: what explaining a row costs is bounded.
constexpr std::size_t kMaxDepth = 512;

Result<void> check_depth(const TreeEnsemble& ensemble, const std::string& kind) {
  if (ensemble.max_depth() <= kMaxDepth) return {};
  return fail(ErrorCode::kLimit, "a tree " + std::to_string(ensemble.max_depth()) + " tests deep",
              kind, "up to " + std::to_string(kMaxDepth));
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
    RETURN_IF_ERROR(check_depth(ensemble, booster.kind));
    result.trees = ensemble.trees().size();
    result.depth = ensemble.max_depth();
    result.path_bytes = kept_path_bytes(ensemble);
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
