#include "cli/batch.h"
#include "cli/commands.h"
#include "cli/rows_writer.h"

namespace clairscore {

namespace {

std::vector<std::string> column_names(const Batch& batch, TransformStage stage) {
  std::vector<std::string> names{batch.identifier};
  if (stage == TransformStage::kPrepared) {
    for (const SignatureColumn& input : batch.model->signature.inputs) names.push_back(input.name);
  } else {
    for (const OutputColumn& feature : batch.model->pipeline.features()) {
      names.push_back(feature.name);
    }
  }
  return names;
}

void append_columns(const std::vector<std::string>& names, const PreparedRows& rows,
                    const Frame& shown, std::string& out) {
  append_rows(RowFormat::kCsv, names, shown.rows(), out,
              [&](RowFormatter& row, std::string& text, std::size_t r) {
                row.identifier(text, rows.identifiers, r);
                for (const Column& column : shown.columns()) row.cell(text, column, r);
              });
}

}  // namespace

Result<void> run_transform(const TransformCommand& command) {
  BatchStats stats;
  ASSIGN_OR_RETURN(Batch batch, open_batch(command.batch, stats));
  const std::vector<std::string> names = column_names(batch, command.stage);
  const auto append = [&](const PreparedRows& rows, std::string& out) -> Result<void> {
    if (command.stage == TransformStage::kPrepared) {
      const StepTimer timer(stats.clock, BatchStep::kWrite);
      append_columns(names, rows, rows.inputs, out);
      return {};
    }
    Frame features;
    {
      const StepTimer timer(stats.clock, BatchStep::kPrepare);
      ASSIGN_OR_RETURN(features, batch.model->pipeline.transform(rows.inputs));
    }
    const StepTimer timer(stats.clock, BatchStep::kWrite);
    append_columns(names, rows, features, out);
    return {};
  };
  const BatchWork work{.label = "transforming",
                       .header = header_line(RowFormat::kCsv, names),
                       .cells_per_row = names.size(),
                       .append = append};
  RETURN_IF_ERROR(run_batch(batch, command.batch, stats, work));
  return write_stats(stats, command.batch.stats);
}

}  // namespace clairscore
