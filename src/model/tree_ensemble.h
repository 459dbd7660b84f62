#pragma once

// A sum of decision trees, immutable once built: raw score = baseline + one leaf of each tree.
//
// One node layout serves every booster and forest that is read: a numeric test `x <= threshold`
// goes left, a categorical test looks the category up in a set, and a missing value goes where the
// node says. Features are numbered as the columns given to the estimator (a reader undoes any
// reordering the training library made). Safe from any number of threads.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/error.h"

namespace clairscore {

/// A set of category codes 0..255: bit c of the 256.
struct CategorySet {
  std::array<std::uint32_t, 8> words{};
  bool contains(std::uint8_t code) const { return ((words[code / 32U] >> (code % 32U)) & 1U) != 0; }
  void insert(std::uint8_t code) { words[code / 32U] |= 1U << (code % 32U); }
};

struct TreeNode {
  enum class Kind : std::uint8_t { kLeaf, kNumeric, kCategorical };

  Kind kind = Kind::kLeaf;
  bool missing_goes_left = false;
  std::uint32_t feature = 0;       // inner nodes: column of the estimator's input
  std::uint32_t left = 0;          // inner nodes: index in the tree of the child taken
  std::uint32_t right = 0;         //   when the test holds (left) or not (right)
  std::uint32_t category_set = 0;  // categorical nodes: index into TreeEnsemble::category_sets()
  double threshold = 0;  // numeric nodes; may be +inf: every value that is not NaN goes left
  double value = 0;      // leaves: what is added to the raw score (learning rate included)
  double cover = 0;      // training rows (or weight) that reached the node, > 0
};

/// Nodes in any order, the root first.
using Tree = std::vector<TreeNode>;

class TreeEnsemble {
 public:
  struct Parts {
    std::size_t features = 0;
    /// Starting value of each output (1 for a binary classifier or a regressor, K for K classes).
    std::vector<double> baseline;
    /// In the order of summation; tree i adds to output i % baseline.size().
    std::vector<Tree> trees;
    /// Categories that go left, for the categorical nodes that point here.
    std::vector<CategorySet> category_sets;
    /// For each feature, the categories seen in training; empty (no bits) for numeric features.
    /// A category outside both the node's set and this one is treated as missing.
    std::vector<CategorySet> known_categories;
  };

  /// Errors kInput: a child, feature or set index out of range, a node reached twice or never, a
  /// cycle, a cover that is not positive and finite, a leaf value or threshold that is NaN, no
  /// output, more than 2^31 nodes.
  static Result<TreeEnsemble> build(Parts parts);

  std::size_t features() const { return parts_.features; }
  std::size_t outputs() const { return parts_.baseline.size(); }
  std::span<const double> baseline() const { return parts_.baseline; }
  const std::vector<Tree>& trees() const { return parts_.trees; }
  const std::vector<CategorySet>& category_sets() const { return parts_.category_sets; }
  const std::vector<CategorySet>& known_categories() const { return parts_.known_categories; }
  /// The longest path from a root to a leaf, in tests.
  std::size_t max_depth() const { return max_depth_; }
  /// Tests on all paths from a root to a leaf: what an explainer that keeps every path keeps.
  std::uint64_t path_tests() const { return path_tests_; }

  /// Where a row goes at an inner node. The rules are those of scikit-learn's
  /// HistGradientBoosting predictor: NaN, a negative category and one unknown to the training data
  /// follow missing_goes_left; the category is the value cut to 8 bits.
  bool goes_left(const TreeNode& node, double value) const;

  /// Raw scores of one row: row[features()], out[outputs()]. Leaves are added in tree order in
  /// fp64, so that the bits are those of the training library.
  void raw_score(std::span<const double> row, std::span<double> out) const;

  /// Raw scores of many rows given column by column: columns[f][r] for r in [0, rows);
  /// out[r * outputs() + k].
  void raw_scores(std::span<const double* const> columns, std::size_t rows,
                  std::span<double> out) const;

 private:
  TreeEnsemble() = default;
  Parts parts_;
  std::size_t max_depth_ = 0;
  std::uint64_t path_tests_ = 0;
};

}  // namespace clairscore
