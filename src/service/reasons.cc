#include "service/reasons.h"

#include <algorithm>
#include <cmath>

namespace clairscore {

namespace {

constexpr double kLeast = 0.5;

int rounded(double points) {
  return static_cast<int>(std::lround(points));
}

}  // namespace

Reasons principal_reasons(std::span<const double> points, double base, int score, bool unfavourable,
                          const std::function<bool(std::size_t)>& to_review) {
  std::vector<Reason> lowering;
  std::vector<Reason> raising;
  for (std::size_t input = 0; input < points.size(); ++input) {
    const Reason reason{input, points[input], rounded(points[input])};
    if (reason.points < 0) lowering.push_back(reason);
    if (reason.points > 0) raising.push_back(reason);
  }
  const auto heavier = [](const Reason& a, const Reason& b) {
    return std::abs(a.points) > std::abs(b.points);
  };
  // Of those against, the four heaviest are listed anyway.
  std::vector<Reason> heaviest = lowering;
  heaviest.insert(heaviest.end(), raising.begin(), raising.end());
  std::ranges::stable_sort(heaviest, heavier);
  heaviest.resize(std::min(heaviest.size(), kHeaviest));
  const auto keep = [&](std::vector<Reason>& reasons, std::size_t most, std::size_t least) {
    std::ranges::stable_sort(reasons, heavier);
    const auto light = std::ranges::find_if(
        reasons, [](const Reason& reason) { return std::abs(reason.points) < kLeast; });
    const auto heavy = static_cast<std::size_t>(light - reasons.begin());
    reasons.resize(std::min({std::max(heavy, least), most, reasons.size()}));
  };
  keep(lowering, kReasonsAgainst, unfavourable ? 1 : 0);
  keep(raising, kReasonsInFavour, 0);
  bool found_one = false;
  for (const Reason& reason : heaviest) {
    if (std::abs(reason.points) < kLeast || !to_review(reason.input)) continue;
    found_one = true;
    const bool listed =
        std::ranges::any_of(raising, [&](const Reason& one) { return one.input == reason.input; });
    if (reason.points > 0 && !listed) raising.push_back(reason);
  }

  Reasons result{rounded(base), std::move(lowering), std::move(raising), 0, score, found_one};
  result.others = score - result.base;
  for (const Reason& reason : result.against) result.others -= reason.displayed;
  for (const Reason& reason : result.favour) result.others -= reason.displayed;
  return result;
}

}  // namespace clairscore
