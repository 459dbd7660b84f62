#pragma once

// What every reader gives, and the readers themselves: one a family of classes, each in its own
// file, listed in registry.cc. A reader looks at the fitted attributes of an object and builds the
// transformer or estimator that answers what scikit-learn's predict or transform answers with them.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "model/estimator.h"
#include "model/pipeline.h"
#include "model/transformer.h"
#include "pickle/value.h"
#include "sklearn/read_context.h"

namespace clairscore::sklearn {

/// What is known about one input column from the object that reads it.
struct InputUse {
  enum class Type : std::uint8_t { kAny, kNumber, kText };
  Type type = Type::kAny;
  std::vector<std::string> categories;  // where an encoder reads it, as text
};

struct ReadTransformer {
  TransformerPtr transformer;
  std::vector<std::string> input_names;  // empty when it was fitted without names
  std::vector<InputUse> inputs;          // one a fitted column
};

/// What is told of an ensemble of trees.
struct TreeStatistics {
  std::size_t trees = 0;
  std::size_t nodes = 0;
  std::size_t leaves = 0;
  std::size_t depth = 0;  // tests on the longest path
  std::size_t categorical_splits = 0;
};

struct ReadEstimator {
  EstimatorPtr estimator;
  std::optional<TreeStatistics> trees;
  std::vector<std::string> input_names;
  std::vector<InputUse> inputs;
};

/// A pipeline, or one transformer or estimator alone.
struct ReadSteps {
  struct Step {
    std::string name;
    ReadTransformer transformer;
  };
  std::vector<Step> steps;  // names of nested pipelines' steps are joined by dots
  std::optional<ReadEstimator> estimator;
};

using TransformerReader = Result<ReadTransformer> (*)(const pickle::Value& object,
                                                      ReadContext& context);
using EstimatorReader = Result<ReadEstimator> (*)(const pickle::Value& object,
                                                  ReadContext& context);

// column_transformer.cc
Result<ReadTransformer> read_column_transformer(const pickle::Value& object, ReadContext& context);
// one_hot_encoder.cc
Result<ReadTransformer> read_one_hot_encoder(const pickle::Value& object, ReadContext& context);
// ordinal_encoder.cc
Result<ReadTransformer> read_ordinal_encoder(const pickle::Value& object, ReadContext& context);
// target_encoder.cc
Result<ReadTransformer> read_target_encoder(const pickle::Value& object, ReadContext& context);
// function_transformer.cc
Result<ReadTransformer> read_function_transformer(const pickle::Value& object,
                                                  ReadContext& context);
// pipeline.cc: a pipeline as one transformer, and as steps with or without a final estimator
Result<ReadTransformer> read_pipeline_as_transformer(const pickle::Value& object,
                                                     ReadContext& context);
Result<ReadSteps> read_steps(const pickle::Value& object, ReadContext& context);
// hist_gradient_boosting.cc
Result<ReadEstimator> read_hist_gradient_boosting_classifier(const pickle::Value& object,
                                                             ReadContext& context);
Result<ReadEstimator> read_hist_gradient_boosting_regressor(const pickle::Value& object,
                                                            ReadContext& context);

}  // namespace clairscore::sklearn
