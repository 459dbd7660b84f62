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

#include "engine/deep_pairs.h"
#include "engine/kernels.h"
#include "engine/pair_plan.h"
#include "engine/row_encoder.h"
#include "engine/table_memory.h"
#include "model/row_engine.h"
#include "model/tree_ensemble.h"

namespace clairscore {

class InteractionExplainer {
 public:
  /// Rows that are explained together: what a run of pairs reads of the tables serves them all.
  static constexpr std::size_t kBlockRows = 2048;

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
  /// What a run of pairs looks up for one output.
  struct Unit {
    std::uint32_t first_step;
    std::uint32_t step_count;
    std::uint8_t start;
    std::uint8_t places;
    std::uint8_t row_width;
    const double* table;
  };
  struct Run {
    std::uint32_t first_unit;
    std::uint32_t unit_count;
  };

  void fill_tables(const PairPlan& plan, std::size_t threads);
  void add_run(const Run& run, const std::uint8_t* codes, std::size_t rows, double* out,
               std::size_t out_stride, std::size_t width, const Kernels& kernels) const;

  const TreeEnsemble* ensemble_;
  const RowEncoder* encoder_;
  FeaturePairs pairs_;
  std::vector<IndexStep> steps_;
  std::vector<Unit> units_;
  std::vector<Run> runs_;  // [output][run]
  DeepPairs deep_;
  TableMemory memory_;
};

}  // namespace clairscore
