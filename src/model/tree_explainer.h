#pragma once

// SHAP values of a tree ensemble, path-dependent (the absent features follow the training covers),
// in the units of the raw score: the plain fp64 implementation that faster ones are compared with.
//
// For a leaf of value v whose path tests the features F, with p_f = 1 when every test on f leads
// the row towards the leaf (else 0) and c_f the product of the cover ratios of those tests, the
// contribution of f is
//     v (p_f - c_f) * integral over t in [0, 1] of  prod_{g in F, g != f} (t p_g + (1 - t) c_g) dt
// which is Shapley's average over orderings written as an integral (Owen 1972; used for trees by
// Yu et al. 2022 and Karczmarz et al. 2022). The integrand is a polynomial of degree |F| - 1, so
// Gauss-Legendre quadrature with ceil(|F| / 2) points is exact. All factors are non-negative and
// at most 1: nothing cancels, and the result is within a few ulp of brute-force enumeration.
//
// Immutable after construction; safe from any number of threads.

#include <memory>
#include <span>
#include <vector>

#include "model/tree_ensemble.h"

namespace clairscore {

class TreeExplainer {
 public:
  explicit TreeExplainer(std::shared_ptr<const TreeEnsemble> ensemble);
  TreeExplainer(TreeExplainer&&) noexcept;
  TreeExplainer& operator=(TreeExplainer&&) noexcept;
  ~TreeExplainer();

  /// The raw score with no feature known, one per output: baseline plus each tree's expectation
  /// under its covers.
  std::span<const double> base_values() const;

  /// Contributions of one row: row[features], out[outputs * features], the features of output 0
  /// first. base_values()[k] + sum of out's part k = raw score k, to rounding.
  void explain(std::span<const double> row, std::span<double> out) const;

 private:
  struct Tables;
  std::unique_ptr<const Tables> tables_;
};

}  // namespace clairscore
