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
constexpr std::size_t kBlockRows = 1024;

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

Result<Frame> Pipeline::select_inputs(const Frame& rows) const {
  std::vector<Column> selected;
  selected.reserve(input_names_.size());
  for (const std::string& name : input_names_) {
    const Column* column = rows.find(name);
    if (column == nullptr) {
      return fail(ErrorCode::kInput, "a column the model needs is missing", "column " + name,
                  "the model's " + std::to_string(input_names_.size()) + " input columns");
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

namespace {

/// Runs work(features, begin) over blocks of transformed rows on several threads and returns the
/// first error in row order.
template <typename Work>
Result<void> over_blocks(const Pipeline& pipeline, const Frame& inputs, std::size_t threads,
                         Work work) {
  std::mutex mutex;
  std::optional<std::pair<std::size_t, Error>> first_error;
  parallel_blocks(inputs.rows(), kBlockRows, threads, [&](std::size_t begin, std::size_t end) {
    const auto run = [&]() -> Result<void> {
      ASSIGN_OR_RETURN(const Frame features, pipeline.transform(inputs.slice(begin, end - begin)));
      return work(features, begin);
    };
    if (auto done = run(); !done) {
      const std::lock_guard lock(mutex);
      if (!first_error || begin < first_error->first) {
        first_error = {begin, std::move(done.error())};
      }
    }
  });
  if (first_error) return fail(std::move(first_error->second));
  return {};
}

}  // namespace

Result<std::vector<double>> Pipeline::raw_scores(const Frame& inputs, std::size_t threads) const {
  const std::size_t outputs = estimator_->outputs();
  std::vector<double> scores(inputs.rows() * outputs);
  RETURN_IF_ERROR(
      over_blocks(*this, inputs, threads, [&](const Frame& features, std::size_t begin) {
        return estimator_->raw_scores(
            features, std::span(scores).subspan(begin * outputs, features.rows() * outputs));
      }));
  return scores;
}

Result<std::vector<double>> Pipeline::explain(const Frame& inputs, std::size_t threads) const {
  const std::size_t width = estimator_->outputs() * features_.size();
  std::vector<double> values(inputs.rows() * width);
  RETURN_IF_ERROR(
      over_blocks(*this, inputs, threads, [&](const Frame& features, std::size_t begin) {
        return estimator_->explain(
            features, std::span(values).subspan(begin * width, features.rows() * width));
      }));
  return values;
}

}  // namespace clairscore
