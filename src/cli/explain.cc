#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <utility>

#include "cli/batch.h"
#include "cli/commands.h"
#include "cli/rows_writer.h"
#include "data/choose_recipe.h"
#include "data/dataset.h"

namespace clairscore {

namespace {

/// Where each feature's contribution is written: its own column, or its input's. Interactions of
/// pairs have columns after those.
struct ExplainColumns {
  std::vector<std::string> names;       // of the contributions, in order
  std::vector<std::size_t> of_feature;  // feature -> position in names
  struct PairColumn {
    std::size_t first;   // positions in names
    std::size_t second;  // equal: both are of one input, whose own value it belongs to
    std::size_t column;  // position in names, of the pair
  };
  std::vector<PairColumn> of_pair;  // as Pipeline::interacting(), in its order
};

Result<ExplainColumns> explain_columns(const Pipeline& pipeline, bool by_input) {
  ExplainColumns columns;
  if (by_input) columns.names = pipeline.input_names();
  for (const OutputColumn& feature : pipeline.features()) {
    if (!by_input) {
      columns.of_feature.push_back(columns.names.size());
      columns.names.push_back(feature.name);
      continue;
    }
    if (feature.inputs.size() != 1) {
      return fail(ErrorCode::kUnsupported,
                  "feature " + feature.name + " is computed from " +
                      std::to_string(feature.inputs.size()) +
                      " inputs, so its contribution belongs to none of them alone",
                  "--by-input", "the same without --by-input");
    }
    columns.of_feature.push_back(feature.inputs.front());
  }
  return columns;
}

/// Appends a column for each pair of columns that interact.
void add_pair_columns(const Pipeline& pipeline, ExplainColumns& columns) {
  const FeaturePairs pairs = pipeline.interacting();
  FeaturePairs sorted = pairs;  // the columns are in the order of the features
  std::sort(sorted.begin(), sorted.end());
  std::map<std::pair<std::size_t, std::size_t>, std::size_t> column_of;
  const auto of_columns = [&](const auto& pair) {
    return std::pair(
        std::minmax({columns.of_feature[pair.first], columns.of_feature[pair.second]}));
  };
  for (const auto& pair : sorted) {
    const auto [first, second] = of_columns(pair);
    if (first == second) continue;
    const auto [entry, added] = column_of.emplace(std::pair(first, second), columns.names.size());
    if (added) columns.names.push_back(columns.names[first] + "*" + columns.names[second]);
  }
  for (const auto& pair : pairs) {
    const auto [first, second] = of_columns(pair);
    const std::size_t column = first == second ? first : column_of.at({first, second});
    columns.of_pair.push_back({first, second, column});
  }
}

/// How the rows are explained.
struct Explainers {
  PipelineExplainer contributions;
  std::optional<PipelineExplainer> interactions;
};

/// Explains rows and writes that down: one line a row and output.
class ExplanationWriter {
 public:
  ExplanationWriter(const ExplainCommand& command, const Batch& batch, Explainers explainers,
                    ExplainColumns columns, StepClock& clock)
      : format_(command.format),
        pipeline_(batch.model->pipeline),
        explainers_(std::move(explainers)),
        columns_(std::move(columns)),
        clock_(clock) {
    header_.push_back(batch.identifier);
    if (outputs() > 1) header_.emplace_back("class");
    header_.emplace_back("base_value");
    header_.insert(header_.end(), columns_.names.begin(), columns_.names.end());
  }

  const std::vector<std::string>& header() const { return header_; }
  std::size_t outputs() const { return pipeline_.estimator()->outputs(); }

  Result<void> append(const PreparedRows& rows, std::string& out) const {
    std::vector<double> values;
    std::vector<double> pair_values;
    {
      const StepTimer timer(clock_, BatchStep::kExplain);
      ASSIGN_OR_RETURN(values, explain(explainers_.contributions, rows.inputs));
      if (explainers_.interactions) {
        ASSIGN_OR_RETURN(pair_values, explain(*explainers_.interactions, rows.inputs));
      }
    }
    const StepTimer timer(clock_, BatchStep::kWrite);
    const Estimator& estimator = *pipeline_.estimator();
    const std::span<const double> base_values = explainers_.contributions.base_values();
    append_rows(format_, header_, rows.inputs.rows() * outputs(), out,
                [&](RowFormatter& row, std::string& text, std::size_t line) {
                  const std::size_t k = line % outputs();
                  row.identifier(text, rows.identifiers, line / outputs());
                  if (outputs() > 1) row.text(text, estimator.classes()[k]);
                  row.number(text, base_values[k]);
                  for (const double sum : cells(values, pair_values, line)) row.number(text, sum);
                });
    return {};
  }

