#pragma once

// Rows as CSV (RFC 4180, LF line ends) or as one JSON object a line, into a string. One formatter,
// one thread.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

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
  /// A cell of the identifier column. Where nobody declared its type it is text as it stands in the
  /// file; what is an integer is then a number in JSON all the same.
  void identifier(std::string& out, const Column& column, std::size_t row);
  void end_row(std::string& out);

 private:
  void before_cell(std::string& out);
  RowFormat format_;
  const std::vector<std::string>& columns_;
  std::size_t next_ = 0;
};

/// Appends rows [0, rows): format_row(formatter, out, row) writes the cells of each.
template <typename FormatRow>
void append_rows(RowFormat format, const std::vector<std::string>& columns, std::size_t rows,
                 std::string& out, FormatRow format_row) {
  RowFormatter formatter(format, columns);
  for (std::size_t row = 0; row < rows; ++row) {
    formatter.begin_row(out);
    format_row(formatter, out, row);
    formatter.end_row(out);
  }
}

/// The line that comes before the rows.
std::string header_line(RowFormat format, const std::vector<std::string>& columns);

}  // namespace clairscore
