#pragma once

// SHAP values of ensembles that are too large to keep every path of: the same game as
// model/tree_explainer.h, from the nodes alone.
//
// One walk of a tree keeps, at each quadrature point t, the product over the features met so far of
// t p + (1 - t) c, and on the way back the sum S of what the leaves below add. An edge on feature f
// then gives f the integral of (p - c) S / (t p + (1 - t) c), and takes back what an earlier edge
// on f would give it for these leaves. (Yu et al., Linear TreeShap, 2022, with values at points in
// place of coefficients.) No factor is zero, since 0 < t < 1 and c > 0. What a row costs is the
// nodes times the points, and memory is what one path takes.
//
// Immutable after construction; safe from any number of threads.

#include <memory>
#include <span>
#include <vector>

#include "model/quadrature.h"
#include "model/tree_ensemble.h"

namespace clairscore {

class WalkingExplainer {
 public:
  explicit WalkingExplainer(std::shared_ptr<const TreeEnsemble> ensemble);

  /// As those of TreeExplainer, to rounding.
  std::span<const double> base_values() const { return base_values_; }
  void explain(std::span<const double> row, std::span<double> out) const;

 private:
  class Walk;
  std::shared_ptr<const TreeEnsemble> ensemble_;
  std::vector<double> base_values_;
  std::vector<std::size_t> points_;      // by tree: quadrature points that are exact for it
  std::vector<Quadrature> quadratures_;  // by number of points; only those in use are made
};

}  // namespace clairscore
