#include "cli/rows_writer.h"

#include <charconv>
#include <cmath>

#include "base/json_writer.h"
#include "base/numbers.h"

namespace clairscore {

namespace {

/// Whether a text is what an integer is written as.
bool is_canonical_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  return read.ec == std::errc() && read.ptr == text.data() + text.size() &&
         std::to_string(value) == text;
}

void append_csv_field(std::string& out, std::string_view value) {
  if (value.find_first_of(",\"\r\n") == std::string_view::npos) {
    out += value;
    return;
  }
  out += '"';
  for (const char c : value) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

}  // namespace

void RowFormatter::header(std::string& out) const {
  if (format_ != RowFormat::kCsv) return;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (i > 0) out += ',';
    append_csv_field(out, columns_[i]);
  }
  out += '\n';
}

void RowFormatter::begin_row(std::string& out) {
  next_ = 0;
  if (format_ == RowFormat::kJsonLines) out += '{';
}

void RowFormatter::before_cell(std::string& out) {
  if (next_ > 0) out += ',';
  if (format_ == RowFormat::kJsonLines) {
    append_json_string(out, columns_[next_]);
    out += ':';
  }
  ++next_;
}

void RowFormatter::number(std::string& out, double value) {
  before_cell(out);
  if (std::isnan(value) || (format_ == RowFormat::kJsonLines && std::isinf(value))) {
    if (format_ == RowFormat::kJsonLines) out += "null";
    return;
  }
  append_double(out, value);
}

void RowFormatter::integer(std::string& out, std::int64_t value) {
  before_cell(out);
  char buffer[24];
  const auto written = std::to_chars(buffer, buffer + sizeof(buffer), value);
  out.append(buffer, written.ptr);
}

void RowFormatter::text(std::string& out, std::string_view value) {
  before_cell(out);
  if (format_ == RowFormat::kJsonLines) {
    append_json_string(out, value);
  } else {
    append_csv_field(out, value);
  }
}

void RowFormatter::missing(std::string& out) {
  before_cell(out);
  if (format_ == RowFormat::kJsonLines) out += "null";
}

void RowFormatter::cell(std::string& out, const Column& column, std::size_t row) {
  if (column.is_missing(row)) return missing(out);
  switch (column.type()) {
    case ColumnType::kText:
      return text(out, column.text(row));
    case ColumnType::kDouble:
      return number(out, column.doubles()[row]);
    case ColumnType::kInteger:
      return integer(out, column.integers()[row]);
    case ColumnType::kBoolean:
      return text(out, column.integers()[row] != 0 ? "True" : "False");
  }
}

void RowFormatter::identifier(std::string& out, const Column& column, std::size_t row) {
  if (format_ == RowFormat::kJsonLines && column.type() == ColumnType::kText &&
      is_canonical_integer(column.text(row))) {
    before_cell(out);
    out += column.text(row);
    return;
  }
  cell(out, column, row);
}

void RowFormatter::end_row(std::string& out) {
  out += format_ == RowFormat::kJsonLines ? "}\n" : "\n";
}

std::string header_line(RowFormat format, const std::vector<std::string>& columns) {
  std::string line;
  RowFormatter(format, columns).header(line);
  return line;
}

}  // namespace clairscore
