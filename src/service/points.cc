#include "service/points.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace clairscore {

namespace {

/// Points of a probability: a thousandth of it each.
constexpr double kPointsPerProbability = -1000;
/// Nearer than this, a score is exactly at the threshold.
constexpr double kSame = 1e-9;

PointsOf usable(PointsOf wanted, double threshold) {
  return threshold > 0 && threshold < 1 ? wanted : PointsOf::kProbability;
}

}  // namespace

std::string_view to_string(PointsOf scale) {
  return scale == PointsOf::kLogOdds ? "log-odds" : "probability";
}

std::string_view decision_text(const Score& score) {
  return score.refused ? "refused" : "accepted";
}

PointScale::PointScale(const PointsRule& rule, PointsOf scale, double threshold)
    : rule_(rule), scale_(usable(scale, threshold)) {
  if (scale_ == PointsOf::kLogOdds) {
    threshold_ = std::log(threshold / (1 - threshold));
    per_unit_ = -rule.doubling / std::numbers::ln2;
  } else {
    threshold_ = threshold;
    per_unit_ = kPointsPerProbability;
  }
}

int PointScale::displayed(const Score& score) const {
  constexpr double kLimit = 1e6;  // an infinite score still is a number on the screen
  const double points = std::clamp(at(score), -kLimit, kLimit);
  const auto threshold = static_cast<int>(std::lround(rule_.at_threshold));
  const auto rounded = static_cast<int>(std::lround(points));
  if (std::abs(points - rule_.at_threshold) <= kSame) return threshold;
  return score.refused ? std::min(rounded, threshold - 1) : std::max(rounded, threshold + 1);
}

int PointScale::distance(const Score& score) const {
  return std::abs(displayed(score) - static_cast<int>(std::lround(rule_.at_threshold)));
}

bool PointScale::in_review_zone(const Score& score) const {
  return distance(score) <= std::lround(rule_.review_zone);
}

}  // namespace clairscore
