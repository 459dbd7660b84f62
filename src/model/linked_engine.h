#pragma once

// The row engine of a LinkedEstimator: that of its sum, with the scale of the scores applied.

#include "model/row_engine.h"

namespace clairscore {

/// raw = sum / divisor * factor + offset.
struct AffineMap {
  double divisor = 1;
  double factor = 1;
  double offset = 0;

  double of_score(double sum) const { return sum / divisor * factor + offset; }
  double of_contribution(double part) const { return part / divisor * factor; }
};

/// `sum` may be null: then there is no engine.
RowEnginePtr make_linked_engine(RowEnginePtr sum, const AffineMap& map);

}  // namespace clairscore
