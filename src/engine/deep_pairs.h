#pragma once

// Interaction values of the leaves that no table holds, row by row and exact: at each point of the
// quadrature the product over all features, divided by the factors of the two (none is zero).
// Immutable; safe from any number of threads.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/row_encoder.h"
#include "engine/unit_plan.h"
#include "model/quadrature.h"

namespace clairscore {

class DeepPairs {
 public:
  /// pairs: of feature i < j of the leaf (in its own order), where its value goes:
  /// (0, 1), (0, 2), …, (1, 2), ….
  void add_leaf(UnitPlan::DeepLeaf leaf, std::vector<std::uint32_t> pairs);

  /// Adds the values of output k to out[row * out_stride + pair].
  void add(std::size_t k, const CodeBlock& block, std::size_t rows, double* out,
           std::size_t out_stride) const;

 private:
  struct Leaf {
    UnitPlan::DeepLeaf leaf;
    std::vector<std::uint32_t> pairs;
  };
  std::vector<Leaf> leaves_;
  std::vector<Quadrature> rules_;  // by number of points
};

}  // namespace clairscore
