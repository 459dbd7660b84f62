#pragma once

// SHAP values of an ensemble from row codes, by tables over the units of a UnitPlan, in the units
// of the raw score. Two games share everything but what the tables hold:
//   path-dependent  absent features follow the training covers, as TreeExplainer, within 1e-12;
//   interventional  absent features take the values of background rows, averaged over all of them:
//                   the background is counted once into histograms over the units' states, so what
//                   an explanation costs does not depend on its size.
// A row's sums are made in one order, whatever the instructions, the block or the number of
// threads. Immutable after construction; safe from any number of threads.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/kernels.h"
#include "engine/row_encoder.h"
#include "engine/table_memory.h"
#include "engine/unit_plan.h"
#include "model/tree_ensemble.h"

namespace clairscore {

class DeepLeaves;

class TableExplainer {
 public:
  /// Rows that are explained together.
  static constexpr std::size_t kBlockRows = 512;

  /// Both outlive the explainer; `threads` build the tables.
  static TableExplainer path_dependent(const TreeEnsemble& ensemble, const RowEncoder& encoder,
                                       std::size_t threads);
  /// Nothing when the encoder refuses a row of the background. Needs at least one row.
  static std::optional<TableExplainer> interventional(const TreeEnsemble& ensemble,
                                                      const RowEncoder& encoder,
                                                      const RowEncoder::Rows& background,
                                                      std::size_t threads, const Kernels& kernels);
  TableExplainer(TableExplainer&&) noexcept;
  TableExplainer& operator=(TableExplainer&&) noexcept;
  ~TableExplainer();

  /// Of the interventional game: the mean raw score of the background, one per output. Of the
  /// path-dependent one TreeExplainer has it.
  std::span<const double> base_values() const { return base_values_; }
  const UnitPlan& plan() const { return *plan_; }

  /// Contributions of rows [begin, begin + count): out[(i * outputs + k) * features + f]. False as
  /// RowEncoder::encode().
  bool explain(const RowEncoder::Rows& rows, std::size_t begin, std::size_t count, double* out,
               const Kernels& kernels) const;
  /// One row from its codes, one a column: out[outputs * features]. The bits of explain().
  void explain_row(const std::uint8_t* codes, double* out, const Kernels& kernels) const;

 private:
  /// Fills a leaf's table: row p (eight doubles) is what each feature gets when the features of
  /// bits p lead to the leaf. Feature i of the leaf is in place places[i] of the row.
  using FillLeaf = std::function<void(std::size_t unit, std::size_t leaf,
                                      std::span<const std::uint8_t> places, double* table)>;

  /// A step of a unit's index, for one row at a time: sorted by column and code, a row takes those
  /// of each column from the first to its code.
  struct RowStep {
    std::uint32_t unit;
    std::uint8_t at_least;
    std::uint8_t weight;
  };

  TableExplainer(const TreeEnsemble& ensemble, const RowEncoder& encoder, bool deep_paths);
  void sort_row_steps();
  void fill_tables(std::size_t threads, const FillLeaf& fill);

  const TreeEnsemble* ensemble_;
  const RowEncoder* encoder_;
  std::unique_ptr<const UnitPlan> plan_;
  std::unique_ptr<const DeepLeaves> deep_;
  std::vector<double> base_values_;
  std::vector<const double*> tables_;  // by unit
  std::vector<std::uint8_t> starts_;   // by unit
  std::vector<RowStep> row_steps_;
  std::vector<std::size_t> first_row_step_;  // by column, and the end
  std::vector<std::uint32_t> column_of_;     // [output][feature]: among used features, or kUnused
  TableMemory memory_;
};

}  // namespace clairscore
