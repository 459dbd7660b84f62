#pragma once

// Scores of rows of a model's inputs. Pure functions of the model; thread-safe.

#include <cstddef>
#include <vector>

#include "base/error.h"
#include "frame/frame.h"
#include "mlflow/loaded_model.h"
#include "service/assets.h"

namespace clairscore {

/// Threads worth using for so many rows: 1 for few, since a thread costs more than their scores.
std::size_t threads_for_rows(std::size_t rows);

/// Scores of rows of the model's inputs, for a classifier of two classes. Errors: those of
/// Pipeline::raw_scores(); kUnsupported for another model.
Result<std::vector<Score>> score_rows(const LoadedModel& model, const Frame& inputs,
                                      std::size_t threads);

}  // namespace clairscore
