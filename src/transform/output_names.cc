#include "transform/output_names.h"

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

namespace clairscore {

Result<void> check_column_count(std::size_t given, std::size_t expected) {
  if (given == expected) return {};
  return fail(ErrorCode::kInput, std::to_string(given) + " columns", {},
              std::to_string(expected) + " columns, as the transformer was fitted on");
}

void make_unique(std::vector<OutputColumn>& columns) {
  std::unordered_set<std::string_view> seen;
  seen.reserve(columns.size());
  bool unique = true;
  for (const OutputColumn& column : columns) unique = seen.insert(column.name).second && unique;
  if (unique) return;
  std::unordered_set<std::string> taken;
  std::unordered_map<std::string, std::size_t> uses;  // so that n equal names cost n steps, not n²
  for (OutputColumn& column : columns) {
    const std::string base = column.name;
    std::size_t& n = uses[base];
    ++n;
    if (n > 1) column.name = base + " (" + std::to_string(n) + ")";
    while (!taken.insert(column.name).second) {
      ++n;
      column.name = base + " (" + std::to_string(n) + ")";
    }
  }
}

}  // namespace clairscore
