#pragma once

// From raw scores to the probabilities of the classes.

#include <cstddef>
#include <span>

namespace clairscore {

struct Link {
  enum class Kind {
    kLogistic,     // one score, log-odds of the second class
    kSoftmax,      // one score a class
    kOneVsRest,    // one score a class: a logistic each, divided by their sum
    kIndependent,  // one score a class: a logistic each; they need not sum to 1
    kProbability,  // the scores are probabilities: of the second class, or one a class
    kClipped,      // one score: (score cut to [-1, 1] + 1) / 2
    kNone,         // scores without probabilities: a margin, or a regressor's prediction
  };
  Kind kind = Kind::kNone;
  /// Scores are multiplied by it before the exponential.
  double slope = 1;
};

/// 1 / (1 + exp(-x)), written as scipy.special.expit is for doubles.
double expit(double x);

/// scipy.special.logit: log(p / (1 - p)), more exact around 1/2.
double logit(double p);

/// One score and two probabilities, or as many of both.
void apply_link(const Link& link, std::span<const double> raw, std::span<double> probabilities);

/// exp(slope x_k) / sum exp(slope x), shifted by the largest so that no exponential overflows.
void softmax(std::span<const double> scores, std::span<double> out, double slope = 1);

}  // namespace clairscore
