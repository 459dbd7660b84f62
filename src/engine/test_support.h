#pragma once

// Random ensembles and rows for the tests: every kind of split, missing and infinite values,
// thresholds that are hit exactly, categories that no training row had.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "engine/kernels.h"
#include "engine/row_encoder.h"
#include "model/tree_ensemble.h"

namespace clairscore::testing {

struct Shape {
  std::size_t features = 5;
  std::size_t trees = 3;  // an output
  std::size_t max_depth = 5;
  std::size_t outputs = 1;
  std::size_t most_leaves = 64;  // a tree
  std::size_t thresholds = 5;    // whole numbers from 0; many: more than a byte counts
};

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(engine_() % n); }
  std::size_t between(std::size_t least, std::size_t most) {
    return least + below(most - least + 1);
  }

  TreeEnsemble ensemble(const Shape& shape) {
    TreeEnsemble::Parts parts;
    parts.features = shape.features;
    for (std::size_t k = 0; k < shape.outputs; ++k) {
      parts.baseline.push_back(0.25 * static_cast<double>(below(9)) - 1);
    }
    parts.known_categories.resize(shape.features);
    for (CategorySet& known : parts.known_categories) {
      for (int i = 0; i < 4; ++i) known.insert(category());
    }
    for (std::size_t t = 0; t < shape.trees * shape.outputs; ++t) {
      parts.trees.push_back(tree(shape, parts.category_sets));
    }
    return TreeEnsemble::build(std::move(parts)).value();
  }

  /// A value for any feature.
  double value(const Shape& shape) {
    static constexpr double kSpecial[] = {NAN, -1,   0.5,  7,        255,      256 + 3,
                                          300, 1e30, -0.0, HUGE_VAL, -HUGE_VAL};
    if (below(3) == 0) return kSpecial[below(std::size(kSpecial))];
    const auto whole = static_cast<double>(below(shape.thresholds + 1));
    if (below(3) == 0) return std::nextafter(whole, below(2) == 0 ? -HUGE_VAL : HUGE_VAL);
    return whole;
  }

  std::vector<double> row(const Shape& shape) {
    std::vector<double> values(shape.features);
    for (double& v : values) v = value(shape);
    return values;
  }

  /// [feature][row].
  std::vector<std::vector<double>> columns(const Shape& shape, std::size_t rows) {
    std::vector<std::vector<double>> made(shape.features, std::vector<double>(rows));
    for (auto& column : made) {
      for (double& v : column) v = value(shape);
    }
    return made;
  }

 private:
  std::uint8_t category() {
    return static_cast<std::uint8_t>(below(8) == 0 ? 255 - below(2) : below(6));
  }

  Tree tree(const Shape& shape, std::vector<CategorySet>& sets) {
    Tree tree(1);
    tree[0].cover = 1000;
    std::vector<std::pair<std::uint32_t, std::size_t>> open{{0, 0}};
    std::size_t leaves = 1;
    while (!open.empty()) {
      const std::size_t pick = below(open.size());
      const auto [at, depth] = open[pick];
      open.erase(open.begin() + static_cast<std::ptrdiff_t>(pick));
      TreeNode& node = tree[at];
      if (depth == shape.max_depth || leaves == shape.most_leaves || (depth > 0 && below(5) == 0)) {
        node.value = static_cast<double>(below(2001)) / 1000 - 1;
        continue;
      }
      ++leaves;
      node.feature = static_cast<std::uint32_t>(below(shape.features));
      node.missing_goes_left = below(2) == 0;
      if (below(3) == 0) {
        node.kind = TreeNode::Kind::kCategorical;
        node.category_set = static_cast<std::uint32_t>(sets.size());
        CategorySet left;
        for (int i = 0; i < 3; ++i) left.insert(category());
        sets.push_back(left);
      } else {
        node.kind = TreeNode::Kind::kNumeric;
        node.threshold = below(10) == 0   ? HUGE_VAL
                         : below(20) == 0 ? -HUGE_VAL
                                          : static_cast<double>(below(shape.thresholds));
      }
      const double share = static_cast<double>(below(9) + 1) / 10;
      const double cover = node.cover;
      node.left = static_cast<std::uint32_t>(tree.size());
      node.right = node.left + 1;
      open.emplace_back(node.left, depth + 1);
      open.emplace_back(node.right, depth + 1);
      tree.resize(tree.size() + 2);
      tree[tree.size() - 2].cover = cover * share;
      tree[tree.size() - 1].cover = cover * (1 - share);
    }
    return tree;
  }

  std::mt19937_64 engine_;
};

inline std::vector<const double*> pointers(const std::vector<std::vector<double>>& columns) {
  std::vector<const double*> made;
  for (const auto& column : columns) made.push_back(column.data());
  return made;
}

inline std::vector<double> row_of(const std::vector<std::vector<double>>& columns,
                                  std::size_t row) {
  std::vector<double> values;
  for (const auto& column : columns) values.push_back(column[row]);
  return values;
}

/// Every set of kernels that this processor runs.
inline std::vector<InstructionSet> instruction_sets() {
  std::vector<InstructionSet> sets;
  for (const auto set :
       {InstructionSet::kPortable, InstructionSet::kAvx2, InstructionSet::kAvx512}) {
    if (available(set)) sets.push_back(set);
  }
  return sets;
}

/// A shape for a property: mostly small, at times deep or wide.
inline Shape random_shape(Random& random) {
  Shape shape;
  shape.features = random.between(1, 12);
  shape.trees = random.between(1, 6);
  shape.max_depth = random.between(1, 20);
  shape.outputs = random.between(1, 3);
  shape.most_leaves = random.between(2, 40);
  if (random.below(4) == 0) shape.features = 40;
  if (random.below(5) == 0) shape.most_leaves = 400;
  if (random.below(3) == 0) shape.thresholds = 700;
  return shape;
}

}  // namespace clairscore::testing
