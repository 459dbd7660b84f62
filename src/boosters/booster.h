#pragma once

// What is read of a model that a boosting library wrote in a format of its own, and the estimator
// made of it. Trees are put in the form of TreeEnsemble exactly: another rule for comparing numbers
// becomes another threshold, another rule for categories an encoder before the trees.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "model/estimator.h"
#include "model/linked_estimator.h"
#include "model/transformer.h"
#include "model/tree_ensemble.h"

namespace clairscore {

struct BoosterFeature {
  std::string name;  // empty when the library was given none
  bool categorical = false;
  /// Categories as the training table held them, by their code: texts, or numbers as text. Empty
  /// when the table held the codes themselves.
  std::vector<std::string> categories;
  bool is_text = false;
};

struct Booster {
  std::string library;  // "LightGBM"
  std::string version;  // as the file says, or empty
  std::string kind;     // "Booster", or the class around it
  std::vector<BoosterFeature> features;
  /// Number of classes: 0 for a regressor, 2 for one score, else one score a class.
  std::size_t classes = 0;
  TreeEnsemble::Parts trees;
  TransformerPtr encoder;
  /// raw = sum / divisor * factor + offset.
  double divisor = 1;
  double factor = 1;
  double offset = 0;
  Link link;
  ScoreScale scale = ScoreScale::kLogOdds;
  /// A linear booster has no trees: the estimator is made already.
  EstimatorPtr linear;
};

struct BoosterEstimator {
  EstimatorPtr estimator;
  std::size_t trees = 0;
  std::size_t nodes = 0;
  std::size_t leaves = 0;
  std::size_t depth = 0;
  std::size_t categorical_splits = 0;
  std::uint64_t path_bytes = 0;  // kept for explanations
};

/// labels: of the classes, in order; empty: "0", "1", …. Errors kInput: another number of labels
/// than of classes, trees that are none; kLimit: trees too deep or too large to explain.
Result<BoosterEstimator> finish_booster(Booster booster, std::vector<std::string> labels);

/// Category codes of any size as the codes 0 to 255 that trees hold. Built from the categories that
/// tests name; all others are one code (`other`), missing ones stay missing.
class CategoryCodes {
 public:
  /// The code of a category, made on first use. Nothing once 255 are taken.
  std::optional<std::uint8_t> add(std::int64_t category);
  std::optional<std::uint8_t> find(std::int64_t category) const;
  std::uint8_t other() const { return 255; }
  std::size_t size() const { return codes_.size(); }

 private:
  std::unordered_map<std::int64_t, std::uint8_t> codes_;
};

}  // namespace clairscore
