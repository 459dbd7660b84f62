// Path-dependent contributions of leaves that no table holds, tree by tree.
//
// For a leaf of value v whose path tests the features F (model/tree_explainer.h), with the factors
// x_g(t) = t p_g + (1 - t) c_g, feature f contributes
//     integral over t of  v (p_f - c_f) / x_f(t) * W(t) dt,  W = prod_{g in F} x_g(t)
// All leaves below an edge share its part of W: going down, W is the one above times x_f, or times
// x_f over the x_f above where f was tested there already; going up, v W of the leaves is added
// into H. A feature's share of a leaf is the quotient at the last edge that tests it, so every edge
// adds (its quotient - the quotient at the edge above that tests its feature) * H. Each is worked
// out at the points of a quadrature that is exact for the longest path: a cost of some vector
// instructions an edge and row, where leaf by leaf it would be one a feature of each leaf.
//
// No factor is zero (0 < t < 1, covers are positive). What an edge multiplies by is one of three
// numbers a point, whatever the row, and so is made once for all rows of a block.

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "engine/block_memory.h"
#include "engine/deep_leaves.h"
#include "model/quadrature.h"

namespace clairscore {

namespace {

using Kind = TreeNode::Kind;

/// Rows that share the tables of a tree's edges.
constexpr std::size_t kRowsTogether = 64;
static_assert(kRowsTogether == kRowStep);

/// A quadrature filled up to whole groups of lanes.
struct LaneRule {
  std::vector<double> points;
  std::vector<double> weights;
};

LaneRule in_lanes(std::size_t points) {
  const Quadrature rule = gauss_legendre(points);
  LaneRule lanes{rule.points, rule.weights};
  const std::size_t size = (points + kDeepLanes - 1) / kDeepLanes * kDeepLanes;
  lanes.points.resize(size, 0.5);
  lanes.weights.resize(size, 0);
  return lanes;
}

class DeepTrees final : public DeepLeaves {
 public:
  DeepTrees(const UnitPlan& plan, const TreeEnsemble& ensemble, const RowEncoder& encoder)
      : DeepLeaves(plan) {
    for (std::size_t l = 0; l < plan.deep_leaves.size();) {
      std::size_t end = l;
      while (end < plan.deep_leaves.size() &&
             plan.deep_leaves[end].tree == plan.deep_leaves[l].tree) {
        ++end;
      }
      add_tree(std::span(plan.deep_leaves).subspan(l, end - l), ensemble, encoder);
      l = end;
    }
  }

  void add(std::size_t k, const CodeBlock& block, std::size_t rows, const std::uint32_t* column_of,
           double* sums, std::size_t sum_stride, const Kernels& kernels) const override {
    for (const Tree& tree : trees_) {
      if (tree.output != k) continue;
      for (std::size_t first = 0; first < rows; first += kRowsTogether) {
        const std::size_t some = std::min(kRowsTogether, rows - first);
        const double* contributions =
            integrate(tree, block.codes + first, block.stride, some, kernels);
        for (std::size_t s = 0; s < tree.features.size(); ++s) {
          double* sum = sums + column_of[tree.features[s]] * sum_stride + first;
          for (std::size_t r = 0; r < some; ++r) sum[r] += contributions[s * some + r];
        }
      }
    }
  }

  void add_row(std::size_t k, const std::uint8_t* codes, double* out,
               const Kernels& kernels) const override {
    for (const Tree& tree : trees_) {
      if (tree.output != k) continue;
      const double* contributions = integrate(tree, codes, 1, 1, kernels);
      for (std::size_t s = 0; s < tree.features.size(); ++s) {
        out[tree.features[s]] += contributions[s];
      }
    }
  }

 private:
  /// The test of an edge; the row follows the edge where its code is in the set, or is not.
  struct Test {
    std::uint32_t column;
    std::uint32_t set;
    bool left;
  };
  struct Tree {
    std::uint32_t output;
    std::vector<DeepEdge> edges;
    std::vector<Test> tests;              // by edge
    std::vector<std::uint32_t> features;  // by slot
    const LaneRule* rule;
  };

  void add_tree(std::span<const UnitPlan::DeepLeaf> leaves, const TreeEnsemble& ensemble,
                const RowEncoder& encoder);
  const LaneRule* rule_for(std::size_t features);
  const double* integrate(const Tree& tree, const std::uint8_t* codes, std::size_t stride,
                          std::size_t rows, const Kernels& kernels) const;

