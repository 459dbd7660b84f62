#pragma once

// Which numbers an estimator or transformer takes, and the columns of a table as doubles.

#include <cstddef>
#include <string>
#include <vector>

#include "base/error.h"
#include "frame/frame.h"
#include "model/cell_rule.h"

namespace clairscore {

/// scikit-learn checks its inputs before it looks at them; a value it refuses is refused here too.
struct NumberRule {
  bool missing = true;
  bool infinite = true;
  /// Values that are infinite once they are rounded to float32 count as infinite.
  bool as_float32 = false;
};

/// What the rule refuses, number by number.
NumberLimits limits_of(const NumberRule& rule);

/// Errors kInput naming the column, the row (1 = the first) and the value.
Result<void> check_numbers(const Column& column, const NumberRule& rule);

/// The columns of a table as doubles, and the storage of those that had to be converted. The table
/// must outlive it.
struct NumericColumns {
  std::vector<Column> converted;
  std::vector<const double*> columns;
};

/// Errors kInput: a number of columns other than `expected`, a text column, a value that the rule
/// refuses; `kind` is the class named in them.
Result<NumericColumns> numeric_columns(const Frame& table, std::size_t expected,
                                       const std::string& kind, const NumberRule& rule);

/// The largest double that is at most `threshold` once it is rounded to float32, which is how some
/// libraries hold their features: float32(x) <= threshold if and only if x <= float32_test(t).
double float32_test(double threshold);

/// The same for float32(x) < threshold.
double float32_test_below(float threshold);

/// Elements in the order numpy adds up a contiguous array of doubles.
double numpy_sum(const double* values, std::size_t count);

}  // namespace clairscore
