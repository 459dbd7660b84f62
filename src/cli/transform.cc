#include <algorithm>

#include "base/output.h"
#include "base/progress.h"
#include "cli/batch.h"
#include "cli/commands.h"
#include "cli/rows_writer.h"

namespace clairscore {

namespace {

std::vector<std::string> column_names(const Batch& batch, TransformStage stage) {
  std::vector<std::string> names{batch.identifiers.name()};
  if (stage == TransformStage::kPrepared) {
    for (const Column& column : batch.inputs.columns()) names.push_back(column.name());
  } else {
    for (const OutputColumn& feature : batch.model->pipeline.features()) {
      names.push_back(feature.name);
    }
  }
  return names;
}

Result<void> write_transformed(const TransformCommand& command, const Batch& batch,
                               BatchStats& stats) {
  const std::vector<std::string> names = column_names(batch, command.stage);
  ASSIGN_OR_RETURN(OutputFile output, OutputFile::open(command.batch.output));
  std::string header;
  RowFormatter(RowFormat::kCsv, names).header(header);
  RETURN_IF_ERROR(output.write(header));
  const std::size_t rows = batch.inputs.rows();
  Progress progress("transforming", rows);
  for (std::size_t first = 0; first < rows; first += kGroupRows) {
    const std::size_t count = std::min(kGroupRows, rows - first);
    Frame group = batch.inputs.slice(first, count);
    if (command.stage == TransformStage::kModel) {
      const StepTimer timer(stats.prepare_s);
      ASSIGN_OR_RETURN(group, batch.model->pipeline.transform(group));
    }
    const StepTimer timer(stats.write_s);
    RETURN_IF_ERROR(write_rows(output, RowFormat::kCsv, names, count, batch.threads,
                               [&](RowFormatter& row, std::string& out, std::size_t r) {
                                 row.cell(out, batch.identifiers, first + r);
                                 for (const Column& column : group.columns()) {
                                   row.cell(out, column, r);
                                 }
                               }));
    progress.advance(count);
  }
  return output.commit();
}

}  // namespace

Result<void> run_transform(const TransformCommand& command) {
  BatchStats stats;
  ASSIGN_OR_RETURN(const Batch batch, load_batch(command.batch, stats));
  RETURN_IF_ERROR(write_transformed(command, batch, stats));
  return write_stats(stats, command.batch.stats);
}

}  // namespace clairscore
