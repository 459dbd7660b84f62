#pragma once

// Rows as CSV (RFC 4180, LF line ends) or as one JSON object a line. Formatting may run on several
// threads, one string each; the strings are then written in row order.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/output.h"
#include "cli/command_line.h"
#include "frame/column.h"

namespace clairscore {

/// One row at a time into a string.
class RowFormatter {
 public:
  /// Column names, in order; outlive the formatter.
  RowFormatter(RowFormat format, const std::vector<std::string>& columns)
      : format_(format), columns_(columns) {}

  /// The CSV header line; nothing for JSON lines.
  void header(std::string& out) const;

  void begin_row(std::string& out);
  void number(std::string& out, double value);  // NaN: an empty field, or null
  void integer(std::string& out, std::int64_t value);
  void text(std::string& out, std::string_view value);
  void missing(std::string& out);
  /// A cell of any column.
  void cell(std::string& out, const Column& column, std::size_t row);
  void end_row(std::string& out);

 private:
  void before_cell(std::string& out);
  RowFormat format_;
  const std::vector<std::string>& columns_;
  std::size_t next_ = 0;
};

/// Writes rows [0, rows) in blocks: `format` is called for disjoint blocks, on up to `threads`
/// threads, each with a formatter and a string of its own.
Result<void> write_rows(
    OutputFile& output, RowFormat format, const std::vector<std::string>& columns, std::size_t rows,
    std::size_t threads,
    const std::function<void(RowFormatter&, std::string&, std::size_t row)>& format_row);

}  // namespace clairscore
