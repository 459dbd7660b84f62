#pragma once

// sklearn.tree: single decision trees, and the trees inside forests, bagging and boosting.

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "model/estimator.h"
#include "model/linked_estimator.h"
#include "model/number_rule.h"
#include "model/tree_ensemble.h"
#include "pickle/value.h"
#include "sklearn/read_context.h"
#include "sklearn/readers.h"

namespace clairscore::sklearn {

/// What a leaf adds to each output, made from what scikit-learn keeps for it: the weight or share
/// of each class, or the mean of the target.
using LeafValues = std::function<void(std::span<const double> kept, std::span<double> outputs)>;

/// True for an object of one of the classes of sklearn.tree.
bool is_decision_tree(const pickle::Value& object);
bool is_classifier_tree(const pickle::Value& object);

/// Appends the trees of a fitted decision tree to an ensemble: one for each output of it, the same
/// but for the values of its leaves. `columns` are the ensemble's features that its features are;
/// empty: the same. `kept` is the number
/// of values a leaf must have. Thresholds are made those of doubles (float32_test).
Result<void> add_decision_tree(const pickle::Value& estimator,
                               const std::vector<std::size_t>& columns, const LeafValues& leaf,
                               std::size_t kept, TreeEnsemble::Parts& parts, ReadContext& context);

/// Shares of the classes, or the mean: what predict_proba and predict of the tree answer.
LeafValues own_answer(const pickle::Value& estimator, bool binary);

/// Whether the tree, or a forest of such trees, takes missing values.
NumberRule number_rule_of_tree(const pickle::Value& tree, bool in_forest);

/// The estimator that the trees make: an average of `divisor` (kProbability, kPrediction) or what
/// `linked` says. Fills in estimator and statistics of `read`.
Result<void> finish_trees(const pickle::Value& object, TreeEnsemble::Parts parts,
                          const NumberRule& rule, LinkedParts linked, ReadEstimator& read,
                          ReadContext& context);

}  // namespace clairscore::sklearn
