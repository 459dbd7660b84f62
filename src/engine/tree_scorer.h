#pragma once

// Raw scores of an ensemble from row codes. The trees' values are added in tree order in fp64 to
// the baseline: bit for bit what TreeEnsemble::raw_score answers.
//
// Batches: a tree of up to 256 leaves is evaluated from its leaves to its root for many rows at
// once, one byte a row: a node's leaf is its left child's where the test holds, else its right
// child's. That takes a load, a comparison and a blend a node for 16 to 64 rows, whatever the
// depth. Larger trees, and single rows, walk: no branch depends on the data, a leaf is a node that
// leads to itself, and eight walks go on at once so that their loads overlap.
//
// Immutable after construction; safe from any number of threads.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/kernels.h"
#include "engine/row_encoder.h"
#include "model/tree_ensemble.h"

namespace clairscore {

class TreeScorer {
 public:
  /// Rows that are scored together: their codes and leaves stay in the nearest cache.
  static constexpr std::size_t kBlockRows = 512;

  /// Both outlive the scorer.
  TreeScorer(const TreeEnsemble& ensemble, const RowEncoder& encoder);

  /// Scores of rows [begin, begin + count), out[i * outputs + k]. False as RowEncoder::encode().
  bool score(const RowEncoder::Rows& rows, std::size_t begin, std::size_t count, double* out,
             const Kernels& kernels) const;
  /// One row from its codes, one a column.
  void score_row(const std::uint8_t* codes, double* out) const;

 private:
  struct Walker {
    std::uint32_t child;  // the left one; the right one follows it. A leaf: itself.
    std::uint32_t column;
    std::uint32_t set;  // codes that go left; of a leaf all
  };
  struct ScoredTree {
    std::uint32_t first_step = 0;
    std::uint32_t step_count = 0;  // 0: one leaf, or too large to blend
    std::uint32_t first_value = 0;
    std::uint32_t leaf_count = 0;
    std::uint32_t root = 0;  // walker
    std::uint32_t depth = 0;
    bool walked = false;
  };
  struct Blender;

  void add_walkers(const Tree& tree, std::size_t index, ScoredTree& scored);
  void walk_rows(const ScoredTree& tree, const std::uint8_t* codes, std::size_t stride,
                 std::size_t rows, double* sums) const;

  const TreeEnsemble& ensemble_;
  const RowEncoder& encoder_;
  std::vector<CodeSet> sets_;  // the encoder's, then all codes
  std::vector<ScoredTree> trees_;
  std::vector<BlendStep> steps_;
  std::vector<double> values_;
  std::vector<Walker> walkers_;
  std::vector<double> walker_values_;
  std::size_t slots_ = 1;
};

}  // namespace clairscore
