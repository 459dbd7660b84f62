#pragma once

// For tests: a frame as text, down to the bits of its doubles, so that two compare by EXPECT_EQ.

#include <bit>
#include <cmath>
#include <string>

#include <fmt/format.h>

#include "frame/frame.h"

namespace clairscore {

inline std::string cell_text(const Column& column, std::size_t row) {
  if (column.is_missing(row)) return "missing";
  switch (column.type()) {
    case ColumnType::kInteger:
    case ColumnType::kBoolean:
      return std::to_string(column.integers()[row]);
    case ColumnType::kDouble:
      return fmt::format("{:016x}", std::bit_cast<std::uint64_t>(column.doubles()[row]));
    case ColumnType::kText:
      return fmt::format("'{}'", column.text(row));
  }
  return {};
}

/// One line a column: name, type, cells.
inline std::string frame_text(const Frame& frame) {
  std::string text = std::to_string(frame.rows()) + " rows\n";
  for (const Column& column : frame.columns()) {
    text += fmt::format("{} {}:", column.name(), to_string(column.type()));
    for (std::size_t row = 0; row < column.size(); ++row) {
      text.append(" ").append(cell_text(column, row));
    }
    text += "\n";
  }
  return text;
}

}  // namespace clairscore
