#include "sklearn/infrequent.h"

#include <algorithm>

#include "sklearn/objects.h"
#include "sklearn/read_context.h"

namespace clairscore::sklearn {

namespace {

Result<Infrequent> read_mapping(const Value& mapping, std::size_t count) {
  Infrequent read;
  ASSIGN_OR_RETURN(read.position, indices(mapping, count));
  if (read.position.empty() || read.position.size() != count) {
    return ReadContext::refuse(
        mapping, ErrorCode::kInput,
        "a grouping of " + std::to_string(read.position.size()) + " categories",
        std::to_string(count) + " categories");
  }
  read.frequent = *std::max_element(read.position.begin(), read.position.end());
  read.first_infrequent = static_cast<std::size_t>(
      std::find(read.position.begin(), read.position.end(), read.frequent) - read.position.begin());
  return read;
}

}  // namespace

Result<std::vector<std::optional<Infrequent>>> read_infrequent(
    const Value& encoder, const std::vector<std::size_t>& counts) {
  std::vector<std::optional<Infrequent>> grouped(counts.size());
  // 1.0 has none of the attributes.
  ASSIGN_OR_RETURN(const bool enabled, bool_attribute(encoder, "_infrequent_enabled", false));
  if (!enabled) return grouped;
  ASSIGN_OR_RETURN(const Value attribute, required(encoder, "_default_to_infrequent_mappings"));
  ASSIGN_OR_RETURN(const std::vector<Value> mappings, elements(attribute));
  if (mappings.size() != counts.size()) {
    return ReadContext::refuse(attribute, ErrorCode::kInput,
                               "groupings for " + std::to_string(mappings.size()) + " columns",
                               std::to_string(counts.size()) + " columns");
  }
  for (std::size_t i = 0; i < mappings.size(); ++i) {
    if (mappings[i].is_none()) continue;
    ASSIGN_OR_RETURN(grouped[i], read_mapping(mappings[i], counts[i]));
  }
  return grouped;
}

}  // namespace clairscore::sklearn
