#pragma once

// What the fuzz targets of model formats do with a model that was read.

#include <cmath>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "boosters/booster.h"
#include "frame/frame.h"

namespace clairscore::fuzz {

inline void must(bool condition) {
  if (!condition) std::abort();
}

/// A row of numbers, one of missing cells and one of huge numbers get a score each, or an error.
inline void score_booster(Result<Booster> booster) {
  if (!booster) {
    must(!booster.error().what.empty() && !booster.error().where.empty());
    return;
  }
  if (booster->features.size() > 1000) return;
  Frame rows(3);
  for (std::size_t f = 0; f < booster->features.size(); ++f) {
    const std::string name = std::string("x").append(std::to_string(f));
    if (booster->features[f].is_text) {
      const std::vector<std::string>& known = booster->features[f].categories;
      const std::string first = known.empty() ? "" : known.front();
      must(rows.add(Column::of_strings(
                        name, std::vector<const char*>{first.c_str(), nullptr, "none such"}))
               .has_value());
    } else {
      must(rows.add(Column::of_doubles(name, {1, std::nan(""), 1e300})).has_value());
    }
  }
  const auto finished = finish_booster(std::move(*booster), {});
  if (!finished) {
    must(!finished.error().what.empty());
    return;
  }
  const Estimator& estimator = *finished->estimator;
  std::vector<double> scores(3 * estimator.outputs());
  if (!estimator.raw_scores(rows, scores)) return;
  std::vector<double> probabilities(estimator.classes().size());
  if (estimator.has_probabilities()) {
    estimator.probabilities(std::span(scores).first(estimator.outputs()), probabilities);
  }
}

}  // namespace clairscore::fuzz
