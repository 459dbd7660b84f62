#pragma once

// How one column that a transformer puts out is computed from one cell of one input column.
//
// Most steps of a real pipeline work cell by cell: a number passes, a category becomes one of a few
// numbers. Where all of them do, rows need not be transformed at all: an engine reads the inputs
// and knows what each feature would have been (Pipeline, engine/row_encoder.h).

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

namespace clairscore {

/// The code of a cell that is none of the categories.
inline constexpr std::int32_t kUnknownCategory = -1;

/// Finds the category of a cell. Immutable; safe from any number of threads.
class CellCategories {
 public:
  /// A cell that is an error, whatever is done with unknown categories.
  static constexpr std::int32_t kRefused = -2;

  virtual ~CellCategories() = default;
  /// Codes are below size(), kUnknownCategory or kRefused.
  virtual std::size_t size() const = 0;
  virtual std::int32_t of_missing() const = 0;
  virtual std::int32_t of_text(std::string_view text) const = 0;
  virtual std::int32_t of_number(double number) const = 0;
};

/// What a library refuses of numbers.
struct NumberLimits {
  bool missing = false;  // a missing one is an error
  /// So is one of this size or more.
  std::optional<double> most;

  bool any() const { return missing || most.has_value(); }
  bool refuse(double number) const;
  /// The numbers that either refuses.
  bool operator==(const NumberLimits&) const = default;
  NumberLimits operator|(const NumberLimits& other) const;
};

struct CellRule {
  std::size_t input = 0;  // position of the input column
  /// Without categories the output is the cell as a double, times `weight` where there is one.
  std::optional<double> weight;
  /// Numbers that are an error instead.
  NumberLimits limits;
  /// Without categories and weight: what becomes of a number that is none; null: it stays.
  std::function<double(double)> number;
  /// With categories it is value(code); they belong to the transformer, which outlives the rule.
  const CellCategories* categories = nullptr;
  std::function<double(std::int32_t code)> value;
  bool unknown_is_error = false;  // else value(kUnknownCategory) is what an unknown one becomes

  bool passes() const { return only_checks() && !limits.any(); }
  bool only_checks() const { return categories == nullptr && !weight && !number; }
};

/// `rules` of a step, given those of the step before it. Nothing when a column would need two rules
/// one after the other.
std::optional<std::vector<CellRule>> compose(const std::vector<CellRule>& before,
                                             std::vector<CellRule> rules);

}  // namespace clairscore
