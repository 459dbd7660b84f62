#pragma once

// An estimator bound to the columns its features are computed from: it reads rows there, without
// making the features first. Immutable; safe from any number of threads.
//
// A call opens the columns once, then works on runs of rows. `false` from a run means that some
// cell is one the features' rules refuse; transforming the rows then says which (model/pipeline.h).

#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "frame/column.h"

namespace clairscore {

/// The columns of one call. They outlive it.
class EngineRows {
 public:
  virtual ~EngineRows() = default;
};

/// One way to explain rows.
class RowExplainer {
 public:
  virtual ~RowExplainer() = default;
  /// One per output, in units of the raw score.
  virtual std::span<const double> base_values() const = 0;
  /// Values a row and output: one a feature, or one a pair.
  virtual std::size_t width() const = 0;
  /// out[(i * outputs + k) * width() + v] for rows begin + i, i below count.
  virtual bool explain(const EngineRows& rows, std::size_t begin, std::size_t count,
                       double* out) const = 0;
};

/// Features that some tree tests together, the smaller one first, in the order of the values.
using FeaturePairs = std::vector<std::pair<std::size_t, std::size_t>>;

class RowEngine {
 public:
  virtual ~RowEngine() = default;

  /// Raw scores a row.
  virtual std::size_t outputs() const = 0;

  /// Nothing when a column has a type the rules have no answer for.
  virtual std::unique_ptr<const EngineRows> open(std::span<const Column* const> columns,
                                                 std::size_t rows) const = 0;
  /// out[i * outputs + k].
  virtual bool raw_scores(const EngineRows& rows, std::size_t begin, std::size_t count,
                          double* out) const = 0;

  /// Path-dependent contributions. Made on the first call, by up to `threads` threads, then kept.
  virtual const RowExplainer& path_dependent(std::size_t threads) const = 0;
  /// Contributions against a background of `count` opened rows, all of which count; nothing when
  /// one of them is refused. Count is at least 1.
  virtual std::unique_ptr<const RowExplainer> interventional(const EngineRows& background,
                                                             std::size_t threads) const = 0;
  /// Path-dependent interaction values of the pairs; see engine/interactions.h.
  virtual std::unique_ptr<const RowExplainer> interactions(std::size_t threads) const = 0;
  virtual FeaturePairs interacting() const = 0;
};

using RowEnginePtr = std::shared_ptr<const RowEngine>;

}  // namespace clairscore
