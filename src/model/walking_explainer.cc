#include "model/walking_explainer.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace clairscore {

namespace {

/// Shares of covers are kept from vanishing, so that no division is by zero.
constexpr double kLeastShare = 1e-200;

/// Visits the nodes of a tree from the root down, the path to each being known.
struct Frame {
  std::uint32_t node = 0;
  std::uint8_t children_seen = 0;
};

/// What a tree adds to its base value, and the most features on one of its paths.
struct Survey {
  double expected = 0;
  std::size_t most_features = 0;
};

Survey survey(const Tree& tree, std::vector<std::uint32_t>& met) {
  Survey found;
  std::size_t features = 0;
  std::vector<Frame> frames{{}};
  std::vector<double> weights{1.0};
  while (!frames.empty()) {
    Frame& frame = frames.back();
    const TreeNode& node = tree[frame.node];
    const bool leaf = node.kind == TreeNode::Kind::kLeaf;
    if (leaf) {
      found.expected += node.value * weights.back();
      found.most_features = std::max(found.most_features, features);
    } else if (frame.children_seen == 0 && met[node.feature]++ == 0) {
      ++features;
    }
    if (leaf || frame.children_seen == 2) {
      if (!leaf && --met[node.feature] == 0) --features;
      frames.pop_back();
      weights.pop_back();
      continue;
    }
    const std::uint32_t child = frame.children_seen == 0 ? node.left : node.right;
    ++frame.children_seen;
    weights.push_back(weights.back() * (tree[child].cover / node.cover));
    frames.push_back({child, 0});
  }
  return found;
}

}  // namespace

/// One row's walk; its memory is used again for every tree.
class WalkingExplainer::Walk {
 public:
  Walk(const WalkingExplainer& explainer, std::span<const double> row)
      : ensemble_(*explainer.ensemble_),
        explainer_(explainer),
        row_(row),
        present_(ensemble_.features(), 1.0),
        share_(ensemble_.features(), 1.0) {}

  void tree(std::size_t index, double* contributions) {
    const std::size_t points = explainer_.points_[index];
    if (points == 0) return;  // a leaf alone
    tree_ = &ensemble_.trees()[index];
    rule_ = &explainer_.quadratures_[points];
    contributions_ = contributions;
    depth_ = 0;
    enter(0);
    std::copy(rule_->weights.begin(), rule_->weights.end(), products_[0].begin());
    while (true) {
      Level& level = levels_[depth_];
      const TreeNode& node = (*tree_)[level.node];
      if (node.kind == TreeNode::Kind::kLeaf) {
        for (std::size_t q = 0; q < points; ++q)
          sums_[depth_][q] = node.value * products_[depth_][q];
      } else if (level.children_seen < 2) {
        descend(node, level);
        continue;
      }
      if (depth_ == 0) return;
      leave();
    }
  }

 private:
  /// A node on the path, and what the edge to it made of the feature that its parent tests.
  struct Level {
    std::uint32_t node = 0;
    std::uint8_t children_seen = 0;
    bool goes_left = false;
    std::uint32_t feature = 0;
    double old_present = 1;
    double old_share = 1;
  };

  void enter(std::uint32_t node) {
    const std::size_t points = rule_->points.size();
    if (levels_.size() <= depth_) {
      levels_.resize(depth_ + 1);
      products_.resize(depth_ + 1);
      sums_.resize(depth_ + 1);
    }
    products_[depth_].resize(points);
    sums_[depth_].assign(points, 0.0);
    Level& level = levels_[depth_];
    level = {};
    level.node = node;
    const TreeNode& entered = (*tree_)[node];
    if (entered.kind != TreeNode::Kind::kLeaf) {
      level.goes_left = ensemble_.goes_left(entered, row_[entered.feature]);
    }
  }

  void descend(const TreeNode& node, Level& level) {
    const bool left = level.children_seen == 0;
    ++level.children_seen;
    const bool leads = level.goes_left == left;
    const std::uint32_t child = left ? node.left : node.right;
    const double share = (*tree_)[child].cover / node.cover;
    ++depth_;
    enter(child);  // may move `level`
    Level& entered = levels_[depth_];
    entered.feature = node.feature;
    double& present = present_[node.feature];
    double& kept = share_[node.feature];
    entered.old_present = present;
    entered.old_share = kept;
    present = leads ? present : 0;
    kept = std::max(kept * share, kLeastShare);
    const double* before = products_[depth_ - 1].data();
    double* product = products_[depth_].data();
    for (std::size_t q = 0; q < rule_->points.size(); ++q) {
      const double t = rule_->points[q];
      product[q] = before[q] * ((t * present + (1 - t) * kept) /
                                (t * entered.old_present + (1 - t) * entered.old_share));
    }
  }

  /// Gives the edge to the last node of the path its part, and goes back to its parent.
  void leave() {
    const Level& level = levels_[depth_];
    double& present = present_[level.feature];
    double& share = share_[level.feature];
    const double* sum = sums_[depth_].data();
    double* above = sums_[depth_ - 1].data();
    double given = 0;
    double taken_back = 0;
    for (std::size_t q = 0; q < rule_->points.size(); ++q) {
      const double t = rule_->points[q];
      given += sum[q] / (t * present + (1 - t) * share);
      taken_back += sum[q] / (t * level.old_present + (1 - t) * level.old_share);
      above[q] += sum[q];
    }
    // Of a feature's first edge nothing is taken back: 1 - 1.
    contributions_[level.feature] +=
        (present - share) * given - (level.old_present - level.old_share) * taken_back;
    present = level.old_present;
    share = level.old_share;
    --depth_;
  }

  const TreeEnsemble& ensemble_;
  const WalkingExplainer& explainer_;
  std::span<const double> row_;
  /// Of each feature, over the tests on the path: whether all lead the row on, and the product of
  /// the cover ratios.
  std::vector<double> present_;
  std::vector<double> share_;
  const Tree* tree_ = nullptr;
  const Quadrature* rule_ = nullptr;
  double* contributions_ = nullptr;
  std::size_t depth_ = 0;
  std::vector<Level> levels_;  // by depth
  std::vector<std::vector<double>> products_;
  std::vector<std::vector<double>> sums_;
};

WalkingExplainer::WalkingExplainer(std::shared_ptr<const TreeEnsemble> ensemble)
    : ensemble_(std::move(ensemble)),
      base_values_(ensemble_->baseline().begin(), ensemble_->baseline().end()) {
  std::vector<std::uint32_t> met(ensemble_->features());
  points_.reserve(ensemble_->trees().size());
  std::size_t output = 0;
  for (const Tree& tree : ensemble_->trees()) {
    const Survey found = survey(tree, met);
    base_values_[output] += found.expected;
    output = (output + 1) % ensemble_->outputs();
    const std::size_t points = (found.most_features + 1) / 2;
    points_.push_back(points);
    if (quadratures_.size() <= points) quadratures_.resize(points + 1);
    if (quadratures_[points].points.empty()) quadratures_[points] = gauss_legendre(points);
  }
}

void WalkingExplainer::explain(std::span<const double> row, std::span<double> out) const {
  std::fill(out.begin(), out.end(), 0.0);
  Walk walk(*this, row);
  for (std::size_t i = 0; i < points_.size(); ++i) {
    walk.tree(i, out.data() + i % ensemble_->outputs() * ensemble_->features());
  }
}

}  // namespace clairscore
