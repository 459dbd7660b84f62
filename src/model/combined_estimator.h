#pragma once

// Estimators made of estimators: means of what several answer (voting, bagging, calibration over
// folds), one whose features are what others answer (stacking), and one behind steps of its own.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "model/estimator.h"
#include "model/transformer.h"

namespace clairscore {

/// What scikit-learn calls the response of a classifier or regressor.
enum class Response { kDecision, kProbability, kPrediction };

/// Maps a response to a probability.
struct Calibrator {
  /// 1 / (1 + exp(slope x + intercept)) where there are no points.
  double slope = 0;
  double intercept = 0;
  /// Else the line through these points, constant beyond them. x ascends.
  std::vector<double> x;
  std::vector<double> y;
  bool as_float32 = false;  // the response is rounded to it first, and so is the probability

  double operator()(double response) const;
};

struct Member {
  EstimatorPtr estimator;
  std::vector<std::size_t> columns;  // of the features it is given; empty: all
  double weight = 1;
  /// None, one for two classes, or one a class; `calibrated` is what they map.
  std::vector<Calibrator> calibrators;
  Response calibrated = Response::kDecision;
};

struct MeanParts {
  std::string kind;
  std::vector<std::string> classes;  // empty: the mean of predictions
  std::size_t features = 0;
  std::vector<Member> members;
};

/// A weighted mean of probabilities, or of predictions. Contributions are the mean of the members'
/// where each has them in that unit; else it cannot be explained.
/// Errors kInput: no members, members of other classes, columns out of range, weights that sum to
/// nothing.
Result<EstimatorPtr> make_mean_estimator(MeanParts parts);

struct MedianParts {
  std::string kind;
  std::size_t features = 0;
  std::vector<EstimatorPtr> members;  // regressors
  std::vector<double> weights;        // one a member, at least 0
};

/// The weighted median of predictions: the least one with which half of the weight is reached. No
/// sum, so never explained. Errors kInput: no members, members that are no regressors, weights of
/// another number or that sum to nothing.
Result<EstimatorPtr> make_median_estimator(MedianParts parts);

struct StackedParts {
  struct Layer {
    EstimatorPtr estimator;
    Response response = Response::kProbability;
  };
  std::string kind;
  std::size_t features = 0;
  std::vector<Layer> members;
  bool passthrough = false;  // the features themselves come after what the members answer
  EstimatorPtr final_estimator;
  std::vector<std::string> classes;
};

/// Errors kInput: a final estimator that expects another number of features than the members give.
Result<EstimatorPtr> make_stacked_estimator(StackedParts parts);

/// The estimator on columns that pass through a transformer first. `features` is their number.
EstimatorPtr make_piped_estimator(TransformerPtr transformer, EstimatorPtr estimator,
                                  std::size_t features);

}  // namespace clairscore
