#pragma once

// The leaves that no table holds (more than eight features, or more states than a byte counts),
// exact: path-dependent row by row, at a cost for each edge on the way to such leaves
// (deep_trees.cc says how); interventional once for each distinct pattern of a block's rows, and
// each of the background's, at a cost that grows with the leaf's features. Immutable; safe from any
// number of threads.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/kernels.h"
#include "engine/row_encoder.h"
#include "engine/unit_plan.h"

namespace clairscore {

class DeepLeaves {
 public:
  virtual ~DeepLeaves() = default;

  /// What is given outlives the leaves.
  static std::unique_ptr<const DeepLeaves> path_dependent(const UnitPlan& plan,
                                                          const TreeEnsemble& ensemble,
                                                          const RowEncoder& encoder);
  /// Background rows in codes.
  static std::unique_ptr<const DeepLeaves> interventional(const UnitPlan& plan,
                                                          const CodeBlock& background,
                                                          std::size_t rows);

  bool empty() const { return plan_.deep_leaves.empty(); }

  /// Adds the contributions of output k to sums[column_of[feature] * sum_stride + r].
  virtual void add(std::size_t k, const CodeBlock& block, std::size_t rows,
                   const std::uint32_t* column_of, double* sums, std::size_t sum_stride,
                   const Kernels& kernels) const = 0;
  /// The same for one row from its codes: out[feature].
  virtual void add_row(std::size_t k, const std::uint8_t* codes, double* out,
                       const Kernels& kernels) const = 0;
  /// What the leaves add to the base values; nothing for the path-dependent game.
  virtual void add_base_values(std::span<double> /*base_values*/) const {}

 protected:
  explicit DeepLeaves(const UnitPlan& plan) : plan_(plan) {}
  const UnitPlan& plan_;
};

}  // namespace clairscore
