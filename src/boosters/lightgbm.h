#pragma once

// The text of a LightGBM model (versions 2 to 4 of the format): what save_model writes, and what a
// pickled Booster holds.
//
// A number is compared in double with `<=`; one within 1e-35 of zero counts as zero. Where a test
// has no rule for missing values, they count as 0; where zeros are missing (zero_as_missing), both
// go where the test says. A category that is no whole number is cut to
// one; missing, negative and unknown ones go right. A model trained on pandas categories ends with
// their values.

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.h"
#include "boosters/booster.h"

namespace clairscore {

/// True for text that begins as a LightGBM model does.
bool is_lightgbm_text(std::string_view text);

/// `iterations`: how many count, 0 for all. Errors kInput with "name:line", kUnsupported for linear
/// trees and objectives whose prediction is no sum; kLimit.
Result<Booster> read_lightgbm(std::string_view text, const std::string& name,
                              std::size_t iterations = 0);

}  // namespace clairscore
