#include <algorithm>

#include "base/output.h"
#include "base/progress.h"
#include "cli/batch.h"
#include "cli/commands.h"
#include "cli/rows_writer.h"

namespace clairscore {

namespace {

/// Where each feature's contribution is written: its own column, or its input's.
struct ExplainColumns {
  std::vector<std::string> names;       // of the contributions, in order
  std::vector<std::size_t> of_feature;  // feature -> position in names
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

class ExplanationWriter {
 public:
  ExplanationWriter(const ExplainCommand& command, const Batch& batch, ExplainColumns columns)
      : command_(command), batch_(batch), columns_(std::move(columns)) {
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
      std::vector<double> values;
      {
        const StepTimer timer(stats.explain_s);
        ASSIGN_OR_RETURN(values,
                         pipeline().explain(batch_.inputs.slice(first, count), batch_.threads));
      }
      const StepTimer timer(stats.write_s);
      RETURN_IF_ERROR(write_group(output, first, count, values));
      progress.advance(count);
    }
    const StepTimer timer(stats.write_s);
    return output.commit();
  }

 private:
  const Pipeline& pipeline() const { return batch_.model->pipeline; }
  std::size_t outputs() const { return pipeline().estimator()->outputs(); }

  /// One line a row and output.
  Result<void> write_group(OutputFile& output, std::size_t first, std::size_t count,
                           const std::vector<double>& values) const {
    const Estimator& estimator = *pipeline().estimator();
    const std::size_t features = pipeline().features().size();
    const auto format_line = [&](RowFormatter& row, std::string& out, std::size_t line) {
      const std::size_t k = line % outputs();
      row.cell(out, batch_.identifiers, first + line / outputs());
      if (outputs() > 1) row.text(out, estimator.classes()[k]);
      row.number(out, estimator.base_values()[k]);
      std::vector<double> sums(columns_.names.size());
      for (std::size_t f = 0; f < features; ++f) {
        sums[columns_.of_feature[f]] += values[line * features + f];
      }
      for (const double sum : sums) row.number(out, sum);
    };
    return write_rows(output, command_.format, header_, count * outputs(), batch_.threads,
                      format_line);
  }

  const ExplainCommand& command_;
  const Batch& batch_;
  ExplainColumns columns_;
  std::vector<std::string> header_;
};

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
  RETURN_IF_ERROR(ExplanationWriter(command, batch, std::move(columns)).run(stats));
  return write_stats(stats, command.batch.stats);
}

}  // namespace clairscore
