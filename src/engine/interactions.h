#pragma once

// SHAP interaction values, path-dependent, for the pairs of features that some tree tests together;
// of all other pairs they are zero.
//
// For a leaf (model/tree_explainer.h) and two of its features i, j the interaction is
//     v (p_i - c_i) (p_j - c_j) * integral over t of  prod_{g != i, j} (t p_g + (1 - t) c_g) dt
// Values here are half of that, as the two entries of shap's symmetric matrix share it. The
// diagonal entry of a feature is its contribution less the rest of its row, so a row adds up to the
// contribution and the matrix to the raw score less the base value.
//
// Immutable after construction; safe from any number of threads.

#include <cstddef>
#include <memory>
#include <vector>

#include "engine/kernels.h"
#include "engine/row_encoder.h"
#include "engine/unit_plan.h"
#include "model/row_engine.h"
#include "model/tree_ensemble.h"

namespace clairscore {

/// The pairs that a path of some tree tests both of.
FeaturePairs interacting_features(const TreeEnsemble& ensemble);

class InteractionExplainer {
 public:
  /// Rows that are explained together: their sums, one column a pair, stay in the second cache.
  static constexpr std::size_t kBlockRows = 256;

  /// Both outlive the explainer; `threads` build the tables.
  InteractionExplainer(const TreeEnsemble& ensemble, const RowEncoder& encoder,
                       std::size_t threads);

  /// interacting_features(), which is the order of the values.
  const FeaturePairs& pairs() const { return pairs_; }

  /// Interactions of rows [begin, begin + count): out[(i * outputs + k) * pairs + v]. False as
  /// RowEncoder::encode().
  bool explain(const RowEncoder::Rows& rows, std::size_t begin, std::size_t count, double* out,
               const Kernels& kernels) const;

 private:
  std::size_t pair_index(std::size_t a, std::size_t b) const;
  void add_deep_leaves(std::size_t k, const std::uint8_t* codes, std::size_t rows,
                       double* sums) const;

  const TreeEnsemble* ensemble_;
  const RowEncoder* encoder_;
  UnitPlan plan_;
  FeaturePairs pairs_;
  /// Pairs of a unit in lines of eight: a table row is all its lines.
  struct Line {
    std::vector<std::uint32_t> pairs;
  };
  std::vector<std::vector<Line>> lines_;  // by unit
  std::vector<std::size_t> first_value_;  // of a unit's table
  std::vector<double> values_;
};

}  // namespace clairscore
