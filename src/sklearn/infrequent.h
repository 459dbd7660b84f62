#pragma once

// Rare categories that an encoder groups into one (min_frequency, max_categories).

#include <cstddef>
#include <optional>
#include <vector>

#include "base/error.h"
#include "pickle/value.h"

namespace clairscore::sklearn {

struct Infrequent {
  /// Position of each category once rare ones are one, which comes last: position `frequent`.
  std::vector<std::size_t> position;
  std::size_t frequent = 0;          // categories that are not rare
  std::size_t first_infrequent = 0;  // the first category that is rare
};

/// For each column its grouping, or nothing. counts: the categories of each column that can be
/// grouped. Errors kInput: tables that do not fit them.
Result<std::vector<std::optional<Infrequent>>> read_infrequent(
    const pickle::Value& encoder, const std::vector<std::size_t>& counts);

}  // namespace clairscore::sklearn
