#pragma once

// A Frame is named columns of equal length, in an order. Column names are unique. It is the one
// shape rows have between reading and scoring: raw CSV columns, the model's inputs after the
// recipe, and the transformed features are all Frames. Value semantics; same thread rules as
// Column. Frames are worked on in blocks of rows (slice), so that what passes through the steps
// of a pipeline stays small.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "frame/column.h"

namespace clairscore {

class Frame {
 public:
  /// A frame of no columns but a number of rows (a selection may be empty).
  explicit Frame(std::size_t rows = 0) : rows_(rows) {}
  /// Takes columns whose names are known to be unique and whose lengths are known to be `rows`
  /// (asserted, not checked): for code that makes many columns a call.
  Frame(std::size_t rows, std::vector<Column> columns);

  std::size_t rows() const { return rows_; }
  const std::vector<Column>& columns() const { return columns_; }
  const Column& column(std::size_t index) const { return columns_[index]; }
  /// The column of that name, or nullptr.
  const Column* find(std::string_view name) const;
  std::optional<std::size_t> index_of(std::string_view name) const;

  /// Appends a column. Errors kInput: another length, or a name that is there already. The first
  /// column of a frame of 0 rows and 0 columns sets the length.
  Result<void> add(Column column);
  /// Replaces the column at index with one of the same length (assert).
  void replace(std::size_t index, Column column);
  /// Takes a column out, by move; the order of the others stays.
  Column remove(std::size_t index);

  /// The columns, moved out of a frame that is no longer needed.
  std::vector<Column> take_columns() && { return std::move(columns_); }

  /// Rows [begin, begin+count) of every column.
  Frame slice(std::size_t begin, std::size_t count) const;

  std::vector<std::string> names() const;

 private:
  std::size_t rows_;
  std::vector<Column> columns_;
};

}  // namespace clairscore
