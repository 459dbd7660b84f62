#pragma once

// Draws from the marginal distributions of a profile. All are immutable after construction, and
// use integers and exactly rounded arithmetic only: the same draws on every machine.

#include <cstdint>
#include <span>
#include <vector>

#include "synth/random.h"

namespace clairscore::synth {

/// Draws an index with the given weights in constant time: the alias method (A. J. Walker, 1977;
/// table built as M. Vose, 1991).
class AliasTable {
 public:
  /// weights: finite, not negative, not all zero, fewer than 2^32.
  explicit AliasTable(std::span<const double> weights);

  std::uint32_t draw(Random& random) const {
    const std::uint64_t bits = random.next();
    const auto slot = static_cast<std::uint32_t>(((bits >> 32) * slots_.size()) >> 32);
    const Slot& chosen = slots_[slot];
    return (bits & 0xFFFFFFFFU) < chosen.threshold ? slot : chosen.alias;
  }

 private:
  struct Slot {
    std::uint64_t threshold;  // of 2^32: below it the slot itself, else its alias
    std::uint32_t alias;
  };
  std::vector<Slot> slots_;
};

/// The value at a rank: linear between quantiles at equal steps of probability, as a whole number
/// of units, where a unit is 10^-decimals. Where the extreme value lies far out (its step is more
/// than four times the next), most of the outermost step stays near: a greatest income of millions
/// is one applicant's among thousands, not the middle of a fortieth of them.
class QuantileTable {
 public:
  QuantileTable(std::span<const double> quantiles, int decimals);

  /// rank in [0, 1].
  std::int64_t at(double rank) const {
    const double position = rank * cells_;
    const std::size_t last = values_.size() - 2;
    auto cell = static_cast<std::size_t>(position);
    if (cell > last) cell = last;
    double t = position - static_cast<double>(cell);
    if (cell == last && long_right_) {
      t = t * t * t * t;
    } else if (cell == 0 && long_left_) {
      const double back = 1 - t;
      t = 1 - back * back * back * back;
    }
    const double units = values_[cell] + (values_[cell + 1] - values_[cell]) * t;
    return static_cast<std::int64_t>(units < 0 ? units - 0.5 : units + 0.5);
  }

 private:
  std::vector<double> values_;  // in units
  double cells_;
  bool long_left_ = false;
  bool long_right_ = false;
};

/// A position at a rank, in a given order: columns that take the same rank go together.
class OrderedTable {
 public:
  /// weights in the order of rank; as for AliasTable.
  explicit OrderedTable(std::span<const double> weights);

  /// rank in [0, 1].
  std::size_t at(double rank) const {
    std::size_t i = 0;
    while (i + 1 < upper_.size() && rank >= upper_[i]) ++i;
    return i;
  }

 private:
  std::vector<double> upper_;  // cumulative shares
};

/// Lower-triangular L with L Lᵀ = the correlation of a Gaussian copula whose ranks correlate
/// (Spearman) as given: 2 sin(πρ/6) (K. Pearson, 1907), drawn towards the identity in steps of one
/// percent until it is positive definite. Row-major, n × n.
std::vector<double> copula_factor(std::span<const std::vector<double>> rank_correlation);

}  // namespace clairscore::synth
