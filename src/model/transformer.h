#pragma once

// A step of a pipeline before its final estimator: columns in, columns out.
//
// Implementations are immutable after construction and safe from any number of threads. They are
// built by a reader (sklearn/) from what a model file holds, and answer bit for bit what the
// library that trained them answers.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "frame/frame.h"
#include "model/cell_rule.h"

namespace clairscore {

/// One column that a transformer (or a whole pipeline) puts out.
struct OutputColumn {
  std::string name;                 // unique within one transformer
  std::vector<std::size_t> inputs;  // positions of the input columns it is computed from, ascending
};

class Transformer {
 public:
  virtual ~Transformer() = default;

  /// What comes out for input columns of these names, in order. Errors: kInput when a column it
  /// needs is not among them.
  virtual Result<std::vector<OutputColumn>> outputs(
      const std::vector<std::string>& input_names) const = 0;

  /// The transformed rows: as many rows as the input, columns named and ordered as outputs() says.
  /// Errors: kInput naming the column, the row within the block and the value (a category that is
  /// not known where unknown ones are refused, text where numbers are needed).
  virtual Result<Frame> transform(const Frame& input) const = 0;

  /// What transform() does to inputs of these names, one rule an output column; nothing when some
  /// output is not computed cell by cell. Where the rules refuse a cell, transform() is an error,
  /// and nowhere else but for text in a column that passes. Valid while the transformer is.
  virtual std::optional<std::vector<CellRule>> cell_rules(
      const std::vector<std::string>& /*input_names*/) const {
    return std::nullopt;
  }
};

/// The rules of transformers one after the other, from the inputs of the first.
std::optional<std::vector<CellRule>> cell_rules_of_steps(
    const std::vector<const Transformer*>& steps, std::vector<std::string> input_names);

using TransformerPtr = std::shared_ptr<const Transformer>;

}  // namespace clairscore
