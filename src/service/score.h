#pragma once

#include <string_view>

namespace clairscore {

/// What the model says of an applicant.
struct Score {
  double raw = 0;              // decision function: log-odds for a boosted classifier
  double probability_pos = 0;  // predict_proba of the positive class
  bool refused = false;        // probability_pos >= threshold
};

/// "refused" or "accepted": the original's words, kept in its API.
std::string_view decision_text(const Score& score);

}  // namespace clairscore
