#pragma once

// What the transformers share about the names and number of their columns.

#include <cstddef>
#include <vector>

#include "base/error.h"
#include "model/transformer.h"

namespace clairscore {

/// kInput when a transformer fitted on `expected` columns is given another number.
Result<void> check_column_count(std::size_t given, std::size_t expected);

/// Two inputs can give the same output name (column "a" with category "b_c", column "a_b" with
/// category "c"). A table needs names that are unique: the second and later ones get " (2)",
/// " (3)", and so on.
void make_unique(std::vector<OutputColumn>& columns);

}  // namespace clairscore
