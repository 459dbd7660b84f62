#include "model/pipeline.h"

#include <algorithm>
#include <mutex>
#include <set>
#include <utility>

#include "base/parallel.h"

namespace clairscore {

namespace {

/// Rows that pass through the steps together: small enough for the transformed block (163 columns
/// of doubles, 1.3 MB) to stay in the second-level cache, large enough to spread the cost of a
/// step.
constexpr std::size_t kTransformedTogether = 1024;
/// Rows that an engine scores on one thread before it asks for more.
constexpr std::size_t kScoredTogether = 4096;
/// The same for explanations, whose tables cost the less a row the more rows they serve.
constexpr std::size_t kExplainedTogether = 2048;

/// Rows explained on one thread before it asks for more; fewer where threads would get none.
std::size_t explained_together(std::size_t rows, std::size_t threads) {
  const std::size_t share = rows / std::max<std::size_t>(threads, 1) + 1;
  return std::clamp(share, kTransformedTogether, kExplainedTogether);
}

std::set<std::size_t> sources(const std::vector<OutputColumn>& columns,
                              const std::vector<std::size_t>& positions) {
  std::set<std::size_t> found;
  for (const std::size_t position : positions) {
    found.insert(columns[position].inputs.begin(), columns[position].inputs.end());
  }
  return found;
}

}  // namespace

Result<Pipeline> Pipeline::build(std::vector<std::string> input_names, std::vector<Step> steps,
                                 EstimatorPtr estimator) {
  Pipeline pipeline;
  std::vector<OutputColumn> columns;
  columns.reserve(input_names.size());
  for (std::size_t i = 0; i < input_names.size(); ++i) columns.push_back({input_names[i], {i}});
  for (const Step& step : steps) {
    std::vector<std::string> names;
    names.reserve(columns.size());
    for (const OutputColumn& column : columns) names.push_back(column.name);
    auto outputs = step.transformer->outputs(names);
    if (!outputs) {
      Error error = std::move(outputs.error());
      error.where = "step " + step.name + (error.where.empty() ? "" : ", " + error.where);
      return fail(std::move(error));
    }
    // Follow each output back to the pipeline's own inputs.
    std::vector<OutputColumn> traced;
    traced.reserve(outputs->size());
    for (OutputColumn& output : *outputs) {
      const std::set<std::size_t> from = sources(columns, output.inputs);
      traced.push_back({std::move(output.name), {from.begin(), from.end()}});
    }
    columns = std::move(traced);
  }
  if (estimator && estimator->features() != columns.size()) {
    return fail(ErrorCode::kInput, "the steps put out " + std::to_string(columns.size()) +
                                       " columns and " + estimator->kind() + " expects " +
                                       std::to_string(estimator->features()));
  }
  if (estimator) {
    std::vector<const Transformer*> transformers;
    transformers.reserve(steps.size());
    for (const Step& step : steps) transformers.push_back(step.transformer.get());
    if (const auto rules = cell_rules_of_steps(transformers, input_names)) {
      pipeline.engine_ = estimator->engine_on(*rules);
      pipeline.engine_reads_inputs_ = pipeline.engine_ != nullptr;
    }
    if (!pipeline.engine_) {
      std::vector<CellRule> as_they_are(columns.size());
      for (std::size_t f = 0; f < as_they_are.size(); ++f) as_they_are[f].input = f;
      pipeline.engine_ = estimator->engine_on(as_they_are);
    }
  }
  pipeline.input_names_ = std::move(input_names);
  pipeline.steps_ = std::move(steps);
  pipeline.estimator_ = std::move(estimator);
  pipeline.features_ = std::move(columns);
  return pipeline;
}

bool Pipeline::has_inputs(const Frame& rows) const {
  return rows.columns().size() == input_names_.size() &&
         std::equal(input_names_.begin(), input_names_.end(), rows.columns().begin(),
                    [](const std::string& name, const Column& c) { return c.name() == name; });
}

Error Pipeline::missing_input(const std::string& name) const {
  return {ErrorCode::kInput, "a column the model needs is missing", "column " + name,
          "the model's " + std::to_string(input_names_.size()) + " input columns"};
}

Result<Frame> Pipeline::select_inputs(const Frame& rows) const {
  std::vector<Column> selected;
  selected.reserve(input_names_.size());
  for (const std::string& name : input_names_) {
    const Column* column = rows.find(name);
    if (column == nullptr) {
      return fail(missing_input(name));
    }
    selected.push_back(*column);
  }
  return Frame(rows.rows(), std::move(selected));
}

Result<Frame> Pipeline::transform(const Frame& inputs) const {
  if (!has_inputs(inputs)) {
    ASSIGN_OR_RETURN(const Frame selected, select_inputs(inputs));
    return transform(selected);
  }
  if (steps_.empty()) return inputs;
  ASSIGN_OR_RETURN(Frame current, steps_.front().transformer->transform(inputs));
  for (std::size_t i = 1; i < steps_.size(); ++i) {
    ASSIGN_OR_RETURN(current, steps_[i].transformer->transform(current));
  }
  return current;
}

Result<std::vector<const Column*>> Pipeline::input_columns(const Frame& inputs) const {
  std::vector<const Column*> columns;
  columns.reserve(input_names_.size());
  const bool in_order = has_inputs(inputs);
  for (std::size_t i = 0; i < input_names_.size(); ++i) {
    const Column* column = in_order ? &inputs.column(i) : inputs.find(input_names_[i]);
    if (column == nullptr) return fail(missing_input(input_names_[i]));
    columns.push_back(column);
  }
  return columns;
}

namespace {

/// Runs work(begin, count) over blocks of rows and returns the first error in row order.
template <typename Work>
Result<void> over_blocks(RowRange rows, std::size_t block, std::size_t threads, Work work) {
  std::mutex mutex;
  std::optional<std::pair<std::size_t, Error>> first_error;
  parallel_blocks(rows.count, block, threads, [&](std::size_t begin, std::size_t end) {
    if (auto done = work(begin, end - begin); !done) {
      const std::lock_guard lock(mutex);
      if (!first_error || begin < first_error->first) {
        first_error = {begin, std::move(done.error())};
      }
    }
  });
  if (first_error) return fail(std::move(first_error->second));
  return {};
}

std::vector<const Column*> pointers(const Frame& frame) {
  std::vector<const Column*> columns;
  columns.reserve(frame.columns().size());
  for (const Column& column : frame.columns()) columns.push_back(&column);
  return columns;
}

}  // namespace

/// Rows on their way to an engine, or to the estimator where there is none or where the engine
/// takes them not: only transforming them then says why.
class RowRoute {
 public:
  RowRoute(const Pipeline& pipeline, const RowEngine* engine, bool reads_inputs)
      : pipeline_(pipeline), engine_(engine), reads_inputs_(reads_inputs) {}

