#pragma once

// A trained pipeline: transformers, then an estimator. Immutable, safe from any number of threads,
// shared as a snapshot by everything that serves.

#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "frame/frame.h"
#include "model/estimator.h"
#include "model/transformer.h"

namespace clairscore {

class Pipeline {
 public:
  struct Step {
    std::string name;  // as in the model file
    TransformerPtr transformer;
  };

  /// input_names: the columns the pipeline was fitted on (feature_names_in_, else the signature's);
  /// estimator: null for a file that holds only transformers.
  /// Errors kInput: a step that needs a column that no earlier step puts out, or an estimator that
  /// expects another number of columns.
  static Result<Pipeline> build(std::vector<std::string> input_names, std::vector<Step> steps,
                                EstimatorPtr estimator);

  const std::vector<std::string>& input_names() const { return input_names_; }
  const std::vector<Step>& steps() const { return steps_; }
  const EstimatorPtr& estimator() const { return estimator_; }
  /// The columns the estimator sees; `inputs` are positions in input_names().
  const std::vector<OutputColumn>& features() const { return features_; }

  /// The rows as the estimator sees them. Input columns are found by name; others are ignored.
  /// Errors kInput: a column missing, and those of the transformers.
  Result<Frame> transform(const Frame& inputs) const;

  /// Raw scores of every row, in blocks, on up to `threads` threads:
  /// out[row * estimator()->outputs() + k]. Needs an estimator.
  Result<std::vector<double>> raw_scores(const Frame& inputs, std::size_t threads) const;

  /// Contributions of every row: out[(row * outputs + k) * features().size() + f].
  Result<std::vector<double>> explain(const Frame& inputs, std::size_t threads) const;

 private:
  Pipeline() = default;
  /// True when the rows are the input columns and nothing else, in order.
  bool has_inputs(const Frame& rows) const;
  Result<Frame> select_inputs(const Frame& rows) const;

  std::vector<std::string> input_names_;
  std::vector<Step> steps_;
  EstimatorPtr estimator_;
  std::vector<OutputColumn> features_;
};

}  // namespace clairscore
