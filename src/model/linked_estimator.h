#pragma once

// A sum, with what makes it the score of a library's class: an average, an affine map, a link.

#include <string>
#include <vector>

#include "base/error.h"
#include "model/estimator.h"
#include "model/link.h"

namespace clairscore {

struct LinkedParts {
  std::string kind;
  std::vector<std::string> classes;  // empty for a regressor
  /// Its raw scores are the sums, one a raw score of this one.
  EstimatorPtr sum;
  /// raw = sum / divisor * factor + offset; contributions likewise, without the offset.
  double divisor = 1;
  double factor = 1;
  double offset = 0;
  Link link;
  ScoreScale scale = ScoreScale::kLogOdds;
};

/// Errors kInput: a number of outputs that does not fit the classes, a divisor of zero.
Result<EstimatorPtr> make_linked_estimator(LinkedParts parts);

}  // namespace clairscore
