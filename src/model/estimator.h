#pragma once

// The final step of a pipeline: it turns transformed features into raw scores and probabilities.
// Immutable, safe from any number of threads.

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "frame/frame.h"
#include "model/cell_rule.h"
#include "model/row_engine.h"

namespace clairscore {

/// What raw scores, base values and contributions are measured in.
///   kLogOdds      boosters, logistic regression: decision_function
///   kProbability  forests, averages, calibrated models: predict_proba of the positive class, where
///                 the library has no decision_function
///   kMargin       a decision_function without probabilities: a support vector machine's distance
///   kPrediction   predict of a regressor
enum class ScoreScale { kLogOdds, kProbability, kMargin, kPrediction };

/// "log-odds", "probability", "margin", "prediction".
std::string_view to_string(ScoreScale scale);

class Estimator {
 public:
  virtual ~Estimator() = default;

  /// The library's own class name ("HistGradientBoostingClassifier").
  virtual const std::string& kind() const = 0;
  /// Columns it expects, in number.
  virtual std::size_t features() const = 0;
  /// Class labels as text in the order of the probabilities; empty for a regressor.
  virtual const std::vector<std::string>& classes() const = 0;
  /// Raw scores a row: 1 for two classes or a regressor, K for K > 2 classes.
  virtual std::size_t outputs() const = 0;
  virtual ScoreScale raw_scale() const = 0;

  /// decision_function of every row, or what raw_scale() says where the library has none:
  /// out[row * outputs() + k].
  /// Errors kInput: another number of columns, text where numbers are needed.
  virtual Result<void> raw_scores(const Frame& features, std::span<double> out) const = 0;

  /// False for a regressor's classes() and for a classifier that only has a margin.
  virtual bool has_probabilities() const { return !classes().empty(); }
  /// predict_proba of one row from its raw scores: out[classes().size()]. Where there are none,
  /// NaN.
  virtual void probabilities(std::span<const double> raw, std::span<double> out) const = 0;

  /// True when explain() can be called; otherwise why_not() says why.
  virtual bool explainable() const = 0;
  virtual std::string why_not() const { return {}; }
  /// Path-dependent base values, one per output, in raw_scale() units.
  virtual std::span<const double> base_values() const = 0;
  /// Contributions of every row: out[(row * outputs() + k) * features() + f].
  virtual Result<void> explain(const Frame& features, std::span<double> out) const = 0;

  /// The estimator on columns from which its features are computed by these rules; null when it has
  /// no engine for that.
  virtual RowEnginePtr engine_on(const std::vector<CellRule>& /*rules*/) const { return nullptr; }
};

using EstimatorPtr = std::shared_ptr<const Estimator>;

}  // namespace clairscore
