#include "model/tree_explainer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "model/quadrature.h"

namespace clairscore {

namespace {

/// Quadrature points that are worked on together, so that a compiler makes vectors of them.
constexpr std::size_t kLanes = 4;
using Lanes = std::array<double, kLanes>;

/// The same points in groups of kLanes, the last one filled up with points of weight 0.
struct LaneGroup {
  Lanes points{};
  Lanes weights{};
};

std::vector<LaneGroup> in_lanes(const Quadrature& rule) {
  std::vector<LaneGroup> groups((rule.points.size() + kLanes - 1) / kLanes);
  for (std::size_t i = 0; i < rule.points.size(); ++i) {
    groups[i / kLanes].points[i % kLanes] = rule.points[i];
    groups[i / kLanes].weights[i % kLanes] = rule.weights[i];
  }
  return groups;
}

}  // namespace

/// Leaves laid out flat: each leaf holds a run of slots, one per distinct feature on its path, and
/// each slot a run of (node, direction) tests.
struct TreeExplainer::Tables {
  /// A node in `nodes`, and the side a row must take there to reach the leaf.
  struct Test {
    std::uint32_t node;
    bool left;
  };
  struct Slot {
    std::uint32_t feature;
    std::uint32_t first_test;
    std::uint32_t test_count;
    double cover;  // product of the cover ratios of the tests
  };
  struct Leaf {
    double value;
    std::uint32_t output;
    std::uint32_t first_slot;
    std::uint32_t slot_count;
  };

  std::shared_ptr<const TreeEnsemble> ensemble;
  std::vector<const TreeNode*> nodes;  // inner nodes of all trees
  std::vector<Test> tests;
  std::vector<Slot> slots;
  std::vector<Leaf> leaves;
  std::vector<double> base_values;
  std::vector<std::vector<LaneGroup>> quadratures;  // by number of points
  std::size_t max_slots = 0;

