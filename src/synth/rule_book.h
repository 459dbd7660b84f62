#pragma once

// What the rules of rules.h are made from and work on. A Row belongs to one thread; the rest is
// immutable once made.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "synth/layout.h"
#include "synth/profile.h"
#include "synth/sampler.h"

namespace clairscore::synth {

/// An applicant while being drawn.
struct Row {
  std::vector<Cell> cells;  // one per column
  // Of the correlated figures, in the profile's order: a standard normal score, and the rank in
  // [0, 1] that it gives. The older, and the longer with an employer, the lower.
  std::vector<double> scores;
  std::vector<double> ranks;
  bool retired = false;  // or unemployed: no employer
};

/// What rules are made from: profile and layout, and which columns have a rule.
class RuleBook {
 public:
  RuleBook(const Profile& from, Layout& to)
      : profile(from), layout(to), claimed_(from.columns.size()) {}

  const Profile& profile;
  Layout& layout;

  /// Index of a column that the rule will set. kNotFound when the profile has none of this name,
  /// kInput when it is not of this kind.
  Result<std::size_t> claim(std::string_view name, ProfileColumn::Kind kind);
  void claim(std::size_t column) { claimed_[column] = true; }
  bool claimed(std::size_t column) const { return claimed_[column]; }

  /// Place of a column among the profile's correlated ones. kInput when it is not among them.
  Result<std::size_t> correlated(std::string_view name) const;
  /// A category's share.
  double frequency(std::size_t column, Cell category) const;
  /// Draws a column's categories, some left out; not all of them.
  AliasTable table(std::size_t column, std::span<const Cell> left_out = {}) const;

 private:
  std::vector<bool> claimed_;
};

/// A number column that follows a rank.
struct RankedColumn {
  std::size_t column;
  double missing;
  QuantileTable table;

  RankedColumn(const Profile& profile, std::size_t index);
};

/// A category column whose categories are numbers, taken in ascending order.
struct CountColumn {
  std::size_t column;
  std::vector<Cell> categories;       // by number
  std::vector<std::int64_t> numbers;  // ascending
  OrderedTable table;
  double zero_share;  // of the number 0

  CountColumn(const Layout& layout, std::size_t index);
  /// Sets the category at a rank, but at most `limit`, and returns its number.
  std::int64_t set(Row& row, double rank, std::int64_t limit) const;
};

}  // namespace clairscore::synth
