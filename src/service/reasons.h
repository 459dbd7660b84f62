#pragma once

// Why a score is what it is, in whole points that add up: a starting point, a few principal
// reasons, everything else in one number, and the score. Pure arithmetic.

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

namespace clairscore {

/// At most so many: more are no reasons but a list (Regulation B names four).
inline constexpr std::size_t kReasonsAgainst = 4;
inline constexpr std::size_t kReasonsInFavour = 2;
/// Among so many of the heaviest, of both directions together, a factor to be reviewed is shown.
inline constexpr std::size_t kHeaviest = 4;

struct Reason {
  std::size_t input = 0;
  double points = 0;  // exact
  int displayed = 0;  // whole
};

struct Reasons {
  int base = 0;
  std::vector<Reason> against;  // the heaviest first
  std::vector<Reason> favour;   // the same
  int others = 0;               // base + against + favour + others = score
  int score = 0;
  bool to_review = false;  // an input to be reviewed is among the kHeaviest
};

/// `points`: of each input; `base`: of the starting point; `score`: as it is displayed
/// (PointScale::displayed); `unfavourable`: the model advises against. A reason weighs at least
/// half a point; an unfavourable file has at least one, however light, when any input lowers it.
/// `to_review` says of an input that it is protected or has nothing to do with credit: one that is
/// among the kHeaviest, and weighs half a point, is listed in favour even beyond kReasonsInFavour,
/// so there are never more than kHeaviest in favour.
Reasons principal_reasons(std::span<const double> points, double base, int score, bool unfavourable,
                          const std::function<bool(std::size_t)>& to_review);

}  // namespace clairscore
