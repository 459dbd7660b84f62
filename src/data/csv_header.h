#pragma once

// The first record of a CSV file: the names of its columns. Pure functions, thread-safe.

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "data/csv.h"

namespace clairscore {

struct CsvHeader {
  std::vector<std::string> names;
  std::size_t body = 0;  // offset of the first byte after it
};

/// Reads it from the start of a file. Errors kInput: no record, a name that is not UTF-8; kLimit.
Result<CsvHeader> parse_csv_header(std::string_view text, const std::string& file,
                                   const CsvLimits& limits);

}  // namespace clairscore