 private:
  Result<std::vector<double>> explain(const PipelineExplainer& explainer,
                                      const Frame& inputs) const {
    std::vector<double> values(inputs.rows() * outputs() * explainer.width());
    RETURN_IF_ERROR(explainer.explain(inputs, {0, inputs.rows()}, 1, values));
    return values;
  }

  /// What is written of one row and output.
  std::vector<double> cells(const std::vector<double>& values,
                            const std::vector<double>& pair_values, std::size_t line) const {
    const std::size_t features = columns_.of_feature.size();
    std::vector<double> sums(columns_.names.size());
    for (std::size_t f = 0; f < features; ++f) {
      sums[columns_.of_feature[f]] += values[line * features + f];
    }
    // A feature's own value is its contribution less its share in the pairs.
    for (std::size_t p = 0; p < columns_.of_pair.size(); ++p) {
      const ExplainColumns::PairColumn& pair = columns_.of_pair[p];
      if (pair.first == pair.second) continue;
      const double value = pair_values[line * columns_.of_pair.size() + p];
      sums[pair.column] += value;
      sums[pair.first] -= value;
      sums[pair.second] -= value;
    }
    return sums;
  }

  RowFormat format_;
  const Pipeline& pipeline_;
  Explainers explainers_;
  ExplainColumns columns_;
  std::vector<std::string> header_;
  StepClock& clock_;
};

/// The background rows, prepared as those that are explained.
Result<Frame> load_background(const ExplainCommand& command, const Batch& batch) {
  const CsvSource source = csv_source(std::filesystem::path(command.background));
  ASSIGN_OR_RETURN(const std::vector<std::string> header, source.header());
  ASSIGN_OR_RETURN(const RecipePtr recipe,
                   choose_recipe(command.batch.recipe, *batch.model, header));
  PrepareOptions prepare;
  prepare.on_bad_row = command.batch.on_bad_row == "skip" ? OnBadRow::kSkip : OnBadRow::kRefuse;
  prepare.threads = batch.threads;
  ASSIGN_OR_RETURN(PreparedRows rows,
                   prepare_rows(source, *recipe, batch.model->signature, prepare));
  return std::move(rows.inputs);
}

/// Prepares the explainers; reads the background where one is given.
Result<Explainers> make_explainers(const ExplainCommand& command, const Batch& batch) {
  const Pipeline& pipeline = batch.model->pipeline;
  if (!command.background.empty()) {
    ASSIGN_OR_RETURN(const Frame background, load_background(command, batch));
    ASSIGN_OR_RETURN(PipelineExplainer contributions,
                     pipeline.interventional(background, batch.threads));
    return Explainers{std::move(contributions), std::nullopt};
  }
  Explainers explainers{pipeline.path_dependent(batch.threads), std::nullopt};
  if (command.interactions) {
    ASSIGN_OR_RETURN(explainers.interactions, pipeline.interactions(batch.threads));
  }
  return explainers;
}

}  // namespace

Result<void> run_explain(const ExplainCommand& command) {
  BatchStats stats;
  ASSIGN_OR_RETURN(Batch batch, open_batch(command.batch, stats));
  const EstimatorPtr& estimator = batch.model->pipeline.estimator();
  if (!estimator) {
    return fail(ErrorCode::kUnsupported, "the model holds only transformers: nothing to explain",
                command.batch.model, "a model with a final estimator");
  }
  if (!estimator->explainable()) {
    return fail(ErrorCode::kUnsupported, "the model cannot be explained: " + estimator->why_not(),
                command.batch.model);
  }
  ASSIGN_OR_RETURN(ExplainColumns columns,
                   explain_columns(batch.model->pipeline, command.by_input));
  std::optional<Explainers> explainers;
  {
    const StepTimer timer(stats.clock, BatchStep::kExplain);
    ASSIGN_OR_RETURN(explainers, make_explainers(command, batch));
  }
  if (explainers->interactions) add_pair_columns(batch.model->pipeline, columns);
  const ExplanationWriter explanations(command, batch, std::move(*explainers), std::move(columns),
                                       stats.clock);
  const BatchWork work{.label = "explaining",
                       .header = header_line(command.format, explanations.header()),
                       .cells_per_row = explanations.header().size() * explanations.outputs(),
                       .append = [&](const PreparedRows& rows, std::string& out) {
                         return explanations.append(rows, out);
                       }};
  RETURN_IF_ERROR(run_batch(batch, command.batch, stats, work));
  return write_stats(stats, command.batch.stats);
}

}  // namespace clairscore
