// Decision trees alone, random forests, extremely randomised trees: averages of what the trees
// answer, in probability or in units of the target; and bagging and AdaBoost over decision trees.

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>

#include "sklearn/decision_trees.h"
#include "sklearn/objects.h"
#include "sklearn/readers.h"
#include "sklearn/tree_records.h"

namespace clairscore::sklearn {

namespace {

std::size_t outputs_of(const std::vector<std::string>& classes) {
  return classes.size() <= 2 ? 1 : classes.size();
}

Result<std::vector<std::string>> classes_of(const Value& object, bool classifier) {
  if (!classifier) return std::vector<std::string>{};
  return read_classes(object);
}

LinkedParts average(std::vector<std::string> classes, double divisor) {
  LinkedParts linked;
  linked.link.kind = classes.empty() ? Link::Kind::kNone : Link::Kind::kProbability;
  linked.scale = classes.empty() ? ScoreScale::kPrediction : ScoreScale::kProbability;
  linked.classes = std::move(classes);
  linked.divisor = divisor;
  return linked;
}

Result<std::vector<Value>> trees_in(const Value& object) {
  ASSIGN_OR_RETURN(const Value attribute, required(object, "estimators_"));
  ASSIGN_OR_RETURN(std::vector<Value> members, elements(attribute));
  if (members.empty()) {
    return ReadContext::refuse(attribute, ErrorCode::kInput, "an ensemble without members");
  }
  for (const Value& member : members) {
    if (is_decision_tree(member)) continue;
    return ReadContext::refuse(member, ErrorCode::kUnsupported,
                               short_class_name(object) + " over " + describe(member),
                               short_class_name(object) + " over decision trees");
  }
  return members;
}

/// Features that a member of a bagging ensemble was given.
Result<std::vector<std::size_t>> columns_of_member(const Value& object, std::size_t member,
                                                   std::size_t features) {
  const auto attribute = present(object, "estimators_features_");
  if (!attribute) return std::vector<std::size_t>{};
  ASSIGN_OR_RETURN(const std::vector<Value> all, elements(*attribute));
  if (member >= all.size()) {
    return ReadContext::refuse(*attribute, ErrorCode::kInput, "fewer sets of features than trees");
  }
  return indices(all[member], features);
}

/// SAMME: the weight for the class that the leaf answers, and for the others nothing, or,
/// since 1.4, as much less.
LeafValues vote(double weight, std::size_t classes, bool less) {
  return [=](std::span<const double> kept, std::span<double> outputs) {
    const auto best =
        static_cast<std::size_t>(std::max_element(kept.begin(), kept.end()) - kept.begin());
    if (outputs.size() == 1) {
      outputs[0] = best == 1 ? weight : -weight;
      return;
    }
    const double other = less ? -1 / (static_cast<double>(classes) - 1) * weight : 0;
    for (std::size_t k = 0; k < outputs.size(); ++k) outputs[k] = best == k ? weight : other;
  };
}

/// SAMME.R: the logarithms of the leaf's shares, centred.
LeafValues centred_logarithms(LeafValues shares, std::size_t classes) {
  return [shares = std::move(shares), classes](std::span<const double> kept,
                                               std::span<double> outputs) {
    std::vector<double> logs(classes);
    shares(kept, logs);
    for (double& value : logs) {
      value = std::log(std::max(value, std::numeric_limits<double>::epsilon()));
    }
    const auto count = static_cast<double>(classes);
    const double mean = 1 / count * numpy_sum(logs.data(), logs.size());
    for (double& value : logs) value = (count - 1) * (value - mean);
    if (outputs.size() == 1) {
      outputs[0] = (logs[1] - logs[0]) / 2;
    } else {
      std::copy(logs.begin(), logs.end(), outputs.begin());
    }
  };
}

}  // namespace

Result<ReadEstimator> read_decision_tree(const Value& object, ReadContext& context) {
  ASSIGN_OR_RETURN(ReadEstimator read, read_numeric_inputs(object, context));
  ASSIGN_OR_RETURN(std::vector<std::string> classes,
                   classes_of(object, is_classifier_tree(object)));
  TreeEnsemble::Parts parts;
  parts.features = read.inputs.size();
  parts.baseline.assign(outputs_of(classes), 0);
  RETURN_IF_ERROR(add_decision_tree(object, {}, own_answer(object, classes.size() == 2),
                                    std::max<std::size_t>(classes.size(), 1), parts, context));
  read.response = classes.empty() ? Response::kPrediction : Response::kProbability;
  RETURN_IF_ERROR(finish_trees(object, std::move(parts), number_rule_of_tree(object, false),
                               average(std::move(classes), 1), read, context));
  return read;
}

Result<ReadEstimator> read_forest(const Value& object, ReadContext& context) {
  ASSIGN_OR_RETURN(ReadEstimator read, read_numeric_inputs(object, context));
  ASSIGN_OR_RETURN(const std::vector<Value> trees, trees_in(object));
  const bool classifier = is_classifier_tree(trees.front());
  ASSIGN_OR_RETURN(std::vector<std::string> classes, classes_of(object, classifier));
  TreeEnsemble::Parts parts;
  parts.features = read.inputs.size();
  parts.baseline.assign(outputs_of(classes), 0);
  // Bagging leaves it to each member what it takes.
  const bool bagging = object.attribute("estimators_features_").has_value();
  const NumberRule rule = number_rule_of_tree(trees.front(), !bagging);
  for (std::size_t i = 0; i < trees.size(); ++i) {
    if (is_classifier_tree(trees[i]) != classifier) {
      return ReadContext::refuse(trees[i], ErrorCode::kInput,
                                 "classifiers and regressors in one ensemble");
    }
    ASSIGN_OR_RETURN(const std::vector<std::size_t> columns,
                     columns_of_member(object, i, read.inputs.size()));
    RETURN_IF_ERROR(add_decision_tree(trees[i], columns, own_answer(trees[i], classes.size() == 2),
                                      std::max<std::size_t>(classes.size(), 1), parts, context));
  }
  read.response = classifier ? Response::kProbability : Response::kPrediction;
  RETURN_IF_ERROR(finish_trees(object, std::move(parts), rule,
                               average(std::move(classes), static_cast<double>(trees.size())), read,
                               context));
  return read;
}

Result<ReadEstimator> read_ada_boost_classifier(const Value& object, ReadContext& context) {
  ASSIGN_OR_RETURN(ReadEstimator read, read_numeric_inputs(object, context));
  ASSIGN_OR_RETURN(const std::vector<Value> trees, trees_in(object));
  ASSIGN_OR_RETURN(std::vector<std::string> classes, read_classes(object));
  ASSIGN_OR_RETURN(const Value weight_attribute, required(object, "estimator_weights_"));
  ASSIGN_OR_RETURN(const std::vector<double> weights, pickle::to_doubles(weight_attribute));
  // Classes of other packages do not say which scikit-learn wrote them; their trees do.
  const Value& versioned = library_version(object).empty() ? trees.front() : object;
  // The default until 1.3; 1.6 dropped the other one.
  const bool is_old = !version_at_least(versioned, 1, 6);
  ASSIGN_OR_RETURN(const std::string algorithm,
                   text_attribute(object, "algorithm", is_old ? "SAMME.R" : "SAMME"));
  const bool real = is_old && algorithm == "SAMME.R";
  const bool less = version_at_least(versioned, 1, 4);
  if (weights.size() < trees.size()) {
    return ReadContext::refuse(weight_attribute, ErrorCode::kInput, "fewer weights than trees");
  }
  TreeEnsemble::Parts parts;
  parts.features = read.inputs.size();
  parts.baseline.assign(outputs_of(classes), 0);
  for (std::size_t i = 0; i < trees.size(); ++i) {
    if (!is_classifier_tree(trees[i])) {
      return ReadContext::refuse(trees[i], ErrorCode::kInput, "a regressor among classifiers");
    }
    const LeafValues leaf = real ? centred_logarithms(own_answer(trees[i], false), classes.size())
                                 : vote(weights[i], classes.size(), less);
    RETURN_IF_ERROR(add_decision_tree(trees[i], {}, leaf, classes.size(), parts, context));
  }
  LinkedParts linked;
  linked.divisor = numpy_sum(weights.data(), weights.size());
  // With two classes the scores of both are added, and the probabilities are of half of it.
  const bool two = classes.size() == 2;
  linked.factor = two && (real || less) ? 2 : 1;
  linked.link = two ? Link{Link::Kind::kLogistic, 1}
                    : Link{Link::Kind::kSoftmax, 1 / (static_cast<double>(classes.size()) - 1)};
  linked.scale = ScoreScale::kLogOdds;
  linked.classes = std::move(classes);
  const NumberRule rule{.missing = false, .infinite = false, .as_float32 = true};
  RETURN_IF_ERROR(finish_trees(object, std::move(parts), rule, std::move(linked), read, context));
  return read;
}

}  // namespace clairscore::sklearn
