#pragma once

// Estimators whose raw score is a sum of terms of one feature each: linear models, and naive Bayes
// with normal densities. Their contributions are the terms themselves: exact, without a background.
//
// A linear model's term is coefficient times value: the deviation is from 0, which after a
// StandardScaler is the mean of the training data. The base value is the intercept, or the
// logarithm of the priors.

#include <string>
#include <vector>

#include "base/error.h"
#include "model/estimator.h"
#include "model/link.h"
#include "model/number_rule.h"

namespace clairscore {

struct AdditiveParts {
  /// constant + slope (x - center) + curvature (x - center)^2
  struct Term {
    double constant = 0;
    double center = 0;
    double slope = 0;
    double curvature = 0;
  };
  std::string kind;
  std::vector<std::string> classes;  // empty for a regressor
  std::size_t features = 0;
  std::vector<double> base;              // one an output
  std::vector<std::vector<Term>> terms;  // [output * features + feature]
  Link link;
  ScoreScale scale = ScoreScale::kLogOdds;
  NumberRule rule{.missing = false, .infinite = false};
};

/// Errors kInput: numbers of outputs, terms and classes that do not fit together; a number that is
/// not finite.
Result<EstimatorPtr> make_additive_estimator(AdditiveParts parts);

}  // namespace clairscore
