#pragma once

// The aggregate figures applicants are drawn from: for each column its quantiles or frequencies,
// how often it is missing, and how it goes with default. No applicant is in them. The figures of
// the Home Credit competition's public sample are embedded (demo/home_credit_profile.json).
// A Profile is a value; reading one is thread-safe.

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace clairscore::synth {

struct ProfileCategory {
  std::string value;     // as the CSV has it
  double frequency = 0;  // among the rows where the column is present; sums to 1
  double bad_rate = 0;   // share of default among them
};

struct ProfileColumn {
  enum class Kind { kIdentifier, kNumber, kCategory };
  std::string name;
  Kind kind = Kind::kNumber;
  double missing = 0;  // share of rows without a value
  // kNumber: `quantiles` at equal steps of probability, first the least, last the greatest value;
  // special markers such as DAYS_EMPLOYED 365243 are not in them.
  bool integer = false;  // written "12", else "12.0"
  int decimals = 0;      // digits after the point at most
  std::vector<double> quantiles;
  // kCategory
  std::vector<ProfileCategory> categories;
};

struct Profile {
  double bad_rate = 0;
  std::vector<ProfileColumn> columns;  // in the order of the file
  /// Spearman's rank correlation, square, of the columns named (indices into `columns`).
  std::vector<std::size_t> correlated;
  std::vector<std::vector<double>> rank_correlation;
  /// How the log-odds of default change from the lowest to the highest rank of each of those.
  std::vector<double> log_odds_per_rank;

  /// Index of a column. kNotFound names it.
  Result<std::size_t> column(std::string_view name) const;
};

/// Errors: kInput with the column at fault.
Result<Profile> parse_profile(std::string_view json);

/// The embedded figures.
Result<Profile> home_credit_profile();

}  // namespace clairscore::synth
