// The reader on random tables and random bytes.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "data/csv.h"
#include "data/frame_text.h"

namespace clairscore {
namespace {

using Rows = std::vector<std::vector<std::string>>;

std::string quoted(const std::string& cell) {
  std::string text = "\"";
  for (const char c : cell) {
    if (c == '"') text += '"';
    text += c;
  }
  return text + "\"";
}

/// A cell of printable text, commas, quotes, line ends and letters outside ASCII.
rc::Gen<std::string> cell_generator() {
  const auto piece = rc::gen::elementOf(std::vector<std::string>{
      "a", "B", "7", "0", ".", "-", " ", ",", "\"", "\n", "\r", "\r\n", "é", "日", "'", "NA"});
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(piece),
                      [](const std::vector<std::string>& pieces) {
                        std::string cell;
                        for (const std::string& text : pieces) cell += text;
                        return cell;
                      });
}

RC_GTEST_PROP(CsvProperty, TablesComeBackAsTheyWereWritten, ()) {
  const std::size_t columns = *rc::gen::inRange<std::size_t>(1, 6);
  const auto row = rc::gen::container<std::vector<std::string>>(columns, cell_generator());
  const Rows rows = *rc::gen::container<Rows>(row);
  const std::string end =
      *rc::gen::element(std::string("\n"), std::string("\r\n"), std::string("\r"));
  CsvOptions options;
  options.piece_bytes = *rc::gen::inRange<std::size_t>(1, 200);
  options.threads = 2;
  std::string text;
  for (std::size_t i = 0; i < columns; ++i) {
    const std::string name = "column " + std::to_string(i);
    text += (i > 0 ? "," : "") + name;
    options.types[name] = ColumnType::kText;
  }
  for (const auto& cells : rows) {
    text += end;
    for (std::size_t i = 0; i < columns; ++i) {
      if (i > 0) text += ',';
      const bool bare = cells[i].find_first_of(",\"\r\n") == std::string::npos;
      // A line of blanks alone would be passed over.
      const bool blank = columns == 1 && cells[i].find_first_not_of(' ') == std::string::npos;
      text += bare && !blank && *rc::gen::arbitrary<bool>() ? cells[i] : quoted(cells[i]);
    }
  }
  const auto table = read_csv(as_bytes(text), "file.csv", options);
  RC_ASSERT(table.has_value());
  RC_ASSERT(table->frame.rows() == rows.size());
  for (std::size_t r = 0; r < rows.size(); ++r) {
    for (std::size_t c = 0; c < columns; ++c) {
      const Column& column = table->frame.column(c);
      if (is_missing_cell(rows[r][c])) {
        RC_ASSERT(column.is_missing(r));
      } else {
        RC_ASSERT(std::string(column.text(r)) == rows[r][c]);
      }
    }
  }
}

/// Everything a reading says, as text.
std::string outcome(std::string_view text, const CsvOptions& options) {
  const auto table = read_csv(as_bytes(text), "file.csv", options);
  if (!table) return to_string(table.error());
  std::string said = frame_text(table->frame);
  for (const std::size_t row : table->row_numbers) said += " " + std::to_string(row);
  for (const BadRow& bad : table->skipped) {
    said += "\n" + std::to_string(bad.row) + " " + bad.identifier + " " + to_string(bad.error);
  }
  return said;
}

/// Text in which quotes, commas, line ends and numbers meet in every order.
rc::Gen<std::string> broken_csv_generator() {
  const auto piece = rc::gen::elementOf(std::vector<std::string>{",",
                                                                 ",",
                                                                 ",",
                                                                 "\n",
                                                                 "\n",
                                                                 "\r",
                                                                 "\r\n",
                                                                 "\"",
                                                                 "\"\"",
                                                                 "\",\"",
                                                                 "\"\n\"",
                                                                 "1",
                                                                 "2.5",
                                                                 "-3",
                                                                 "x",
                                                                 "NA",
                                                                 "true",
                                                                 "9223372036854775808",
                                                                 "18446744073709551616",
                                                                 "\xC3\xA9",
                                                                 "\xE9",
                                                                 " ",
                                                                 "\t"});
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(piece),
                      [](const std::vector<std::string>& pieces) {
                        std::string text;
                        for (const std::string& part : pieces) text += part;
                        return text;
                      });
}

RC_GTEST_PROP(CsvProperty, NeitherPiecesNorThreadsChangeTheResult, ()) {
  const std::string text = "a,b\n" + *broken_csv_generator();
  CsvOptions options;
  options.on_bad_row = *rc::gen::element(OnBadRow::kRefuse, OnBadRow::kSkip);
  if (*rc::gen::arbitrary<bool>()) options.types["b"] = ColumnType::kDouble;
  if (*rc::gen::arbitrary<bool>()) options.identifier = "a";
  if (*rc::gen::arbitrary<bool>()) options.columns = {"b"};
  const std::string whole = outcome(text, options);
  options.piece_bytes = *rc::gen::inRange<std::size_t>(1, 40);
  options.threads = 3;
  RC_ASSERT(outcome(text, options) == whole);
}

RC_GTEST_PROP(CsvProperty, AnyBytesAreReadOrRefused, (const std::string& bytes)) {
  CsvOptions options;
  options.piece_bytes = 8;
  options.on_bad_row = OnBadRow::kSkip;
  const auto table = read_csv(as_bytes(bytes), "file.csv", options);
  if (!table) {
    RC_ASSERT(!table.error().what.empty());
    return;
  }
  for (const Column& column : table->frame.columns()) {
    RC_ASSERT(column.size() == table->frame.rows());
  }
}

}  // namespace
}  // namespace clairscore