  void add_leaf(const Tree& tree, std::uint32_t output, double value, std::vector<Test>& path);
  void add_tree(const Tree& tree, std::uint32_t output);
};

void TreeExplainer::Tables::add_leaf(const Tree& tree, std::uint32_t output, double value,
                                     std::vector<Test>& path) {
  Leaf leaf{value, output, static_cast<std::uint32_t>(slots.size()), 0};
  // Group the path's tests by feature, in the order the features first appear.
  std::vector<std::uint32_t> features;
  for (const Test& test : path) {
    const std::uint32_t feature = nodes[test.node]->feature;
    if (std::find(features.begin(), features.end(), feature) == features.end()) {
      features.push_back(feature);
    }
  }
  double weight = 1;
  for (const std::uint32_t feature : features) {
    Slot slot{feature, static_cast<std::uint32_t>(tests.size()), 0, 1};
    for (const Test& test : path) {
      const TreeNode& node = *nodes[test.node];
      if (node.feature != feature) continue;
      tests.push_back(test);
      ++slot.test_count;
      slot.cover *= tree[test.left ? node.left : node.right].cover / node.cover;
    }
    weight *= slot.cover;
    slots.push_back(slot);
    ++leaf.slot_count;
  }
  base_values[output] += value * weight;
  max_slots = std::max<std::size_t>(max_slots, leaf.slot_count);
  if (leaf.slot_count > 0) leaves.push_back(leaf);
}

void TreeExplainer::Tables::add_tree(const Tree& tree, std::uint32_t output) {
  struct Visit {
    std::uint32_t node;
    std::uint32_t depth;
    Test arrived_by;
  };
  std::vector<Visit> open{{0, 0, {}}};
  std::vector<Test> path;
  while (!open.empty()) {
    const Visit visit = open.back();
    open.pop_back();
    if (visit.depth > 0) {
      path.resize(visit.depth - 1);
      path.push_back(visit.arrived_by);
    }
    const TreeNode& node = tree[visit.node];
    if (node.kind == TreeNode::Kind::kLeaf) {
      add_leaf(tree, output, node.value, path);
      continue;
    }
    const auto index = static_cast<std::uint32_t>(nodes.size());
    nodes.push_back(&node);
    open.push_back({node.right, visit.depth + 1, {index, false}});
    open.push_back({node.left, visit.depth + 1, {index, true}});
  }
}

TreeExplainer::TreeExplainer(std::shared_ptr<const TreeEnsemble> ensemble) {
  auto tables = std::make_unique<Tables>();
  tables->ensemble = std::move(ensemble);
  const TreeEnsemble& trees = *tables->ensemble;
  tables->base_values.assign(trees.baseline().begin(), trees.baseline().end());
  std::size_t output = 0;
  for (const Tree& tree : trees.trees()) {
    tables->add_tree(tree, static_cast<std::uint32_t>(output));
    output = (output + 1) % trees.outputs();
  }
  const std::size_t most_points = (tables->max_slots + 1) / 2;
  for (std::size_t n = 0; n <= most_points; ++n)
    tables->quadratures.push_back(in_lanes(gauss_legendre(n)));
  tables_ = std::move(tables);
}

TreeExplainer::TreeExplainer(TreeExplainer&&) noexcept = default;
TreeExplainer& TreeExplainer::operator=(TreeExplainer&&) noexcept = default;
TreeExplainer::~TreeExplainer() = default;

std::span<const double> TreeExplainer::base_values() const {
  return tables_->base_values;
}

void TreeExplainer::explain(std::span<const double> row, std::span<double> out) const {
  const Tables& tables = *tables_;
  const TreeEnsemble& ensemble = *tables.ensemble;
  std::fill(out.begin(), out.end(), 0.0);
  std::vector<char> went_left(tables.nodes.size());
  for (std::size_t n = 0; n < tables.nodes.size(); ++n) {
    const TreeNode& node = *tables.nodes[n];
    went_left[n] = ensemble.goes_left(node, row[node.feature]) ? 1 : 0;
  }
  // For each slot of a leaf: present (1 or 0), its integral, and at a group of quadrature points
  // the factor t p + (1 - t) c and the product of the factors before it.
  std::vector<double> present(tables.max_slots);
  std::vector<double> integral(tables.max_slots);
  std::vector<Lanes> factor(tables.max_slots);
  std::vector<Lanes> before(tables.max_slots + 1);
  for (const Tables::Leaf& leaf : tables.leaves) {
    const std::size_t count = leaf.slot_count;
    const Tables::Slot* slots = &tables.slots[leaf.first_slot];
    for (std::size_t s = 0; s < count; ++s) {
      const Tables::Test* tests = &tables.tests[slots[s].first_test];
      bool follows = true;
      for (std::uint32_t t = 0; t < slots[s].test_count; ++t) {
        follows &= (went_left[tests[t].node] != 0) == tests[t].left;
      }
      present[s] = follows ? 1 : 0;
      integral[s] = 0;
    }
    for (const LaneGroup& group : tables.quadratures[(count + 1) / 2]) {
      before[0] = group.weights;
      for (std::size_t s = 0; s < count; ++s) {
        for (std::size_t q = 0; q < kLanes; ++q) {
          const double t = group.points[q];
          factor[s][q] = t * present[s] + (1 - t) * slots[s].cover;
          before[s + 1][q] = before[s][q] * factor[s][q];
        }
      }
      Lanes after;
      after.fill(1);
      for (std::size_t s = count; s-- > 0;) {
        Lanes product;
        for (std::size_t q = 0; q < kLanes; ++q) {
          product[q] = before[s][q] * after[q];
          after[q] *= factor[s][q];
        }
        integral[s] += (product[0] + product[1]) + (product[2] + product[3]);
      }
    }
    double* contributions = out.data() + leaf.output * ensemble.features();
    for (std::size_t s = 0; s < count; ++s) {
      contributions[slots[s].feature] += leaf.value * (present[s] - slots[s].cover) * integral[s];
    }
  }
}

}  // namespace clairscore
