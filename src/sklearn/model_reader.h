#pragma once

// The root of a model file -> what it takes to build the pipeline that scores.

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "model/pipeline.h"
#include "pickle/value.h"
#include "sklearn/read_context.h"
#include "sklearn/readers.h"

namespace clairscore::sklearn {

struct ReadModel {
  /// feature_names_in_; empty when the model was fitted without names.
  std::vector<std::string> input_names;
  /// One a fitted column; empty when not even their number is known.
  std::vector<InputUse> inputs;
  std::vector<Pipeline::Step> steps;
  EstimatorPtr estimator;  // null for a file that holds only transformers
  std::optional<TreeStatistics> trees;
  std::vector<InputUse> features;   // what the estimator makes of its own input columns
  std::optional<double> threshold;  // of a classifier that has its own
  std::string library;              // "scikit-learn", "LightGBM", "XGBoost"
  std::string library_version;      // "1.6.1", or empty
  /// Columns are taken in their order, whatever they are called: names are those of the file.
  bool names_are_positions = false;
};

/// Makes an estimator the end of a model; its inputs become the model's where it has no steps.
void take_estimator(ReadEstimator read, ReadModel& model);

/// Reads a Pipeline, or an estimator or transformer alone. Errors name the class, the step and the
/// byte offset, and say what is read: kUnsupported for a class, option or function that is not,
/// kInput for a file whose parts do not fit together, kLimit.
Result<ReadModel> read_model(const pickle::Value& root, const ReadLimits& limits = {});

/// The pipeline over inputs of these names, in this order: as many as the model was fitted on, or
/// any where it was fitted with names that are among them. input_names and inputs of the model
/// become the pipeline's, completed with what the estimator says of columns that only pass through
/// the steps.
Result<Pipeline> build_pipeline(ReadModel& model, std::vector<std::string> input_names);

}  // namespace clairscore::sklearn
