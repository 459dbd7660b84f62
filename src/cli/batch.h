#pragma once

// What score, explain and transform share: the model, and rows that stream from a file or standard
// input through the recipe and the command to the output, in blocks, in constant memory.

#include <functional>
#include <memory>
#include <string>

#include "base/error.h"
#include "cli/command_line.h"
#include "cli/stats.h"
#include "data/csv_blocks.h"
#include "data/dataset.h"
#include "mlflow/loaded_model.h"

namespace clairscore {

/// The model and the opened file of a batch command.
struct Batch {
  std::shared_ptr<const LoadedModel> model;
  RecipePtr recipe;
  CsvBlocks blocks;
  RowPreparer preparer;
  CsvBlockReader reader;
  std::size_t threads = 1;
  /// The identifier column's name: as in the file, else `row`, numbered from 1.
  std::string identifier;
};

/// Loads the model and reads the header of the rows. `stats` outlives the batch.
Result<Batch> open_batch(const BatchOptions& options, BatchStats& stats);

/// What a command makes of rows.
struct BatchWork {
  std::string label;              // of the progress bar
  std::string header;             // the output's first line
  std::size_t cells_per_row = 1;  // that are written: blocks are kept small where there are many
  /// Appends a block's rows to the output. Any thread, several at once, each with a string of its
  /// own. An error means that a row cannot be worked on; the same call is then made with fewer
  /// rows, to find it and to write those before it.
  std::function<Result<void>(const PreparedRows& rows, std::string& out)> append;
};

/// Streams all rows to the output, in their order, and counts them in `stats`. Skipped rows are
/// listed on standard error. After an error there is no output file; on standard output stand the
/// rows before the one that was refused.
Result<void> run_batch(Batch& batch, const BatchOptions& options, BatchStats& stats,
                       const BatchWork& work);

}  // namespace clairscore
