#include "service/customer_reasons.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace clairscore {

namespace {

/// Whether an input is one that a person must look at: named by the recipe or the dictionary.
bool to_review(const Assets& assets, std::size_t input) {
  const std::string& name = assets.data().inputs().columns()[input].name();
  const std::vector<std::string>& named = assets.recipe().protected_inputs();
  if (std::ranges::find(named, name) != named.end()) return true;
  const InputEntry* entry = assets.dictionary().find(name);
  return entry != nullptr && entry->review != Review::kNone;
}

std::optional<std::size_t> strongest_with_value(const Reasons& reasons,
                                                const std::vector<Column>& columns,
                                                std::size_t row) {
  const Reason* strongest = nullptr;
  for (const auto* list : {&reasons.against, &reasons.favour}) {
    for (const Reason& reason : *list) {
      if (columns[reason.input].is_missing(row)) continue;
      if (strongest == nullptr || std::abs(reason.points) > std::abs(strongest->points)) {
        strongest = &reason;
      }
    }
  }
  if (strongest == nullptr) return std::nullopt;
  return strongest->input;
}

}  // namespace

Result<CustomerReasons> reasons_of(const Assets& assets, std::size_t row) {
  ASSIGN_OR_RETURN(const Explanation explanation, assets.explain(row));
  const PointScale points = assets.points();
  const Frame& frame = assets.data().inputs();
  InputContributions sums = sum_by_input(columns_of_features(assets.model().pipeline, frame),
                                         frame.columns().size(), explanation.values);
  for (double& value : sums.values) value = points.of(value);
  const double base = points.at(explanation.base_value);
  const Score score = assets.score(row);
  Reasons reasons = principal_reasons(sums.values, base, points.displayed(score), score.refused,
                                      [&](std::size_t input) { return to_review(assets, input); });
  const auto strongest = strongest_with_value(reasons, frame.columns(), row);
  return CustomerReasons{
      points, base, std::move(sums.values), points.of(sums.shared), std::move(reasons), strongest,
  };
}

}  // namespace clairscore
