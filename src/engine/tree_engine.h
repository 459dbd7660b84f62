#pragma once

// The row engine of tree ensembles: encoder, scorer and explainers that belong together.

#include <memory>
#include <span>

#include "engine/kernels.h"
#include "model/cell_rule.h"
#include "model/row_engine.h"
#include "model/tree_ensemble.h"

namespace clairscore {

/// `rules` say how each feature of the ensemble comes from a column. `base_values` are those of the
/// path-dependent game. Nothing when rows do not fit into codes (engine/row_encoder.h).
RowEnginePtr make_tree_engine(std::shared_ptr<const TreeEnsemble> ensemble,
                              std::span<const CellRule> rules, std::span<const double> base_values,
                              InstructionSet instructions = best_instruction_set());

}  // namespace clairscore
