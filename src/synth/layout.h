#pragma once

// The columns of the file: how the cells of a row are held, and how a row becomes CSV text.
// Immutable after construction; thread-safe.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "synth/profile.h"

namespace clairscore::synth {

/// A cell is a whole number of 10^-decimals, or the index of a category, or kMissing.
using Cell = std::int64_t;
inline constexpr Cell kMissing = std::numeric_limits<Cell>::min();

struct Column {
  enum class Form { kInteger, kDecimal, kCategory };
  std::string name;
  Form form = Form::kInteger;
  int decimals = 0;                   // kDecimal
  std::vector<std::string> texts;     // kCategory: as the profile has them,
  std::vector<std::string> fields;    // as written,
  std::vector<std::int64_t> numbers;  // and the numbers they stand for ("2", "2.0"); else 0
  std::vector<double> frequencies;    // of the categories
};

class Layout {
 public:
  explicit Layout(const Profile& profile);

  const std::vector<Column>& columns() const { return columns_; }
  const Column& operator[](std::size_t column) const { return columns_[column]; }

  /// The cell of a category. kInput when the column has no such category.
  Result<Cell> category(std::size_t column, std::string_view text) const;

  /// Makes a category column one of decimal numbers ("2.0"): for a column that a rule computes.
  void hold_as_number(std::size_t column);

  /// Header line. The column `extra`, where not empty, comes second.
  std::string header(std::string_view extra) const;

  /// The most characters write_line makes.
  std::size_t longest_line() const { return longest_line_; }

  /// Writes a row as a line at `out` and returns the end. `extra` (one character) comes second
  /// where it is not 0.
  char* write_line(const std::vector<Cell>& cells, char extra, char* out) const;

 private:
  std::vector<Column> columns_;
  std::size_t longest_line_ = 0;
};

}  // namespace clairscore::synth
