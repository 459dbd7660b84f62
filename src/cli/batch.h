#pragma once

// What score, explain and transform share: the model, the recipe and the prepared rows.

#include <memory>
#include <string>

#include "base/error.h"
#include "cli/command_line.h"
#include "cli/stats.h"
#include "data/dataset.h"
#include "mlflow/loaded_model.h"

namespace clairscore {

struct Batch {
  std::shared_ptr<const LoadedModel> model;
  /// The identifier column, named as in the file, else `row`, numbered from 1.
  Column identifiers;
  /// The model's inputs, in the signature's order.
  Frame inputs;
  std::size_t threads = 1;
};

/// Loads the model and the rows. Skipped rows are listed on standard error.
Result<Batch> load_batch(const BatchOptions& options, BatchStats& stats);

/// Rows that are computed, and then written, together: the results of one group are held in memory.
inline constexpr std::size_t kGroupRows = 16'384;

}  // namespace clairscore
