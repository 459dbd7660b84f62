#pragma once

// A trained pipeline: transformers, then an estimator. Immutable, safe from any number of threads,
// shared as a snapshot by everything that serves.

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "frame/frame.h"
#include "model/estimator.h"
#include "model/row_engine.h"
#include "model/transformer.h"

namespace clairscore {

/// Rows [begin, begin + count).
struct RowRange {
  std::size_t begin = 0;
  std::size_t count = 0;
};

class PipelineExplainer;

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

  /// Raw scores of rows, in blocks, on up to `threads` threads:
  /// out[i * estimator()->outputs() + k]. Needs an estimator. Errors: those of transform().
  Result<void> raw_scores(const Frame& inputs, RowRange rows, std::size_t threads,
                          std::span<double> out) const;
  /// Of every row.
  Result<std::vector<double>> raw_scores(const Frame& inputs, std::size_t threads) const;

  /// Contributions of rows: out[(i * outputs + k) * features().size() + f]. The first call of all
  /// prepares what the others use.
  Result<void> explain(const Frame& inputs, RowRange rows, std::size_t threads,
                       std::span<double> out) const;
  /// Of every row.
  Result<std::vector<double>> explain(const Frame& inputs, std::size_t threads) const;

  /// Ways to explain rows; each keeps what it needs of the pipeline, which outlives it.
  /// Path-dependent contributions, one a feature: what explain() answers.
  PipelineExplainer path_dependent(std::size_t threads) const;
  /// Contributions against a background, every row of which counts. Errors: those of transform(), a
  /// background without rows, kUnsupported for an estimator that cannot.
  Result<PipelineExplainer> interventional(const Frame& background, std::size_t threads) const;
  /// Interaction values, one a pair of interacting(). Error kUnsupported.
  Result<PipelineExplainer> interactions(std::size_t threads) const;
  FeaturePairs interacting() const;

 private:
  friend class PipelineExplainer;

  Pipeline() = default;
  /// True when the rows are the input columns and nothing else, in order.
  bool has_inputs(const Frame& rows) const;
  Result<Frame> select_inputs(const Frame& rows) const;
  Error missing_input(const std::string& name) const;
  /// What the engine reads, by position: the inputs.
  Result<std::vector<const Column*>> input_columns(const Frame& inputs) const;
  Result<void> require_engine(std::string_view what) const;

  std::vector<std::string> input_names_;
  std::vector<Step> steps_;
  EstimatorPtr estimator_;
  std::vector<OutputColumn> features_;
  RowEnginePtr engine_;               // null: rows go to the estimator itself
  bool engine_reads_inputs_ = false;  // else the features
};

/// Explains a pipeline's rows in one way. Immutable; safe from any number of threads.
class PipelineExplainer {
 public:
  /// One per output, in units of the raw score.
  std::span<const double> base_values() const;
  /// Values a row and output.
  std::size_t width() const;
  /// out[(i * outputs + k) * width() + v]. Errors: those of Pipeline::transform().
  Result<void> explain(const Frame& inputs, RowRange rows, std::size_t threads,
                       std::span<double> out) const;

 private:
  friend class Pipeline;
  PipelineExplainer(const Pipeline& pipeline, std::shared_ptr<const RowExplainer> explainer)
      : pipeline_(&pipeline), explainer_(std::move(explainer)) {}
  const Pipeline* pipeline_;
  std::shared_ptr<const RowExplainer> explainer_;  // null: the estimator itself
};

}  // namespace clairscore
