#include "data/csv.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "data/frame_text.h"

namespace clairscore {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Result<CsvTable> read(std::string_view text, const CsvOptions& options = {}) {
  return read_csv(as_bytes(text), "file.csv", options);
}

/// The error of a file that is refused, as one line.
std::string refusal(std::string_view text, const CsvOptions& options = {}) {
  const auto table = read(text, options);
  return table ? "accepted" : to_string(table.error());
}

TEST(CsvTest, TypesColumnsFromAllTheirCells) {
  const auto table = read("i,d,b,t,m\n1,1,True,1,\n-2,2.5,false,x,NA\n");
  ASSERT_TRUE(table) << to_string(table.error());
  EXPECT_EQ(frame_text(table->frame),
            "2 rows\n"
            "i integer: 1 -2\n"
            "d double: 3ff0000000000000 4004000000000000\n"
            "b boolean: 1 0\n"
            "t text: '1' 'x'\n"
            "m double: missing missing\n");
  EXPECT_TRUE(table->skipped.empty());
  EXPECT_TRUE(table->row_numbers.empty());
}

TEST(CsvTest, KeepsTheTextOfNumbersInATextColumnWhereverTheTextComes) {
  std::string text = "x\n";
  for (int i = 0; i < 50; ++i) text += fmt::format("0{}.50\n", i);
  text += "end\n";
  CsvOptions options;
  options.piece_bytes = 16;
  const auto table = read(text, options);
  ASSERT_TRUE(table);
  EXPECT_EQ(table->frame.column(0).type(), ColumnType::kText);
  EXPECT_EQ(table->frame.column(0).text(0), "00.50");
  EXPECT_EQ(table->frame.column(0).text(49), "049.50");
  EXPECT_EQ(table->frame.column(0).text(50), "end");
}

TEST(CsvTest, ReadsDecimalsInTheModeAskedFor) {
  CsvOptions options;
  const std::string_view text = "x\n0.020448801535937\n8.41\n";
  EXPECT_EQ(read(text, options)->frame.column(0).doubles()[0], 0.020448801535937);
  options.decimals = DecimalMode::kPandas2;
  const std::string_view zeros = "x\n00000000000000000000001.5\n";
  EXPECT_EQ(read(zeros, options)->frame.column(0).doubles()[0], 0.0);
}

TEST(CsvTest, KeepsSelectedColumnsInTheFilesOrder) {
  CsvOptions options;
  options.columns = {"d", "b"};
  const auto table = read("a,b,c,d,e\n1,2,\"x,\ny\",4,5\n6,7,8,9,10\n", options);
  ASSERT_TRUE(table) << to_string(table.error());
  EXPECT_EQ(frame_text(table->frame), "2 rows\nb integer: 2 7\nd integer: 4 9\n");
}

TEST(CsvTest, NamesMissingColumnsAndTheNearest) {
  CsvOptions options;
  options.columns = {"AMT_CREDIT"};
  EXPECT_EQ(refusal("AMT_CREDITS,x\n1,2\n", options),
            "missing column AMT_CREDIT, file.csv, a file with it (nearest: AMT_CREDITS)");
  options.columns = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"};
  EXPECT_THAT(refusal("x\n1\n", options),
              HasSubstr("missing columns a, b, c, d, e, f, g, h and 4 more, file.csv"));
}

TEST(CsvTest, RefusesRowsOfAnotherLength) {
  EXPECT_EQ(refusal("a,b\n1,2\n3\n"),
            "1 field in a table of 2 columns, file.csv:2, as many fields as the header has");
  EXPECT_EQ(refusal("a,b\n1,2,3\n"),
            "3 fields in a table of 2 columns, file.csv:1, as many fields as the header has");
}

TEST(CsvTest, RefusesTextThatIsNotUtf8) {
  EXPECT_EQ(refusal("a,b\n1,x\n2,caf\xE9\n"),
            "text that is not UTF-8, file.csv:2:b, UTF-8 text without NUL bytes");
  EXPECT_EQ(refusal(std::string_view("a\n1\0\n", 5)),
            "text that is not UTF-8, file.csv:1:a, UTF-8 text without NUL bytes");
  EXPECT_EQ(refusal("a\n\"\xC0\x80\"\n"),
            "text that is not UTF-8, file.csv:1:a, UTF-8 text without NUL bytes");
  EXPECT_EQ(refusal("a,caf\xE9\n1,2\n"),
            "the name of column 2 is not UTF-8 text, file.csv, a file saved as UTF-8");
  CsvOptions options;
  options.columns = {"a"};
  EXPECT_TRUE(read("a,b\n1,caf\xE9\n", options)) << "columns that are not kept are not looked at";
}

TEST(CsvTest, RefusesWhatIsNoTable) {
  EXPECT_EQ(refusal(""), "the file is empty, file.csv, CSV whose first line names the columns");
  EXPECT_EQ(refusal("\xEF\xBB\xBF\n \n"),
            "the file is empty, file.csv, CSV whose first line names the columns");
  EXPECT_EQ(refusal("\"a,b\n"),
            "the header ends within quotes, file.csv, a closing quote for every opening one");
  EXPECT_EQ(
      refusal("a,b\n1,2\n3,\"4\n5,6\n"),
      "the file ends within quotes that this row opens, file.csv:2, a closing quote for every "
      "opening one");
  const auto table = read("a,b\n");
  ASSERT_TRUE(table) << "a header alone is a table of no rows";
  EXPECT_EQ(table->frame.rows(), 0U);
  EXPECT_THAT(table->frame.names(), ElementsAre("a", "b"));
}

TEST(CsvTest, HoldsItsLimits) {
  CsvOptions options;
  options.limits.max_field_bytes = 4;
  EXPECT_EQ(refusal("a,b\n1,2\n3,12345\n", options),
            "a field is too long, file.csv:2, at most 4 bytes");
  EXPECT_EQ(refusal("a,b\n1,\"123\"\"45\"\n", options),
            "a field is too long, file.csv:1, at most 4 bytes");
  EXPECT_EQ(refusal("a,b\n1,\"1234567890\n", options),
            "a field is too long, file.csv:1, at most 4 bytes");
  EXPECT_EQ(refusal("a,bcdef\n", options),
            "the header is too long, file.csv, names of at most 4 bytes");
  options.limits = {};
  options.limits.max_record_bytes = 6;
  EXPECT_EQ(refusal("a,b\n1,2\n123,4567\n", options),
            "the row is too long, file.csv:2, at most 6 bytes");
  options.limits = {};
  options.limits.max_columns = 2;
  EXPECT_EQ(refusal("a,b,c\n", options), "too many columns: 3, file.csv, at most 2");
  options.limits = {};
  options.limits.max_rows = 2;
  EXPECT_EQ(refusal("a\n1\n2\n3\n", options), "too many rows, file.csv, at most 2");
  options.limits = {};
  options.limits.max_bytes = 5;
  EXPECT_EQ(refusal("a\n1\n2\n", options), "file too large, file.csv, at most 5 bytes");
}

TEST(CsvTest, NamesTheCellThatIsNotOfItsDeclaredType) {
  CsvOptions options;
  options.types = {{"i", ColumnType::kInteger},
                   {"d", ColumnType::kDouble},
                   {"b", ColumnType::kBoolean},
                   {"t", ColumnType::kText}};
  const auto table = read("i,d,b,t\n1,,true,7\n2, 3.5,FALSE,NA\n", options);
  ASSERT_TRUE(table) << to_string(table.error());
  EXPECT_EQ(frame_text(table->frame),
            "2 rows\n"
            "i integer: 1 2\n"
            "d double: missing 400c000000000000\n"
            "b boolean: 1 0\n"
            "t text: '7' missing\n");
  EXPECT_EQ(refusal("i,d,b,t\n1,2,true,x\n2,abc,true,x\n", options),
            "'abc' is not a number, file.csv:2:d, a number");
  EXPECT_EQ(refusal("i,d,b,t\n1.0,2,true,x\n", options),
            "'1.0' is not an integer, file.csv:1:i, an integer");
  EXPECT_EQ(refusal("i,d,b,t\n,2,true,x\n", options), "missing value, file.csv:1:i, an integer");
  EXPECT_EQ(refusal("i,d,b,t\n1,2,2,x\n", options),
            "'2' is not true or false, file.csv:1:b, true or false");
}

TEST(CsvTest, SkipsAndListsBadRows) {
  CsvOptions options;
  options.types = {{"d", ColumnType::kDouble}, {"i", ColumnType::kInteger}};
  options.identifier = "id";
  options.on_bad_row = OnBadRow::kSkip;
  const std::string_view text =
      "id,i,d,t\n7,1,1,x\n8,2,abc,x\n9,3,3,x\n10\n,4,4,x\n12,5,5,caf\xE9\n13,6,6,y,z\n14,7,7,y\n";
  for (const std::size_t piece : {std::size_t{1}, std::size_t{20}, std::size_t{1000}}) {
    options.piece_bytes = piece;
    const auto table = read(text, options);
    ASSERT_TRUE(table) << to_string(table.error());
    EXPECT_EQ(frame_text(table->frame),
              "3 rows\n"
              "id integer: 7 9 14\n"
              "i integer: 1 3 7\n"
              "d double: 3ff0000000000000 4008000000000000 401c000000000000\n"
              "t text: 'x' 'x' 'y'\n");
    EXPECT_THAT(table->row_numbers, ElementsAre(1, 3, 8));
    std::vector<std::string> skipped;
    for (const BadRow& bad : table->skipped) {
      skipped.push_back(
          fmt::format("{} {} {} {}", bad.row, bad.identifier, bad.error.where, bad.error.what));
    }
    EXPECT_THAT(skipped, ElementsAre("2 8 file.csv:2:d 'abc' is not a number",
                                     "4 10 file.csv:4 1 field in a table of 4 columns",
                                     "5  file.csv:5:id the row has no identifier",
                                     "6 12 file.csv:6:t text that is not UTF-8",
                                     "7 13 file.csv:7 5 fields in a table of 4 columns"));
  }
}

TEST(CsvTest, ASkippedRowDecidesNoType) {
  CsvOptions options;
  options.types = {{"d", ColumnType::kDouble}};
  options.on_bad_row = OnBadRow::kSkip;
  const auto table = read("n,d\n1,1\nx,bad\n3,3\n", options);
  ASSERT_TRUE(table);
  EXPECT_EQ(table->frame.column(0).type(), ColumnType::kInteger);
}

TEST(CsvTest, TellsUnknownFilesAndFolders) {
  const auto missing = read_csv("/nowhere/applicants.csv", {});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(missing.error().where, "/nowhere/applicants.csv");
  const auto folder = read_csv(std::filesystem::temp_directory_path(), {});
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().code, ErrorCode::kNotFound);
}

TEST(CsvTest, ReadsTheHeaderAlone) {
  const auto names = read_csv_header(as_bytes("\xEF\xBB\xBF\"a\",b,b,\n1,2\n"), "file.csv");
  ASSERT_TRUE(names);
  EXPECT_THAT(*names, ElementsAre("a", "b", "b.1", "Unnamed: 3"));
  EXPECT_FALSE(read_csv_header("/nowhere/applicants.csv"));
}

}  // namespace
}  // namespace clairscore
