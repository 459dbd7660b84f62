#include "synth/sampler.h"

#include <cmath>

#include "synth/portable_math.h"

namespace clairscore::synth {
namespace {

constexpr double kPiOverSix = 0x1.0c152382d7366p-1;

/// Cholesky's factor of a symmetric matrix, or empty when it is not positive definite.
std::vector<double> cholesky(const std::vector<double>& matrix, std::size_t n) {
  std::vector<double> factor(n * n, 0.0);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double rest = matrix[i * n + j];
      for (std::size_t k = 0; k < j; ++k) rest -= factor[i * n + k] * factor[j * n + k];
      if (i != j) {
        factor[i * n + j] = rest / factor[j * n + j];
      } else if (rest > 1e-6) {
        factor[i * n + i] = std::sqrt(rest);  // IEEE 754 defines it to the last bit
      } else {
        return {};
      }
    }
  }
  return factor;
}

}  // namespace

AliasTable::AliasTable(std::span<const double> weights) : slots_(weights.size()) {
  constexpr double whole = 0x1p32;
  double total = 0;
  for (const double weight : weights) total += weight;
  std::vector<double> share;
  std::vector<std::uint32_t> small;
  std::vector<std::uint32_t> large;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    share.push_back(weights[i] / total * static_cast<double>(weights.size()));
    (share[i] < 1 ? small : large).push_back(static_cast<std::uint32_t>(i));
  }
  while (!small.empty() && !large.empty()) {
    const std::uint32_t less = small.back();
    const std::uint32_t more = large.back();
    small.pop_back();
    slots_[less] = {static_cast<std::uint64_t>(share[less] * whole), more};
    share[more] -= 1 - share[less];
    if (share[more] < 1) {
      large.pop_back();
      small.push_back(more);
    }
  }
  // What is left is 1 but for rounding: the slot itself.
  for (const auto& rest : {small, large}) {
    for (const std::uint32_t i : rest) slots_[i] = {std::uint64_t{1} << 32, i};
  }
}

QuantileTable::QuantileTable(std::span<const double> quantiles, int decimals)
    : cells_(static_cast<double>(quantiles.size() - 1)) {
  double unit = 1;
  for (int i = 0; i < decimals; ++i) unit *= 10;
  for (const double value : quantiles) values_.push_back(value * unit);
  const std::size_t n = values_.size();
  if (n >= 3) {
    long_left_ = values_[1] - values_[0] > 4 * (values_[2] - values_[1]);
    long_right_ = values_[n - 1] - values_[n - 2] > 4 * (values_[n - 2] - values_[n - 3]);
  }
}

OrderedTable::OrderedTable(std::span<const double> weights) {
  double total = 0;
  for (const double weight : weights) total += weight;
  double sum = 0;
  for (const double weight : weights) upper_.push_back((sum += weight) / total);
}

std::vector<double> copula_factor(std::span<const std::vector<double>> rank_correlation) {
  const std::size_t n = rank_correlation.size();
  for (int percent = 0; percent <= 100; ++percent) {
    const double keep = (100 - percent) / 100.0;
    std::vector<double> matrix(n * n, 1.0);
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) {
        if (i != j)
          matrix[i * n + j] = keep * 2 * portable::sin(kPiOverSix * rank_correlation[i][j]);
      }
    }
    std::vector<double> factor = cholesky(matrix, n);
    if (!factor.empty() || n == 0) return factor;
  }
  return {};  // not reached: the identity has a factor
}

}  // namespace clairscore::synth
