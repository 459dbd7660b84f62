#pragma once

// The one unit of the screen. Points are a linear transform of what the model sums, turned so that
// higher is better, with the threshold at a round number:
//
//   log-odds:     points = at_threshold − doubling / ln 2 · (raw − logit(threshold))
//   probability:  points = at_threshold − 1000 · (probability − threshold)
//
// so base + contributions = score holds in points as it holds in the model's own scale, and on the
// first scale `doubling` points double the odds. The second is for models (and shipped
// explanations) whose contributions add up to the probability; there a point is a thousandth of it.

#include "service/score.h"

#include <string_view>

namespace clairscore {

/// The settings: where the threshold stands, how many points double the odds, and how far on both
/// sides of the threshold a person should look again.
struct PointsRule {
  double at_threshold = 500;
  double doubling = 20;
  double review_zone = 20;
};

enum class PointsOf { kLogOdds, kProbability };
/// "log-odds", "probability".
std::string_view to_string(PointsOf scale);

class PointScale {
 public:
  /// A threshold of 0 or 1 has no log-odds: then the scale is the probability, whatever is asked.
  PointScale(const PointsRule& rule, PointsOf scale, double threshold);

  PointsOf scale() const { return scale_; }
  const PointsRule& rule() const { return rule_; }
  /// Points of a value on the model's scale (the raw score, a base value).
  double at(double value) const { return rule_.at_threshold + per_unit_ * (value - threshold_); }
  double at(const Score& score) const {
    return at(scale_ == PointsOf::kLogOdds ? score.raw : score.probability_pos);
  }
  /// Points of a difference on the model's scale (a contribution); never a negative zero.
  double of(double contribution) const { return per_unit_ * contribution + 0.0; }
  double per_unit() const { return per_unit_; }

  /// Points as a whole number that never contradicts the advice: what is refused stands below the
  /// threshold (unless it is exactly there), what is accepted above.
  int displayed(const Score& score) const;
  /// How far displayed() is from the threshold, in whole points.
  int distance(const Score& score) const;
  /// Whether the score is near enough to the threshold for a person to look again. Both edges
  /// belong to the zone, and what is displayed decides: of two files that both show 520 points,
  /// either both are to be reviewed or none.
  bool in_review_zone(const Score& score) const;

 private:
  PointsRule rule_;
  PointsOf scale_;
  double threshold_ = 0;  // on the scale
  double per_unit_ = 0;
};

}  // namespace clairscore
