#include "sklearn/booster_models.h"

#include <utility>

#include "boosters/catboost.h"
#include "boosters/lightgbm.h"
#include "boosters/xgboost.h"
#include "sklearn/objects.h"
#include "sklearn/readers.h"
#include "sklearn/tree_records.h"

namespace clairscore::sklearn {

namespace {

/// What is told of the features, then the estimator. What it keeps goes to `kept_bytes`.
Result<ReadEstimator> to_estimator(Booster booster, std::vector<std::string> labels,
                                   std::uint64_t& kept_bytes) {
  ReadEstimator read;
  bool named = true;
  for (const BoosterFeature& feature : booster.features) named = named && !feature.name.empty();
  for (BoosterFeature& feature : booster.features) {
    if (named) read.input_names.push_back(feature.name);
    InputUse use;
    use.type = feature.is_text ? InputUse::Type::kText : InputUse::Type::kNumber;
    use.categories = std::move(feature.categories);
    read.inputs.push_back(std::move(use));
  }
  // LightGBM changes the names it is given ("a b" to "a_b") and takes columns in their order.
  read.names_are_positions = booster.library == "LightGBM";
  read.library = booster.library;
  read.library_version = booster.version;
  read.response = booster.classes == 0 ? Response::kPrediction : Response::kProbability;
  const bool linear = booster.linear != nullptr;
  ASSIGN_OR_RETURN(BoosterEstimator finished,
                   finish_booster(std::move(booster), std::move(labels)));
  read.estimator = std::move(finished.estimator);
  kept_bytes = finished.path_bytes;
  if (!linear) {
    read.trees = TreeStatistics{finished.trees, finished.nodes, finished.leaves, finished.depth,
                                finished.categorical_splits};
  }
  return read;
}

/// The estimator as a part of a pickle, paid for.
Result<ReadEstimator> estimator_at(Booster booster, std::vector<std::string> labels,
                                   const Value& object, ReadContext& context) {
  std::uint64_t kept_bytes = 0;
  auto read = to_estimator(std::move(booster), std::move(labels), kept_bytes);
  if (!read) return at_object(std::move(read.error()), object);
  RETURN_IF_ERROR(context.spend(kept_bytes, object));
  return read;
}

bool is_classifier(const Value& object) {
  return short_class_name(object).ends_with("Classifier");
}

}  // namespace

Result<ReadEstimator> read_lightgbm_booster(const Value& object, ReadContext& context) {
  auto handle = present(object, "_handle");
  if (!handle) handle = present(object, "handle");  // before 4.0
  const auto text = handle ? handle->string() : std::nullopt;
  if (!text) {
    return ReadContext::refuse(object, ErrorCode::kInput, "a LightGBM Booster without its model",
                               "a trained Booster");
  }
  RETURN_IF_ERROR(context.spend(text->size(), object));
  std::size_t iterations = 0;
  if (const auto best = present(object, "best_iteration")) {
    ASSIGN_OR_RETURN(const std::int64_t number, pickle::to_integer(*best));
    if (number > 0) iterations = static_cast<std::size_t>(number);
  }
  auto booster = read_lightgbm(*text, "the Booster's text", iterations);
  if (!booster) return at_object(std::move(booster.error()), object);
  return estimator_at(std::move(*booster), {}, object, context);
}

Result<ReadEstimator> read_lightgbm_estimator(const Value& object, ReadContext& context) {
  ASSIGN_OR_RETURN(const Value inner, required(object, "_Booster"));
  auto handle = present(inner, "_handle");
  if (!handle) handle = present(inner, "handle");
  const auto text = handle ? handle->string() : std::nullopt;
  if (!text) {
    return ReadContext::refuse(inner, ErrorCode::kInput, "a LightGBM Booster without its model",
                               "a trained model");
  }
  RETURN_IF_ERROR(context.spend(text->size(), inner));
  std::size_t iterations = 0;
  if (const auto best = present(inner, "best_iteration")) {
    ASSIGN_OR_RETURN(const std::int64_t number, pickle::to_integer(*best));
    if (number > 0) iterations = static_cast<std::size_t>(number);
  }
  auto booster = read_lightgbm(*text, "the Booster's text", iterations);
  if (!booster) return at_object(std::move(booster.error()), inner);
  booster->kind = short_class_name(object);
  std::vector<std::string> labels;
  if (is_classifier(object)) {
    ASSIGN_OR_RETURN(const Value classes, required(object, "_classes"));
    ASSIGN_OR_RETURN(const std::vector<pickle::Label> names, pickle::to_labels(classes));
    for (const pickle::Label& label : names) labels.push_back(pickle::to_text(label));
    // A custom objective leaves none in the text, and its scores no probability.
    if (booster->classes == 0) {
      return ReadContext::refuse(object, ErrorCode::kUnsupported,
                                 "an LGBMClassifier whose objective is no classification",
                                 "objective binary, multiclass or multiclassova");
    }
  } else if (booster->classes != 0) {
    return ReadContext::refuse(object, ErrorCode::kUnsupported,
                               short_class_name(object) + " with the objective of a classifier");
  }
  ASSIGN_OR_RETURN(ReadEstimator read,
                   estimator_at(std::move(*booster), std::move(labels), object, context));
  // decision_function came with LightGBM 4.7, as this attribute did, and is what is calibrated
  // then.
  if (is_classifier(object) && object.attribute("_fitted_with_feature_names")) {
    read.response = Response::kDecision;
  }
  return read;
}

namespace {

Result<ReadEstimator> read_xgboost_handle(const Value& booster, const std::string& kind,
                                          const XgboostOptions& options,
                                          std::vector<std::string> labels, ReadContext& context) {
  const auto handle = present(booster, "handle");
  const auto bytes = handle ? handle->bytes() : std::nullopt;
  if (!bytes) {
    return ReadContext::refuse(booster, ErrorCode::kInput, "an XGBoost Booster without its model",
                               "a trained Booster");
  }
  RETURN_IF_ERROR(context.spend(bytes->size() * 4, booster));
  auto read = read_xgboost(*bytes, "the Booster's bytes", options);
  if (!read) return at_object(std::move(read.error()), booster);
  if (!kind.empty()) read->kind = kind;
  return estimator_at(std::move(*read), std::move(labels), booster, context);
}

}  // namespace

Result<ReadEstimator> read_xgboost_booster(const Value& object, ReadContext& context) {
  return read_xgboost_handle(object, {}, {}, {}, context);
}

Result<ReadEstimator> read_xgboost_estimator(const Value& object, ReadContext& context) {
  ASSIGN_OR_RETURN(const Value booster, required(object, "_Booster"));
  XgboostOptions options{.cut_at_best = true};
  options.zeros_are_absent = context.sparse_rows();
  if (const auto missing = present(object, "missing")) {
    ASSIGN_OR_RETURN(options.missing, pickle::to_double(*missing));
  }
  std::vector<std::string> labels;
  // Its classes are 0 to n - 1, unless an older version encoded them.
  if (const auto encoder = present(object, "_le"); encoder && is_classifier(object)) {
    if (encoder->attribute("classes_")) {
      ASSIGN_OR_RETURN(labels, read_classes(*encoder));
    }
  }
  return read_xgboost_handle(booster, short_class_name(object), options, std::move(labels),
                             context);
}

Result<ReadEstimator> read_catboost_estimator(const Value& object, ReadContext& context) {
  ASSIGN_OR_RETURN(const Value model, required(object, "__model"));
  const auto bytes = model.bytes();
  if (!bytes) {
    return ReadContext::refuse(model, ErrorCode::kInput, "a CatBoost model without its bytes",
                               "a trained model");
  }
  RETURN_IF_ERROR(context.spend(bytes->size() * 4, model));
  std::vector<std::string> labels;
  auto booster = read_catboost(*bytes, "the model's bytes", labels);
  if (!booster) return at_object(std::move(booster.error()), object);
  booster->kind = short_class_name(object);
  return estimator_at(std::move(*booster), std::move(labels), object, context);
}

bool is_booster_file(ByteSpan bytes) {
  return is_lightgbm_text(as_text(bytes)) || is_xgboost_bytes(bytes) || is_catboost_bytes(bytes) ||
         is_old_xgboost_binary(bytes);
}

Result<ReadModel> read_booster_file(ByteSpan bytes, const std::string& name) {
  if (is_old_xgboost_binary(bytes)) {
    return fail(ErrorCode::kUnsupported, "an XGBoost model in the old binary form",
                name + ", byte 0",
                "JSON or UBJSON: load it with an XGBoost before 3.1 and save_model(\"model.ubj\")");
  }
  const bool lightgbm = is_lightgbm_text(as_text(bytes));
  std::vector<std::string> labels;
  Result<Booster> booster = lightgbm                   ? read_lightgbm(as_text(bytes), name)
                            : is_catboost_bytes(bytes) ? read_catboost(bytes, name, labels)
                                                       : read_xgboost(bytes, name);
  if (!booster) return fail(std::move(booster.error()));
  std::uint64_t kept_bytes = 0;  // one model a file: bounded by itself
  ASSIGN_OR_RETURN(ReadEstimator read,
                   to_estimator(std::move(*booster), std::move(labels), kept_bytes));
  ReadModel model;
  take_estimator(std::move(read), model);
  return model;
}

}  // namespace clairscore::sklearn
