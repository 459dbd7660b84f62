#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <utility>

#include "base/output.h"
#include "base/progress.h"
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
  std::vector<PairColumn> of_pair;  // as Pipeline::interacting()
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
  std::map<std::pair<std::size_t, std::size_t>, std::size_t> known;
  for (const auto& [a, b] : pipeline.interacting()) {
    const auto [first, second] = std::minmax(columns.of_feature[a], columns.of_feature[b]);
    if (first == second) {
      columns.of_pair.push_back({first, second, first});
      continue;
    }
    const auto [entry, added] = known.emplace(std::pair(first, second), columns.names.size());
    if (added) columns.names.push_back(columns.names[first] + "*" + columns.names[second]);
    columns.of_pair.push_back({first, second, entry->second});
  }
}

/// How the rows are explained.
struct Explainers {
  PipelineExplainer contributions;
  std::optional<PipelineExplainer> interactions;
};

class ExplanationWriter {
 public:
  ExplanationWriter(const ExplainCommand& command, const Batch& batch, Explainers explainers,
                    ExplainColumns columns)
      : command_(command),
        batch_(batch),
        explainers_(std::move(explainers)),
        columns_(std::move(columns)) {
    header_.push_back(batch.identifiers.name());
    if (outputs() > 1) header_.emplace_back("class");
    header_.emplace_back("base_value");
    header_.insert(header_.end(), columns_.names.begin(), columns_.names.end());
  }

  Result<void> run(BatchStats& stats) {
    ASSIGN_OR_RETURN(OutputFile output, OutputFile::open(command_.batch.output));
    std::string header;
    RowFormatter(command_.format, header_).header(header);
    RETURN_IF_ERROR(output.write(header));
    const std::size_t rows = batch_.inputs.rows();
    Progress progress("explaining", rows);
    for (std::size_t first = 0; first < rows; first += kGroupRows) {
      const std::size_t count = std::min(kGroupRows, rows - first);
      {
        const StepTimer timer(stats.explain_s);
        RETURN_IF_ERROR(explain_group(first, count));
      }
      const StepTimer timer(stats.write_s);
      RETURN_IF_ERROR(write_group(output, first, count));
      progress.advance(count);
    }
    const StepTimer timer(stats.write_s);
    return output.commit();
  }

 private:
  const Pipeline& pipeline() const { return batch_.model->pipeline; }
  std::size_t outputs() const { return pipeline().estimator()->outputs(); }

  Result<void> explain_group(std::size_t first, std::size_t count) {
    const auto run = [&](const PipelineExplainer& explainer, std::vector<double>& values) {
      values.resize(count * outputs() * explainer.width());
      return explainer.explain(batch_.inputs, {first, count}, batch_.threads, values);
    };
    RETURN_IF_ERROR(run(explainers_.contributions, values_));
    if (!explainers_.interactions) return {};
    return run(*explainers_.interactions, pair_values_);
  }

  /// What is written of one row and output.
  std::vector<double> cells(std::size_t line) const {
    const std::size_t features = columns_.of_feature.size();
    std::vector<double> sums(columns_.names.size());
    for (std::size_t f = 0; f < features; ++f) {
      sums[columns_.of_feature[f]] += values_[line * features + f];
    }
    // A feature's own value is its contribution less its share in the pairs.
    for (std::size_t p = 0; p < columns_.of_pair.size(); ++p) {
      const ExplainColumns::PairColumn& pair = columns_.of_pair[p];
      if (pair.first == pair.second) continue;
      const double value = pair_values_[line * columns_.of_pair.size() + p];
      sums[pair.column] += value;
      sums[pair.first] -= value;
      sums[pair.second] -= value;
    }
    return sums;
  }

  /// One line a row and output.
  Result<void> write_group(OutputFile& output, std::size_t first, std::size_t count) const {
    const Estimator& estimator = *pipeline().estimator();
    const auto format_line = [&](RowFormatter& row, std::string& out, std::size_t line) {
      const std::size_t k = line % outputs();
      row.cell(out, batch_.identifiers, first + line / outputs());
      if (outputs() > 1) row.text(out, estimator.classes()[k]);
      row.number(out, explainers_.contributions.base_values()[k]);
      for (const double sum : cells(line)) row.number(out, sum);
    };
    return write_rows(output, command_.format, header_, count * outputs(), batch_.threads,
                      format_line);
  }

  const ExplainCommand& command_;
  const Batch& batch_;
  Explainers explainers_;
  ExplainColumns columns_;
  std::vector<std::string> header_;
  std::vector<double> values_;  // of one group
  std::vector<double> pair_values_;
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
  ASSIGN_OR_RETURN(const Batch batch, load_batch(command.batch, stats));
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
  ASSIGN_OR_RETURN(Explainers explainers, make_explainers(command, batch));
  if (explainers.interactions) add_pair_columns(batch.model->pipeline, columns);
  RETURN_IF_ERROR(
      ExplanationWriter(command, batch, std::move(explainers), std::move(columns)).run(stats));
  return write_stats(stats, command.batch.stats);
}

}  // namespace clairscore
