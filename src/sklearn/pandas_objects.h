#pragma once

// Series and tables that a model keeps among its attributes, as pandas 1 to 3 pickle them: labels
// and numbers. Everything else about them (dtypes of their own, flags, names) is not looked at.

#include <cstddef>
#include <string>
#include <vector>

#include "base/error.h"
#include "pickle/ndarray.h"
#include "pickle/value.h"
#include "sklearn/read_context.h"

namespace clairscore::sklearn {

struct Series {
  std::vector<pickle::Label> index;
  std::vector<double> values;
};

struct DataTable {
  std::vector<pickle::Label> index;
  std::vector<std::string> columns;
  std::vector<double> cells;  // [row * columns.size() + column]
};

bool is_series(const pickle::Value& value);

/// Errors kInput or kUnsupported with the offset: another object, labels that are no texts or
/// numbers, values that are no numbers, sizes that do not fit together.
Result<Series> read_series(const pickle::Value& value, ReadContext& context);
Result<DataTable> read_data_table(const pickle::Value& value, ReadContext& context);

}  // namespace clairscore::sklearn
