#include "engine/leaf_tables.h"

#include <algorithm>
#include <array>
#include <bit>
#include <vector>

#include "model/quadrature.h"

namespace clairscore {

namespace {

constexpr std::size_t kPatterns = std::size_t{1} << UnitPlan::kMostFeatures;

/// Quadrature points that are worked on together; enough for eight features.
constexpr std::size_t kLanes = 4;
using Lanes = std::array<double, kLanes>;

struct LaneRule {
  Lanes points{};
  Lanes weights{};  // 0 for lanes without a point
};

/// By number of points, 0 to kLanes.
const std::array<LaneRule, kLanes + 1>& lane_rules() {
  static const std::array<LaneRule, kLanes + 1> rules = [] {
    std::array<LaneRule, kLanes + 1> made;
    for (std::size_t n = 1; n <= kLanes; ++n) {
      const Quadrature rule = gauss_legendre(n);
      std::copy(rule.points.begin(), rule.points.end(), made[n].points.begin());
      std::copy(rule.weights.begin(), rule.weights.end(), made[n].weights.begin());
    }
    return made;
  }();
  return rules;
}

}  // namespace

void fill_path_dependent(double value, std::span<const UnitPlan::LeafFeature> features,
                         std::span<const std::uint8_t> places, double* table) {
  const std::size_t count = features.size();
  const LaneRule& rule = lane_rules()[(count + 1) / 2];
  std::array<Lanes, kPatterns / 2> product;
  for (std::size_t j = 0; j < count; ++j) {
    // The integrand without feature j, for every pattern of the others.
    product[0] = rule.weights;
    std::size_t filled = 1;
    for (std::size_t g = 0; g < count; ++g) {
      if (g == j) continue;
      Lanes present;
      Lanes absent;
      for (std::size_t q = 0; q < kLanes; ++q) {
        absent[q] = (1 - rule.points[q]) * features[g].cover;
        present[q] = rule.points[q] + absent[q];
      }
      for (std::size_t p = 0; p < filled; ++p) {
        for (std::size_t q = 0; q < kLanes; ++q) {
          product[filled + p][q] = product[p][q] * present[q];
          product[p][q] *= absent[q];
        }
      }
      filled *= 2;
    }
    const double if_absent = value * (0 - features[j].cover);
    const double if_present = value * (1 - features[j].cover);
    const std::size_t below = (std::size_t{1} << j) - 1;
    for (std::size_t p = 0; p < filled; ++p) {
      const Lanes& lanes = product[p];
      const double integral = (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]);
      const std::size_t pattern = (p & below) | ((p & ~below) << 1U);
      table[pattern * kTableRow + places[j]] = if_absent * integral;
      table[(pattern | (std::size_t{1} << j)) * kTableRow + places[j]] = if_present * integral;
    }
  }
}

void fill_interactions(double value, std::span<const UnitPlan::LeafFeature> features,
                       std::span<const PairPlan::LeafPair> pairs, double* table) {
  const std::size_t count = features.size();
  // The others are one feature less than for contributions: one degree less, too.
  const LaneRule& rule = lane_rules()[count / 2];
  std::array<Lanes, UnitPlan::kMostFeatures> present;
  std::array<Lanes, UnitPlan::kMostFeatures> absent;
  for (std::size_t g = 0; g < count; ++g) {
    for (std::size_t q = 0; q < kLanes; ++q) {
      absent[g][q] = (1 - rule.points[q]) * features[g].cover;
      present[g][q] = rule.points[q] + absent[g][q];
    }
  }
  std::array<Lanes, kPatterns / 4> product;
  for (const PairPlan::LeafPair& pair : pairs) {
    // The integrand without the pair, for every pattern of the others.
    product[0] = rule.weights;
    std::size_t filled = 1;
    for (std::size_t g = 0; g < count; ++g) {
      if (g == pair.first || g == pair.second) continue;
      for (std::size_t p = 0; p < filled; ++p) {
        for (std::size_t q = 0; q < kLanes; ++q) {
          product[filled + p][q] = product[p][q] * present[g][q];
          product[p][q] *= absent[g][q];
        }
      }
      filled *= 2;
    }
    const double half = 0.5 * value;
    const double first = features[pair.first].cover;
    const double second = features[pair.second].cover;
    const std::array<double, 4> factors = {half * first * second, -half * (1 - first) * second,
                                           -half * first * (1 - second),
                                           half * (1 - first) * (1 - second)};
    const std::size_t low = (std::size_t{1} << pair.first) - 1;
    const std::size_t middle = (std::size_t{1} << (pair.second - 1U)) - 1;
    double* out = table + pair.place;
    for (std::size_t p = 0; p < filled; ++p) {
      const Lanes& lanes = product[p];
      const double integral = (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]);
      // Room for the bits of the pair, first < second.
      const std::size_t pattern = (p & low) | ((p & middle & ~low) << 1U) | ((p & ~middle) << 2U);
      for (std::size_t f = 0; f < factors.size(); ++f) {
        const std::size_t bits = ((f & 1U) << pair.first) | ((f >> 1U) << pair.second);
        out[(pattern | bits) * kTableRow] = factors[f] * integral;
      }
    }
  }
}

double interventional_weight(std::size_t s, std::size_t t) {
  // (s - 1)! t! / (s + t)! = 1 / (s * C(s + t, s)), factor by factor: nothing overflows.
  double weight = 1 / static_cast<double>(s);
  for (std::size_t i = 1; i <= s; ++i) {
    weight *= static_cast<double>(i) / static_cast<double>(t + i);
  }
  return weight;
}

void fill_interventional(double value, std::size_t feature_count, std::span<const double> shares,
                         std::span<const std::uint8_t> places, double* table) {
  static const auto weights = [] {
    std::array<std::array<double, UnitPlan::kMostFeatures + 1>, UnitPlan::kMostFeatures + 1> made{};
    for (std::size_t s = 1; s < made.size(); ++s) {
      for (std::size_t t = 0; t < made.size(); ++t) made[s][t] = interventional_weight(s, t);
    }
    return made;
  }();
  const std::size_t patterns = std::size_t{1} << feature_count;
  const std::size_t all = patterns - 1;
  // Patterns spread over the places of a row: 1 where the feature leads on.
  std::array<std::array<double, kTableRow>, kPatterns> spread;
  for (std::size_t p = 0; p < patterns; ++p) {
    spread[p].fill(0);
    for (std::size_t i = 0; i < feature_count; ++i) {
      if (((p >> i) & 1U) != 0) spread[p][places[i]] = 1;
    }
  }
  for (std::size_t p = 0; p < patterns; ++p) {
    double* row = table + p * kTableRow;
    std::fill_n(row, kTableRow, 0.0);
    const std::size_t lacking = all ^ p;
    const auto t = static_cast<std::size_t>(std::popcount(lacking));
    double lost = 0;
    // Background patterns: all that p lacks, and `both` of what it has.
    for (std::size_t both = p;; both = (both - 1) & p) {
      const double share = shares[lacking | both];
      if (share != 0) {
        const std::size_t alone = p & ~both;
        const auto s = static_cast<std::size_t>(std::popcount(alone));
        const double won = value * share * weights[s][t];
        for (std::size_t c = 0; c < kTableRow; ++c) row[c] += won * spread[alone][c];
        lost += value * share * weights[t][s];
      }
      if (both == 0) break;
    }
    for (std::size_t c = 0; c < kTableRow; ++c) row[c] -= lost * spread[lacking][c];
  }
}

}  // namespace clairscore
