#pragma once

// One applicant's contributions by input, in points, and the reasons chosen from them: what the
// screen, its preloads and the API say of an applicant has one source.

#include <cstddef>
#include <optional>
#include <vector>

#include "base/error.h"
#include "service/assets.h"
#include "service/points.h"
#include "service/reasons.h"

namespace clairscore {

struct CustomerReasons {
  PointScale points;
  double base = 0;             // points of the starting point
  std::vector<double> inputs;  // points of each column of data().inputs()
  double shared = 0;           // points that belong to no input alone
  Reasons reasons;
  /// Of the reasons the heaviest whose value is there, of both directions together: the input whose
  /// distribution says most about this applicant. Nothing where no reason has a value.
  std::optional<std::size_t> strongest;
};

/// Errors: those of Assets::explain.
Result<CustomerReasons> reasons_of(const Assets& assets, std::size_t row);

}  // namespace clairscore
