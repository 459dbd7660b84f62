#pragma once

// For tests and fuzzing: all that reading CSV says, as text, whether it is read whole or as a
// stream, so that the two compare. Columns without a declared type are read as text: with the types
// declared no row depends on another.

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "data/csv.h"
#include "data/csv_blocks.h"
#include "data/frame_text.h"
#include "data/input_stream.h"

namespace clairscore {

/// A stream of bytes in memory that gives at most `at_once` of them a time; outlives it.
inline Result<InputStream> stream_of(std::string_view bytes, std::size_t at_once) {
  auto left = std::make_shared<std::string_view>(bytes);
  const auto source = [left, at_once](std::span<char> room) -> Result<std::size_t> {
    const std::size_t count = std::min({at_once, left->size(), room.size()});
    if (count > 0) std::memcpy(room.data(), left->data(), count);
    left->remove_prefix(count);
    return count;
  };
  return InputStream::from("file.csv", source, bytes.size());
}

inline void declare_types(const std::vector<std::string>& header, CsvOptions& options) {
  for (const std::string& name : header) options.types.emplace(name, ColumnType::kText);
}

/// Each row with its number, each skipped row with its error.
inline void append_outcome(const CsvTable& table, std::string& rows, std::string& skipped) {
  for (std::size_t row = 0; row < table.frame.rows(); ++row) {
    rows += std::to_string(table.row_numbers.empty() ? row + 1 : table.row_numbers[row]);
    for (const Column& column : table.frame.columns())
      rows.append(" ").append(cell_text(column, row));
    rows += "\n";
  }
  for (const BadRow& bad : table.skipped) {
    skipped.append(std::to_string(bad.row)).append(" ").append(bad.identifier);
    skipped.append(" ").append(to_string(bad.error)).append("\n");
  }
}

struct CsvOutcome {
  std::string said;    // rows and skipped rows, or the error
  std::string before;  // rows before the error; those of a stream only
  friend bool operator==(const CsvOutcome& a, const CsvOutcome& b) { return a.said == b.said; }
};

inline CsvOutcome read_whole(std::string_view bytes, CsvOptions options) {
  const auto header = read_csv_header(as_bytes(bytes), "file.csv", options.limits);
  if (!header) return {to_string(header.error()), {}};
  declare_types(*header, options);
  const auto table = read_csv(as_bytes(bytes), "file.csv", options);
  if (!table) return {to_string(table.error()), {}};
  CsvOutcome outcome;
  std::string skipped;
  append_outcome(*table, outcome.said, skipped);
  outcome.said += skipped;
  return outcome;
}

inline CsvOutcome read_streamed(std::string_view bytes, CsvOptions options,
                                const CsvBlockOptions& block_options, std::size_t at_once) {
  auto input = stream_of(bytes, at_once);
  if (!input) return {to_string(input.error()), {}};
  auto blocks = CsvBlocks::open(std::move(*input), block_options);
  if (!blocks) return {to_string(blocks.error()), {}};
  declare_types(blocks->header(), options);
  const auto reader = CsvBlockReader::make(blocks->header(), "file.csv", options);
  if (!reader) return {to_string(reader.error()), {}};
  std::size_t next_row = 1;
  std::string rows;
  std::string skipped;
  while (true) {
    const auto block = blocks->next();
    if (!block) return {to_string(block.error()), rows};
    if (!*block) return {rows + skipped, {}};
    const auto read = reader->read(**block, [&](std::size_t records) {
      const std::size_t first = next_row;
      next_row += records;
      return first;
    });
    if (!read) return {to_string(read.error()), rows};
    append_outcome(read->table, rows, skipped);
    if (read->refusal) return {to_string(*read->refusal), rows};
  }
}

}  // namespace clairscore
