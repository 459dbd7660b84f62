#pragma once

// The estimator of boosted trees and the like, on the engine of this folder.

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "model/estimator.h"
#include "model/transformer.h"
#include "model/tree_ensemble.h"

namespace clairscore {

/// A boosted-tree classifier with a logistic (two classes) or softmax link, or a regressor with an
/// identity link when `classes` is empty.
struct TreeEstimatorParts {
  std::string kind;
  std::vector<std::string> classes;
  /// Applied to the features before the trees see them, column by column and in place (same
  /// number and order of columns): category encodings. May be null.
  TransformerPtr encoder;
  TreeEnsemble ensemble;
};

/// Bytes that explaining with these trees keeps for their paths, about: up to some millions of
/// tests on paths all are kept; larger ensembles (a forest that was not pruned) are walked and keep
/// none.
std::uint64_t kept_path_bytes(const TreeEnsemble& ensemble);

/// Errors kInput: a number of outputs that does not fit the classes.
Result<EstimatorPtr> make_tree_estimator(TreeEstimatorParts parts);

}  // namespace clairscore
