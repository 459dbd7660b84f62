#pragma once

// Which contributions are served: those computed live, or those of the shipped SHAP file?
//
// The rule (setting explanations = auto): equal to 1e-6 -> live. Different, but base + sum equals
// the raw score or the probability to 1e-4 for every row (another method, background or scale) ->
// the file's. Not additive -> live, with a warning that names the first customer it fails for: the
// file was made for other rows. 256 rows spread over the file decide before the server is ready,
// all rows in the background after.

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace clairscore {

enum class ParityStatus {
  kNoFile,       // nothing was shipped
  kUnreadable,   // a file that cannot be read as SHAP values
  kOtherShape,   // other row or feature counts: made for other rows or another model
  kEqual,        // the same values
  kDifferent,    // other values that add up
  kNotAdditive,  // values that do not add up for these rows
};

/// "no_file", "unreadable", "other_shape", "equal", "different", "not_additive".
std::string_view to_string(ParityStatus status);

/// True when the file's values are the ones to serve.
constexpr bool file_is_served(ParityStatus status) {
  return status == ParityStatus::kDifferent;
}

/// Accumulates the comparison row by row. One thread at a time.
class Parity {
 public:
  static constexpr double kEqualTolerance = 1e-6;
  static constexpr double kAdditiveTolerance = 1e-4;

  /// One row: the file's base value and contributions, the live ones, and the row's raw score and
  /// probability.
  void add(std::size_t row, double file_base, std::span<const double> file_values, double live_base,
           std::span<const double> live_values, double raw, double probability);

  /// kEqual, kDifferent or kNotAdditive.
  ParityStatus status() const;
  std::size_t rows() const { return rows_; }
  /// Largest absolute difference of a contribution or base value. NaN values count as infinite.
  double max_difference() const { return max_difference_; }
  /// What the file's values add up to; meaningful while the status is kEqual or kDifferent.
  bool adds_up_to_raw() const { return raw_additive_; }
  /// The lowest row whose values add up to nothing; set with kNotAdditive.
  std::optional<std::size_t> first_failed_row() const { return first_failed_; }

 private:
  std::size_t rows_ = 0;
  double max_difference_ = 0;
  bool raw_additive_ = true;
  bool probability_additive_ = true;
  std::optional<std::size_t> first_failed_;
};

/// `count` row numbers spread evenly over [0, rows), first and last included.
std::vector<std::size_t> spread_rows(std::size_t rows, std::size_t count);

}  // namespace clairscore