  std::vector<Tree> trees_;
  std::vector<std::unique_ptr<const LaneRule>> rules_;                 // by number of points
  std::vector<std::array<std::uint8_t, CodeSet::kCodes>> leads_left_;  // by set of the encoder
};

const LaneRule* DeepTrees::rule_for(std::size_t features) {
  // Without one factor the degree is one less than there are features.
  const std::size_t points = (features + 1) / 2;
  if (rules_.size() <= points) rules_.resize(points + 1);
  if (!rules_[points]) rules_[points] = std::make_unique<const LaneRule>(in_lanes(points));
  return rules_[points].get();
}

void DeepTrees::add_tree(std::span<const UnitPlan::DeepLeaf> leaves, const TreeEnsemble& ensemble,
                         const RowEncoder& encoder) {
  if (leads_left_.empty()) {
    for (const CodeSet& set : encoder.sets()) {
      auto& leads = leads_left_.emplace_back();
      for (std::size_t code = 0; code < leads.size(); ++code) leads[code] = set.contains(code);
    }
  }
  const std::size_t index = leaves.front().tree;
  const clairscore::Tree& nodes = ensemble.trees()[index];
  // Which nodes lead to one of the leaves. Children are not always after their parents.
  std::vector<std::uint32_t> parent(nodes.size());
  for (std::uint32_t n = 0; n < nodes.size(); ++n) {
    if (nodes[n].kind == Kind::kLeaf) continue;
    parent[nodes[n].left] = n;
    parent[nodes[n].right] = n;
  }
  std::vector<bool> wanted(nodes.size());
  std::size_t most_features = 0;
  for (const UnitPlan::DeepLeaf& leaf : leaves) {
    most_features = std::max<std::size_t>(most_features, leaf.feature_count);
    for (std::uint32_t n = leaf.node; n != 0 && !wanted[n]; n = parent[n]) wanted[n] = true;
  }
  Tree& tree = trees_.emplace_back();
  tree.output = leaves.front().output;
  tree.rule = rule_for(most_features);
  struct Open {
    std::uint32_t node;   // the edge leads to it
    std::uint32_t above;  // as DeepEdge::parent
  };
  std::vector<Open> open;
  const auto open_children = [&](std::uint32_t n, std::uint32_t above) {
    for (const std::uint32_t child : {nodes[n].right, nodes[n].left}) {
      if (wanted[child]) open.push_back({child, above});
    }
  };
  open_children(0, 0);
  while (!open.empty()) {
    const Open now = open.back();
    open.pop_back();
    const TreeNode& tested = nodes[parent[now.node]];
    const bool left = tested.left == now.node;
    const auto slot = std::find(tree.features.begin(), tree.features.end(), tested.feature);
    DeepEdge edge{};
    edge.parent = now.above;
    edge.slot = static_cast<std::uint32_t>(slot - tree.features.begin());
    if (slot == tree.features.end()) tree.features.push_back(tested.feature);
    edge.previous = DeepEdge::kNone;
    edge.cover = nodes[now.node].cover / tested.cover;
    for (std::uint32_t e = now.above; e != 0; e = tree.edges[e - 1].parent) {
      if (tree.edges[e - 1].slot != edge.slot) continue;
      edge.previous = e - 1;
      edge.cover *= tree.edges[e - 1].cover;
      break;
    }
    const bool is_leaf = nodes[now.node].kind == Kind::kLeaf;
    edge.value = is_leaf ? nodes[now.node].value : 0;
    const RowEncoder::Test test = encoder.test(index, parent[now.node]);
    tree.edges.push_back(edge);
    tree.tests.push_back({test.column, test.left, left});
    if (!is_leaf) open_children(now.node, static_cast<std::uint32_t>(tree.edges.size()));
  }
}

const double* DeepTrees::integrate(const Tree& tree, const std::uint8_t* codes, std::size_t stride,
                                   std::size_t rows, const Kernels& kernels) const {
  const std::size_t edges = tree.edges.size();
  const std::size_t slots = tree.features.size();
  BlockMemory& memory = BlockMemory::of_this_thread();
  std::uint8_t* present = memory.bytes(2, 2 * edges * rows);
  std::uint8_t* states = present + edges * rows;
  for (std::size_t e = 0; e < edges; ++e) {
    const Test& test = tree.tests[e];
    const std::uint8_t* column = codes + test.column * stride;
    const auto& leads = leads_left_[test.set];
    const auto other_way = static_cast<std::uint8_t>(test.left ? 0 : 1);
    const std::uint32_t previous = tree.edges[e].previous;
    std::uint8_t* here = present + e * rows;
    std::uint8_t* state = states + e * rows;
    for (std::size_t r = 0; r < rows; ++r) {
      here[r] = static_cast<std::uint8_t>(leads[column[r]] ^ other_way);
    }
    if (previous == DeepEdge::kNone) {
      for (std::size_t r = 0; r < rows; ++r) state[r] = static_cast<std::uint8_t>(1 - here[r]);
      continue;
    }
    const std::uint8_t* above = present + previous * rows;
    for (std::size_t r = 0; r < rows; ++r) {
      here[r] &= above[r];
      state[r] = static_cast<std::uint8_t>(2 - above[r] - here[r]);
    }
  }
  double* tables = memory.doubles(1, edges * 6 * kDeepLanes);
  double* work = memory.doubles(2, (2 * edges + 2 + slots) * kDeepLanes);
  double* contributions = memory.doubles(3, slots * rows);
  kernels.deep_tree({tree.edges.data(), edges, slots, tree.rule->points.data(),
                     tree.rule->weights.data(), tree.rule->points.size() / kDeepLanes, states, rows,
                     rows, tables, work, contributions});
  return contributions;
}

}  // namespace

std::unique_ptr<const DeepLeaves> DeepLeaves::path_dependent(const UnitPlan& plan,
                                                             const TreeEnsemble& ensemble,
                                                             const RowEncoder& encoder) {
  return std::make_unique<const DeepTrees>(plan, ensemble, encoder);
}

}  // namespace clairscore
