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
#include "model/combined_estimator.h"
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

/// The matrix that a transformer hands on in Python. What is computed here is the same either way,
/// but XGBoost takes the zeros of a sparse matrix for missing values.
enum class RowForm : std::uint8_t { kAsInput, kDense, kSparse };

struct ReadTransformer {
  TransformerPtr transformer;
  RowForm rows = RowForm::kAsInput;
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
  /// What another estimator around it asks it for: its decision_function, where the library has
  /// one.
  Response response = Response::kDecision;
  std::optional<TreeStatistics> trees;
  std::vector<std::string> input_names;
  std::vector<InputUse> inputs;
  /// The names are only a help: columns are taken in their order, whatever they are called.
  bool names_are_positions = false;
  std::string library;  // where it is not scikit-learn
  std::string library_version;
};

/// A pipeline, or one transformer or estimator alone.
struct ReadSteps {
  struct Step {
    std::string name;
    ReadTransformer transformer;
  };
  std::vector<Step> steps;  // names of nested pipelines' steps are joined by dots
  std::optional<ReadEstimator> estimator;
  /// The decision threshold on the probability that a TunedThresholdClassifierCV or
  /// FixedThresholdClassifier around the estimator holds.
  std::optional<double> threshold;
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
/// A LabelEncoder: one column, its categories' ranks.
Result<ReadTransformer> read_label_encoder(const pickle::Value& object, ReadContext& context);
// category_encoders.cc
Result<ReadTransformer> read_plain_ordinal_encoder(const pickle::Value& object,
                                                   ReadContext& context);
Result<ReadTransformer> read_target_or_woe_encoder(const pickle::Value& object,
                                                   ReadContext& context);
Result<ReadTransformer> read_plain_one_hot_encoder(const pickle::Value& object,
                                                   ReadContext& context);
Result<ReadTransformer> read_cat_boost_encoder(const pickle::Value& object, ReadContext& context);
Result<ReadTransformer> read_count_encoder(const pickle::Value& object, ReadContext& context);
// spline_transformer.cc
Result<ReadTransformer> read_spline_transformer(const pickle::Value& object, ReadContext& context);
// function_transformer.cc
Result<ReadTransformer> read_function_transformer(const pickle::Value& object,
                                                  ReadContext& context);
/// One whose func is a function of numpy.
Result<ReadTransformer> read_numpy_function(const pickle::Value& object, ReadContext& context);
// scalers.cc
Result<ReadTransformer> read_standard_scaler(const pickle::Value& object, ReadContext& context);
Result<ReadTransformer> read_robust_scaler(const pickle::Value& object, ReadContext& context);
Result<ReadTransformer> read_min_max_scaler(const pickle::Value& object, ReadContext& context);
Result<ReadTransformer> read_max_abs_scaler(const pickle::Value& object, ReadContext& context);
Result<ReadTransformer> read_normalizer(const pickle::Value& object, ReadContext& context);
Result<ReadTransformer> read_binarizer(const pickle::Value& object, ReadContext& context);
Result<ReadTransformer> read_power_transformer(const pickle::Value& object, ReadContext& context);
Result<ReadTransformer> read_quantile_transformer(const pickle::Value& object,
                                                  ReadContext& context);
Result<ReadTransformer> read_bins_discretizer(const pickle::Value& object, ReadContext& context);
// imputers.cc
Result<ReadTransformer> read_simple_imputer(const pickle::Value& object, ReadContext& context);
Result<ReadTransformer> read_missing_indicator(const pickle::Value& object, ReadContext& context);
Result<ReadTransformer> read_knn_imputer(const pickle::Value& object, ReadContext& context);
// feature_makers.cc
Result<ReadTransformer> read_supported_columns(const pickle::Value& object, ReadContext& context);
Result<ReadTransformer> read_variance_threshold(const pickle::Value& object, ReadContext& context);
Result<ReadTransformer> read_univariate_selection(const pickle::Value& object,
                                                  ReadContext& context);
Result<ReadTransformer> read_select_from_model(const pickle::Value& object, ReadContext& context);
Result<ReadTransformer> read_components(const pickle::Value& object, ReadContext& context);
Result<ReadTransformer> read_polynomial_features(const pickle::Value& object, ReadContext& context);
Result<ReadTransformer> read_feature_union(const pickle::Value& object, ReadContext& context);
// pipeline.cc: a pipeline as one transformer, and as steps with or without a final estimator
Result<ReadTransformer> read_pipeline_as_transformer(const pickle::Value& object,
                                                     ReadContext& context);
Result<ReadSteps> read_steps(const pickle::Value& object, ReadContext& context);
// hist_gradient_boosting.cc
Result<ReadEstimator> read_hist_gradient_boosting_classifier(const pickle::Value& object,
                                                             ReadContext& context);
Result<ReadEstimator> read_hist_gradient_boosting_regressor(const pickle::Value& object,
                                                            ReadContext& context);
// forests.cc
Result<ReadEstimator> read_decision_tree(const pickle::Value& object, ReadContext& context);
Result<ReadEstimator> read_forest(const pickle::Value& object, ReadContext& context);
Result<ReadEstimator> read_ada_boost_classifier(const pickle::Value& object, ReadContext& context);
// gradient_boosting.cc
Result<ReadEstimator> read_gradient_boosting_classifier(const pickle::Value& object,
                                                        ReadContext& context);
Result<ReadEstimator> read_gradient_boosting_regressor(const pickle::Value& object,
                                                       ReadContext& context);
// linear_models.cc
Result<ReadEstimator> read_logistic_regression(const pickle::Value& object, ReadContext& context);
Result<ReadEstimator> read_sgd_classifier(const pickle::Value& object, ReadContext& context);
Result<ReadEstimator> read_margin_classifier(const pickle::Value& object, ReadContext& context);
Result<ReadEstimator> read_ridge_classifier(const pickle::Value& object, ReadContext& context);
Result<ReadEstimator> read_linear_regressor(const pickle::Value& object, ReadContext& context);
Result<ReadEstimator> read_discriminant_analysis(const pickle::Value& object, ReadContext& context);
Result<ReadEstimator> read_gaussian_nb(const pickle::Value& object, ReadContext& context);
// booster_models.cc
Result<ReadEstimator> read_catboost_estimator(const pickle::Value& object, ReadContext& context);
Result<ReadEstimator> read_lightgbm_estimator(const pickle::Value& object, ReadContext& context);
Result<ReadEstimator> read_lightgbm_booster(const pickle::Value& object, ReadContext& context);
Result<ReadEstimator> read_xgboost_estimator(const pickle::Value& object, ReadContext& context);
Result<ReadEstimator> read_xgboost_booster(const pickle::Value& object, ReadContext& context);
// combined_models.cc
Result<ReadEstimator> read_calibrated_classifier(const pickle::Value& object, ReadContext& context);
Result<ReadEstimator> read_voting(const pickle::Value& object, ReadContext& context);
Result<ReadEstimator> read_stacking(const pickle::Value& object, ReadContext& context);
Result<ReadEstimator> read_bagging(const pickle::Value& object, ReadContext& context);
Result<ReadEstimator> read_ada_boost_regressor(const pickle::Value& object, ReadContext& context);
/// An estimator inside another one: of any class, or a pipeline that ends with one.
Result<ReadEstimator> read_inner_estimator(const pickle::Value& object, ReadContext& context,
                                           std::string_view what);

/// An object around one estimator that answers what that answers: a fitted search, a frozen
/// estimator, a classifier with a threshold of its own.
struct Wrapper {
  pickle::Value inner;
  std::string attribute;            // where it holds the estimator
  std::optional<double> threshold;  // on the probability
};
/// True for an object of such a class.
bool is_wrapper(const pickle::Value& object);
/// Nothing for an object of another class. Errors kInput: not fitted; kUnsupported: a threshold on
/// something else than the probability of the second class.
Result<std::optional<Wrapper>> read_wrapper(const pickle::Value& object);

}  // namespace clairscore::sklearn
