// GradientBoostingClassifier and Regressor: the initial guess, plus learning_rate times the leaves.

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "sklearn/decision_trees.h"
#include "sklearn/objects.h"
#include "sklearn/readers.h"
#include "sklearn/tree_records.h"

namespace clairscore::sklearn {

namespace {

/// init_: the shares of the classes, a constant, or 'zero'.
Result<std::vector<double>> initial_guess(const Value& object, std::size_t classes,
                                          const std::string& loss) {
  const std::size_t outputs = classes <= 2 ? 1 : classes;
  ASSIGN_OR_RETURN(const Value init, required(object, "init_"));
  if (init.string() == "zero") return std::vector<double>(outputs, 0.0);
  const std::string name = init.qualified_name();
  if (classes == 0 && name == "sklearn.dummy.DummyRegressor") {
    ASSIGN_OR_RETURN(const Value constant, required(init, "constant_"));
    ASSIGN_OR_RETURN(const double value, pickle::to_double(constant));
    return std::vector<double>{value};
  }
  if (classes == 0 || name != "sklearn.dummy.DummyClassifier") {
    return refuse_attribute(ErrorCode::kUnsupported, object, "init_", init,
                            "'zero', or None when it was fitted");
  }
  ASSIGN_OR_RETURN(const Value attribute, required(init, "class_prior_"));
  ASSIGN_OR_RETURN(std::vector<double> shares, pickle::to_doubles(attribute));
  if (shares.size() != classes) {
    return ReadContext::refuse(attribute, ErrorCode::kInput, "priors of another number of classes");
  }
  constexpr double kEpsilon = std::numeric_limits<float>::epsilon();
  for (double& share : shares) share = std::clamp(share, kEpsilon, 1 - kEpsilon);
  if (classes == 2) {
    // Until 1.3 the logarithm was written out; then the loss brought its link.
    const double p = shares[1];
    const double log_odds = version_at_least(object, 1, 4) ? logit(p) : std::log(p / (1 - p));
    return std::vector<double>{loss == "exponential" ? 0.5 * log_odds : log_odds};
  }
  double mean = 0;
  if (version_at_least(object, 1, 4)) {
    std::vector<double> logs;
    for (const double share : shares) logs.push_back(std::log(share));
    mean = std::exp(numpy_sum(logs.data(), logs.size()) / static_cast<double>(classes));
    for (double& share : shares) share = std::log(share / mean);
  } else {
    for (double& share : shares) share = std::log(share);
  }
  return shares;
}

Result<ReadEstimator> read_boosting(const Value& object, std::vector<std::string> classes,
                                    ReadContext& context) {
  ASSIGN_OR_RETURN(const std::string loss, text_attribute(object, "loss", ""));
  ASSIGN_OR_RETURN(ReadEstimator read, read_numeric_inputs(object, context));
  TreeEnsemble::Parts parts;
  parts.features = read.inputs.size();
  ASSIGN_OR_RETURN(parts.baseline, initial_guess(object, classes.size(), loss));
  ASSIGN_OR_RETURN(const Value rate_attribute, required(object, "learning_rate"));
  ASSIGN_OR_RETURN(const double rate, pickle::to_double(rate_attribute));
  ASSIGN_OR_RETURN(const Value attribute, required(object, "estimators_"));
  ASSIGN_OR_RETURN(const pickle::NdArray stages, pickle::read_ndarray(attribute));
  const std::size_t outputs = parts.baseline.size();
  if (stages.dtype.kind != 'O' || stages.shape.size() != 2 || stages.shape[1] != outputs) {
    return ReadContext::refuse(attribute, ErrorCode::kInput,
                               "estimators_ is no table of trees, one a class");
  }
  const LeafValues leaf = [rate](std::span<const double> kept, std::span<double> out) {
    out[0] = rate * kept[0];
  };
  for (const pickle::NodeId id : stages.objects) {
    const Value tree(attribute.graph(), id);
    if (!is_decision_tree(tree) || is_classifier_tree(tree)) {
      return ReadContext::refuse(tree, ErrorCode::kInput, "a stage that is " + describe(tree),
                                 "a DecisionTreeRegressor");
    }
    TreeEnsemble::Parts one;
    one.features = parts.features;
    one.baseline = {0};
    RETURN_IF_ERROR(add_decision_tree(tree, {}, leaf, 1, one, context));
    parts.trees.push_back(std::move(one.trees.front()));
  }
  LinkedParts linked;
  if (classes.empty()) {
    linked.scale = ScoreScale::kPrediction;
  } else if (classes.size() == 2) {
    linked.link = {Link::Kind::kLogistic, loss == "exponential" ? 2.0 : 1.0};
  } else {
    linked.link = {Link::Kind::kSoftmax, 1};
  }
  linked.classes = std::move(classes);
  RETURN_IF_ERROR(finish_trees(object, std::move(parts),
                               {.missing = false, .infinite = false, .as_float32 = true},
                               std::move(linked), read, context));
  return read;
}

}  // namespace

Result<ReadEstimator> read_gradient_boosting_classifier(const Value& object, ReadContext& context) {
  ASSIGN_OR_RETURN(std::vector<std::string> classes, read_classes(object));
  return read_boosting(object, std::move(classes), context);
}

Result<ReadEstimator> read_gradient_boosting_regressor(const Value& object, ReadContext& context) {
  return read_boosting(object, {}, context);
}

}  // namespace clairscore::sklearn
