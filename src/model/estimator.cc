#include "model/estimator.h"

namespace clairscore {

std::string_view to_string(ScoreScale scale) {
  switch (scale) {
    case ScoreScale::kLogOdds:
      return "log-odds";
    case ScoreScale::kProbability:
      return "probability";
    case ScoreScale::kMargin:
      return "margin";
    case ScoreScale::kPrediction:
      return "prediction";
  }
  return "unknown";
}

}  // namespace clairscore
