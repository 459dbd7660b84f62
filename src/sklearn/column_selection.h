#pragma once

// Which columns a part of a ColumnTransformer takes, in every form scikit-learn stores that in.

#include <cstddef>
#include <string>
#include <vector>

#include "base/error.h"
#include "pickle/value.h"

namespace clairscore::sklearn {

/// Positions among `count` columns: a name, a position (negative counts from the end), a list or
/// array of either, a mask of booleans, a slice of positions or of names (both ends included), or
/// the list of remaining columns. names may be empty (fitted without names). Errors kInput: a name
/// or position that is not there; kUnsupported: another form.
Result<std::vector<std::size_t>> select_columns(const pickle::Value& selection,
                                                const std::vector<std::string>& names,
                                                std::size_t count);

}  // namespace clairscore::sklearn
