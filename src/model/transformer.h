#pragma once

// A step of a pipeline before its final estimator: columns in, columns out.
//
// Implementations are immutable after construction and safe from any number of threads. They are
// built by a reader (sklearn/) from what a model file holds, and answer bit for bit what the
// library that trained them answers.

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "frame/frame.h"

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
};

using TransformerPtr = std::shared_ptr<const Transformer>;

}  // namespace clairscore