  /// by_engine(engine rows, begin, count, out) is false where it refuses a row;
  /// by_estimator(features, out) answers for a block of transformed rows.
  template <typename ByEngine, typename ByEstimator>
  Result<void> run(const Frame& inputs, std::vector<const Column*> columns, RowRange rows,
                   std::size_t block, std::size_t threads, std::size_t width, std::span<double> out,
                   ByEngine by_engine, ByEstimator by_estimator) const {
    std::unique_ptr<const EngineRows> opened;
    if (engine_ != nullptr && reads_inputs_) opened = engine_->open(columns, inputs.rows());
    return over_blocks(
        rows, block, threads, [&](std::size_t begin, std::size_t count) -> Result<void> {
          const std::span<double> place = out.subspan(begin * width, count * width);
          if (opened && by_engine(*opened, rows.begin + begin, count, place)) return {};
          ASSIGN_OR_RETURN(const Frame features,
                           pipeline_.transform(inputs.slice(rows.begin + begin, count)));
          if (engine_ != nullptr && !reads_inputs_) {
            const auto of_block = engine_->open(pointers(features), count);
            if (of_block && by_engine(*of_block, 0, count, place)) return {};
          }
          return by_estimator(features, place);
        });
  }

 private:
  const Pipeline& pipeline_;
  const RowEngine* engine_;
  bool reads_inputs_;
};

Result<void> Pipeline::raw_scores(const Frame& inputs, RowRange rows, std::size_t threads,
                                  std::span<double> out) const {
  ASSIGN_OR_RETURN(std::vector<const Column*> columns, input_columns(inputs));
  return RowRoute(*this, engine_.get(), engine_reads_inputs_)
      .run(
          inputs, std::move(columns), rows,
          engine_reads_inputs_ ? kScoredTogether : kTransformedTogether, threads,
          estimator_->outputs(), out,
          [&](const EngineRows& opened, std::size_t begin, std::size_t count,
              std::span<double> place) {
            return engine_->raw_scores(opened, begin, count, place.data());
          },
          [&](const Frame& features, std::span<double> place) {
            return estimator_->raw_scores(features, place);
          });
}

Result<std::vector<double>> Pipeline::raw_scores(const Frame& inputs, std::size_t threads) const {
  std::vector<double> scores(inputs.rows() * estimator_->outputs());
  RETURN_IF_ERROR(raw_scores(inputs, {0, inputs.rows()}, threads, scores));
  return scores;
}

Result<void> Pipeline::explain(const Frame& inputs, RowRange rows, std::size_t threads,
                               std::span<double> out) const {
  return path_dependent(threads).explain(inputs, rows, threads, out);
}

Result<std::vector<double>> Pipeline::explain(const Frame& inputs, std::size_t threads) const {
  std::vector<double> values(inputs.rows() * estimator_->outputs() * features_.size());
  RETURN_IF_ERROR(explain(inputs, {0, inputs.rows()}, threads, values));
  return values;
}

PipelineExplainer Pipeline::path_dependent(std::size_t threads) const {
  if (!engine_) return {*this, nullptr};
  // The engine keeps it.
  return {*this, {engine_, &engine_->path_dependent(threads)}};
}

Result<void> Pipeline::require_engine(std::string_view what) const {
  if (engine_) return {};
  return fail(ErrorCode::kUnsupported,
              std::string(what) + " of " + estimator_->kind() + " are not computed");
}

Result<PipelineExplainer> Pipeline::interventional(const Frame& background,
                                                   std::size_t threads) const {
  RETURN_IF_ERROR(require_engine("contributions against a background"));
  if (background.rows() == 0) return fail(ErrorCode::kInput, "a background without rows");
  Frame features;
  const Frame* source = &background;
  std::vector<const Column*> columns;
  if (engine_reads_inputs_) {
    ASSIGN_OR_RETURN(columns, input_columns(background));
  } else {
    ASSIGN_OR_RETURN(features, transform(background));
    source = &features;
    columns = pointers(features);
  }
  if (const auto opened = engine_->open(columns, source->rows())) {
    if (std::shared_ptr<const RowExplainer> made = engine_->interventional(*opened, threads)) {
      return PipelineExplainer(*this, std::move(made));
    }
  }
  // Transforming says which cell is refused; text among the features is all that is left.
  ASSIGN_OR_RETURN(const Frame refused, transform(background));
  std::vector<double> ignored(refused.rows() * estimator_->outputs());
  RETURN_IF_ERROR(estimator_->raw_scores(refused, ignored));
  return fail(ErrorCode::kInternal, "a background that the engine does not take");
}

Result<PipelineExplainer> Pipeline::interactions(std::size_t threads) const {
  RETURN_IF_ERROR(require_engine("interaction values"));
  return PipelineExplainer(*this, engine_->interactions(threads));
}

FeaturePairs Pipeline::interacting() const {
  return engine_ ? engine_->interacting() : FeaturePairs();
}

std::span<const double> PipelineExplainer::base_values() const {
  return explainer_ ? explainer_->base_values() : pipeline_->estimator_->base_values();
}

std::size_t PipelineExplainer::width() const {
  return explainer_ ? explainer_->width() : pipeline_->features_.size();
}

Result<void> PipelineExplainer::explain(const Frame& inputs, RowRange rows, std::size_t threads,
                                        std::span<double> out) const {
  const Pipeline& pipeline = *pipeline_;
  ASSIGN_OR_RETURN(std::vector<const Column*> columns, pipeline.input_columns(inputs));
  const std::size_t together = explainer_ && pipeline.engine_reads_inputs_
                                   ? explained_together(rows.count, threads)
                                   : kTransformedTogether;
  return RowRoute(pipeline, explainer_ ? pipeline.engine_.get() : nullptr,
                  pipeline.engine_reads_inputs_)
      .run(
          inputs, std::move(columns), rows, together, threads,
          pipeline.estimator_->outputs() * width(), out,
          [&](const EngineRows& opened, std::size_t begin, std::size_t count,
              std::span<double> place) {
            return explainer_->explain(opened, begin, count, place.data());
          },
          [&](const Frame& features, std::span<double> place) -> Result<void> {
            if (width() != pipeline.features_.size()) {
              return fail(ErrorCode::kInternal, "rows that the engine does not take");
            }
            return pipeline.estimator_->explain(features, place);
          });
}

}  // namespace clairscore
