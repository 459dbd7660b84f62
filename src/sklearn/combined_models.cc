// Models made of models: CalibratedClassifierCV, Voting, Stacking and Bagging, search objects, and
// classifiers with a threshold of their own.

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <utility>

#include "model/combined_estimator.h"
#include "model/linked_estimator.h"
#include "sklearn/decision_trees.h"
#include "sklearn/objects.h"
#include "sklearn/readers.h"
#include "sklearn/registry.h"
#include "sklearn/tree_records.h"
#include "transform/chain.h"

namespace clairscore::sklearn {

namespace {

/// The inputs of a model that is made of members: its own account of them, completed with what the
/// first member says.
Result<ReadEstimator> read_inputs_of(const Value& object, const ReadEstimator& member,
                                     ReadContext& context) {
  ReadEstimator read;
  ASSIGN_OR_RETURN(const auto count, feature_count(object));
  const std::size_t features = count.value_or(member.inputs.size());
  RETURN_IF_ERROR(context.spend(features * sizeof(InputUse), object));
  ASSIGN_OR_RETURN(read.input_names, feature_names(object));
  if (read.input_names.empty() && member.inputs.size() == features) {
    read.input_names = member.input_names;
  }
  read.inputs.resize(features);
  if (member.inputs.size() == features) read.inputs = member.inputs;
  return read;
}

Result<std::vector<std::string>> classes_or_none(const Value& object, bool classifier) {
  if (!classifier) return std::vector<std::string>{};
  if (const auto encoder = present(object, "le_")) return read_classes(*encoder);
  if (object.attribute("classes_")) return read_classes(object);
  // A StackingClassifier of older versions keeps them in an encoder only.
  if (const auto encoder = present(object, "_label_encoder")) return read_classes(*encoder);
  return read_classes(object);
}

Result<Calibrator> read_calibrator(const Value& object) {
  Calibrator calibrator;
  const std::string name = short_class_name(object);
  if (name == "_SigmoidCalibration") {
    ASSIGN_OR_RETURN(const Value a, required(object, "a_"));
    ASSIGN_OR_RETURN(const Value b, required(object, "b_"));
    ASSIGN_OR_RETURN(calibrator.slope, pickle::to_double(a));
    ASSIGN_OR_RETURN(calibrator.intercept, pickle::to_double(b));
    return calibrator;
  }
  if (name != "IsotonicRegression") {
    return ReadContext::refuse(object, ErrorCode::kUnsupported,
                               "a calibrator that is " + describe(object),
                               "_SigmoidCalibration or IsotonicRegression");
  }
  ASSIGN_OR_RETURN(const std::string bounds, text_attribute(object, "out_of_bounds", "nan"));
  if (bounds != "clip") {
    return refuse_attribute(ErrorCode::kUnsupported, object, "out_of_bounds",
                            *object.attribute("out_of_bounds"), "'clip'");
  }
  // Until 0.23 the points were only in f_.
  ASSIGN_OR_RETURN(const Value x, required(object, "X_thresholds_"));
  ASSIGN_OR_RETURN(const Value y, required(object, "y_thresholds_"));
  ASSIGN_OR_RETURN(const pickle::NdArray array, pickle::read_ndarray(x));
  calibrator.as_float32 = array.dtype.kind == 'f' && array.dtype.item_size == 4;
  ASSIGN_OR_RETURN(calibrator.x, pickle::to_doubles(x));
  ASSIGN_OR_RETURN(calibrator.y, pickle::to_doubles(y));
  bool ascending = !calibrator.x.empty() && calibrator.x.size() == calibrator.y.size();
  for (std::size_t i = 1; i < calibrator.x.size(); ++i) {
    ascending = ascending && calibrator.x[i] > calibrator.x[i - 1];
  }
  if (!ascending) {
    return ReadContext::refuse(x, ErrorCode::kInput, "a calibration curve that does not ascend");
  }
  return calibrator;
}

/// One of calibrated_classifiers_.
Result<Member> read_calibrated(const Value& object, ReadEstimator& inner, ReadContext& context) {
  // base_estimator until 1.1.
  auto estimator = present(object, "estimator");
  if (!estimator) estimator = present(object, "base_estimator");
  if (!estimator) return fail(required(object, "estimator").error());
  ASSIGN_OR_RETURN(inner, read_inner_estimator(*estimator, context, "the calibrated model"));
  auto attribute = present(object, "calibrators");
  if (!attribute) attribute = present(object, "calibrators_");
  if (!attribute) return fail(required(object, "calibrators").error());
  ASSIGN_OR_RETURN(const std::vector<Value> calibrators, elements(*attribute));
  Member member;
  member.estimator = inner.estimator;
  member.calibrated = inner.response;
  for (const Value& value : calibrators) {
    ASSIGN_OR_RETURN(Calibrator calibrator, read_calibrator(value));
    member.calibrators.push_back(std::move(calibrator));
  }
  return member;
}

/// One sigmoid over a sum is a sum: the log-odds are -(slope decision + intercept).
bool is_affine(const MeanParts& parts) {
  return parts.members.size() == 1 && parts.classes.size() == 2 &&
         parts.members[0].calibrators.size() == 1 && parts.members[0].calibrators[0].x.empty() &&
         parts.members[0].calibrated == Response::kDecision &&
         parts.members[0].estimator->explainable();
}

Result<EstimatorPtr> affine(const MeanParts& parts) {
  const Calibrator& calibrator = parts.members[0].calibrators[0];
  LinkedParts linked;
  linked.kind = parts.kind;
  linked.classes = parts.classes;
  linked.sum = parts.members[0].estimator;
  linked.factor = -calibrator.slope;
  linked.offset = -calibrator.intercept;
  linked.link.kind = Link::Kind::kLogistic;
  return make_linked_estimator(std::move(linked));
}

/// Named members without those that were dropped.
Result<std::vector<Value>> fitted_members(const Value& object) {
  ASSIGN_OR_RETURN(const Value attribute, required(object, "estimators_"));
  return elements(attribute);
}

/// weights, without those of members that were dropped.
Result<std::vector<double>> member_weights(const Value& object, std::size_t members) {
  const auto attribute = present(object, "weights");
  if (!attribute) return std::vector<double>(members, 1.0);
  ASSIGN_OR_RETURN(const std::vector<double> all, pickle::to_doubles(*attribute));
  std::vector<double> weights;
  ASSIGN_OR_RETURN(const Value given, required(object, "estimators"));
  ASSIGN_OR_RETURN(const std::vector<Value> pairs, elements(given));
  for (std::size_t i = 0; i < pairs.size() && i < all.size(); ++i) {
    const bool pair = pairs[i].kind() == Kind::kTuple && pairs[i].size() == 2;
    if (pair && pairs[i].at(1).string() == "drop") continue;
    weights.push_back(all[i]);
  }
  if (weights.size() != members) {
    return ReadContext::refuse(
        *attribute, ErrorCode::kInput,
        std::to_string(weights.size()) + " weights for " + std::to_string(members) + " members");
  }
  return weights;
}

constexpr std::array<std::pair<std::string_view, std::string_view>, 10> kWrappers = {{
    {"sklearn.model_selection._search.GridSearchCV", "best_estimator_"},
    {"sklearn.model_selection._search.RandomizedSearchCV", "best_estimator_"},
    {"sklearn.model_selection._search_successive_halving.HalvingGridSearchCV", "best_estimator_"},
    {"sklearn.model_selection._search_successive_halving.HalvingRandomSearchCV", "best_estimator_"},
    {"skopt.searchcv.BayesSearchCV", "best_estimator_"},
    {"optuna.integration.sklearn.sklearn.OptunaSearchCV", "best_estimator_"},
    {"optuna_integration.sklearn.sklearn.OptunaSearchCV", "best_estimator_"},
    {"sklearn.frozen._frozen.FrozenEstimator", "estimator"},
    {"sklearn.model_selection._classification_threshold.TunedThresholdClassifierCV", "estimator_"},
    {"sklearn.model_selection._classification_threshold.FixedThresholdClassifier", "estimator_"},
}};

/// The threshold of a classifier that has its own, as one on the probability.
Result<std::optional<double>> read_threshold(const Value& object, std::string_view name) {
  const bool tuned = name == "TunedThresholdClassifierCV";
  if (!tuned && name != "FixedThresholdClassifier") return std::nullopt;
  ASSIGN_OR_RETURN(const Value attribute,
                   required(object, tuned ? "best_threshold_" : "threshold"));
  if (attribute.string() == "auto") return std::nullopt;  // 0.5
  if (const auto label = present(object, "pos_label")) {
    // The second class is the positive one unless told otherwise.
    return refuse_attribute(ErrorCode::kUnsupported, object, "pos_label", *label, "None");
  }
  ASSIGN_OR_RETURN(const double threshold, pickle::to_double(attribute));
  ASSIGN_OR_RETURN(const std::string method, text_attribute(object, "response_method", "auto"));
  if (method == "decision_function") {
    return refuse_attribute(ErrorCode::kUnsupported, object, "response_method",
                            *object.attribute("response_method"), "'auto' or 'predict_proba'");
  }
  if (!(threshold > 0 && threshold < 1)) {
    return ReadContext::refuse(attribute, ErrorCode::kUnsupported,
                               std::string(name) + " with a threshold of " + describe(attribute),
                               "a number between 0 and 1, both excluded");
  }
  return threshold;
}

}  // namespace

bool is_wrapper(const Value& object) {
  const std::string name = object.kind() == Kind::kObject ? object.qualified_name() : "";
  return std::any_of(kWrappers.begin(), kWrappers.end(),
                     [&](const auto& wrapper) { return wrapper.first == name; });
}

Result<std::optional<Wrapper>> read_wrapper(const Value& object) {
  if (object.kind() != Kind::kObject) return std::nullopt;
  const std::string name = object.qualified_name();
  for (const auto& [wrapper, attribute] : kWrappers) {
    if (name != wrapper) continue;
    ASSIGN_OR_RETURN(const Value inner, required(object, attribute));
    ASSIGN_OR_RETURN(const auto threshold, read_threshold(object, short_class_name(object)));
    return Wrapper{inner, std::string(attribute), threshold};
  }
  return std::nullopt;
}

Result<ReadEstimator> read_inner_estimator(const Value& object, ReadContext& context,
                                           std::string_view what) {
  return context.in_step(what, object, [&]() -> Result<ReadEstimator> {
    ASSIGN_OR_RETURN(ReadSteps read, read_steps(object, context));
    if (!read.estimator) {
      return ReadContext::refuse(object, ErrorCode::kInput,
                                 "a member without an estimator: " + describe(object));
    }
    if (read.steps.empty()) return std::move(*read.estimator);
    ReadEstimator inner;
    inner.response = read.estimator->response;
    inner.trees = read.estimator->trees;
    inner.input_names = read.steps.front().transformer.input_names;
    inner.inputs = std::move(read.steps.front().transformer.inputs);
    if (inner.inputs.empty()) {
      inner.inputs.resize(inner.input_names.empty() ? read.estimator->inputs.size()
                                                    : inner.input_names.size());
    }
    std::vector<Chain::Step> chain;
    for (ReadSteps::Step& step : read.steps) {
      chain.push_back({std::move(step.name), std::move(step.transformer.transformer)});
    }
    inner.estimator = make_piped_estimator(std::make_shared<const Chain>(std::move(chain)),
                                           read.estimator->estimator, inner.inputs.size());
    return inner;
  });
}

Result<ReadEstimator> read_calibrated_classifier(const Value& object, ReadContext& context) {
  ASSIGN_OR_RETURN(const Value attribute, required(object, "calibrated_classifiers_"));
  ASSIGN_OR_RETURN(const std::vector<Value> classifiers, elements(attribute));
  MeanParts parts;
  parts.kind = short_class_name(object);
  ASSIGN_OR_RETURN(parts.classes, read_classes(object));
  ReadEstimator first;
  for (const Value& classifier : classifiers) {
    ReadEstimator inner;
    ASSIGN_OR_RETURN(Member member, read_calibrated(classifier, inner, context));
    if (parts.members.empty()) first = std::move(inner);
    parts.members.push_back(std::move(member));
  }
  if (parts.members.empty()) {
    return ReadContext::refuse(attribute, ErrorCode::kInput, "a calibration without classifiers");
  }
  ASSIGN_OR_RETURN(ReadEstimator read, read_inputs_of(object, first, context));
  parts.features = read.inputs.size();
  read.trees = first.trees;
  read.response = Response::kProbability;
  auto estimator = is_affine(parts) ? affine(parts) : make_mean_estimator(std::move(parts));
  if (!estimator) return at_object(std::move(estimator.error()), object);
  read.estimator = std::move(*estimator);
  return read;
}

Result<ReadEstimator> read_voting(const Value& object, ReadContext& context) {
  MeanParts parts;
  parts.kind = short_class_name(object);
  const bool classifier = parts.kind == "VotingClassifier";
  ASSIGN_OR_RETURN(const std::string voting, text_attribute(object, "voting", "hard"));
  if (classifier && voting != "soft") {
    return refuse_attribute(ErrorCode::kUnsupported, object, "voting", *object.attribute("voting"),
                            "'soft': counting votes gives no probability");
  }
  ASSIGN_OR_RETURN(parts.classes, classes_or_none(object, classifier));
  ASSIGN_OR_RETURN(const std::vector<Value> members, fitted_members(object));
  ASSIGN_OR_RETURN(const std::vector<double> weights, member_weights(object, members.size()));
  ReadEstimator first;
  for (std::size_t i = 0; i < members.size(); ++i) {
    ASSIGN_OR_RETURN(ReadEstimator inner, read_inner_estimator(members[i], context, "member"));
    Member member;
    member.estimator = inner.estimator;
    member.weight = weights[i];
    parts.members.push_back(std::move(member));
    if (i == 0) first = std::move(inner);
  }
  ASSIGN_OR_RETURN(ReadEstimator read, read_inputs_of(object, first, context));
  parts.features = read.inputs.size();
  read.response = classifier ? Response::kProbability : Response::kPrediction;
  auto estimator = make_mean_estimator(std::move(parts));
  if (!estimator) return at_object(std::move(estimator.error()), object);
  read.estimator = std::move(*estimator);
  return read;
}

Result<ReadEstimator> read_bagging(const Value& object, ReadContext& context) {
  ASSIGN_OR_RETURN(const std::vector<Value> members, fitted_members(object));
  bool trees = true;
  for (const Value& member : members) trees = trees && is_decision_tree(member);
  if (trees) return read_forest(object, context);
  MeanParts parts;
  parts.kind = short_class_name(object);
  const bool classifier = parts.kind.ends_with("Classifier");
  ASSIGN_OR_RETURN(parts.classes, classes_or_none(object, classifier));
  ASSIGN_OR_RETURN(const auto count, feature_count(object));
  parts.features = count.value_or(0);
  const auto subsets = present(object, "estimators_features_");
  std::vector<Value> columns;
  if (subsets) {
    ASSIGN_OR_RETURN(columns, elements(*subsets));
  }
  ReadEstimator first;
  for (std::size_t i = 0; i < members.size(); ++i) {
    ASSIGN_OR_RETURN(ReadEstimator inner, read_inner_estimator(members[i], context, "member"));
    Member member;
    member.estimator = inner.estimator;
    if (i < columns.size()) {
      ASSIGN_OR_RETURN(member.columns, indices(columns[i], parts.features));
    }
    parts.members.push_back(std::move(member));
    if (i == 0) first = std::move(inner);
  }
  ASSIGN_OR_RETURN(ReadEstimator read, read_inputs_of(object, first, context));
  read.response = classifier ? Response::kProbability : Response::kPrediction;
  auto estimator = make_mean_estimator(std::move(parts));
  if (!estimator) return at_object(std::move(estimator.error()), object);
  read.estimator = std::move(*estimator);
  return read;
}

Result<ReadEstimator> read_ada_boost_regressor(const Value& object, ReadContext& context) {
  MedianParts parts;
  parts.kind = short_class_name(object);
  ASSIGN_OR_RETURN(const std::vector<Value> members, fitted_members(object));
  ASSIGN_OR_RETURN(const Value weight_attribute, required(object, "estimator_weights_"));
  ASSIGN_OR_RETURN(parts.weights, pickle::to_doubles(weight_attribute));
  // Of members that boosting did not come to, there are weights too.
  parts.weights.resize(std::min(parts.weights.size(), members.size()));
  ReadEstimator first;
  for (const Value& member : members) {
    ASSIGN_OR_RETURN(ReadEstimator inner, read_inner_estimator(member, context, "member"));
    parts.members.push_back(inner.estimator);
    if (parts.members.size() == 1) first = std::move(inner);
  }
  ASSIGN_OR_RETURN(ReadEstimator read, read_inputs_of(object, first, context));
  parts.features = read.inputs.size();
  read.response = Response::kPrediction;
  auto estimator = make_median_estimator(std::move(parts));
  if (!estimator) return at_object(std::move(estimator.error()), object);
  read.estimator = std::move(*estimator);
  return read;
}

Result<ReadEstimator> read_stacking(const Value& object, ReadContext& context) {
  StackedParts parts;
  parts.kind = short_class_name(object);
  const bool classifier = parts.kind == "StackingClassifier";
  ASSIGN_OR_RETURN(parts.classes, classes_or_none(object, classifier));
  ASSIGN_OR_RETURN(parts.passthrough, bool_attribute(object, "passthrough", false));
  ASSIGN_OR_RETURN(const std::vector<Value> members, fitted_members(object));
  ASSIGN_OR_RETURN(const Value method_attribute, required(object, "stack_method_"));
  ASSIGN_OR_RETURN(std::vector<Value> methods, elements(method_attribute));
  if (methods.size() < members.size()) {
    return ReadContext::refuse(method_attribute, ErrorCode::kInput, "fewer methods than members");
  }
  ReadEstimator first;
  for (std::size_t i = 0; i < members.size(); ++i) {
    ASSIGN_OR_RETURN(ReadEstimator inner, read_inner_estimator(members[i], context, "member"));
    Response response = Response::kPrediction;
    if (methods[i].string() == "predict_proba") {
      response = Response::kProbability;
    } else if (methods[i].string() == "decision_function") {
      response = Response::kDecision;
    } else if (classifier) {
      return ReadContext::refuse(methods[i], ErrorCode::kUnsupported,
                                 "stacking on " + describe(methods[i]),
                                 "'predict_proba' or 'decision_function'");
    }
    parts.members.push_back({inner.estimator, response});
    if (i == 0) first = std::move(inner);
  }
  ASSIGN_OR_RETURN(const Value final_attribute, required(object, "final_estimator_"));
  ASSIGN_OR_RETURN(const ReadEstimator last,
                   read_inner_estimator(final_attribute, context, "final_estimator_"));
  parts.final_estimator = last.estimator;
  ASSIGN_OR_RETURN(ReadEstimator read, read_inputs_of(object, first, context));
  parts.features = read.inputs.size();
  read.response = last.response;
  auto estimator = make_stacked_estimator(std::move(parts));
  if (!estimator) return at_object(std::move(estimator.error()), object);
  read.estimator = std::move(*estimator);
  return read;
}

}  // namespace clairscore::sklearn
