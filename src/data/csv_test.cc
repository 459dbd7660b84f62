#include "data/csv.h"

#include <gtest/gtest.h>

namespace clairscore {
namespace {

Result<CsvTable> read(std::string_view text, const CsvOptions& options = {}) {
  return read_csv(as_bytes(text), "file.csv", options);
}

TEST(CsvTest, TypesColumnsFromAllTheirCells) {
  const auto table = read("i,d,b,t,m\n1,1,True,1,\n-2,2.5,false,x,NA\n");
  ASSERT_TRUE(table) << to_string(table.error());
  const Frame& frame = table->frame;
  EXPECT_EQ(frame.column(0).type(), ColumnType::kInteger);
  EXPECT_EQ(frame.column(0).integers()[1], -2);
  EXPECT_EQ(frame.column(1).doubles()[0], 1.0);
  EXPECT_EQ(frame.column(2).type(), ColumnType::kBoolean);
  EXPECT_EQ(frame.column(3).text(0), "1");
  EXPECT_TRUE(frame.column(4).is_missing(0) && frame.column(4).is_missing(1));
  EXPECT_EQ(frame.column(4).type(), ColumnType::kDouble);
}

TEST(CsvTest, NamesTheCellThatIsNotOfItsDeclaredType) {
  CsvOptions options;
  options.types = {{"d", ColumnType::kDouble}};
  options.identifier = "id";
  const std::string_view text = "id,d\n7,1\n8,abc\n9,3\n";
  const auto refused = read(text, options);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().where, "file.csv:2:d");
  EXPECT_EQ(refused.error().what, "\"abc\" is not a number");
  options.on_bad_row = OnBadRow::kSkip;
  const auto table = read(text, options);
  ASSERT_TRUE(table);
  ASSERT_EQ(table->skipped.size(), 1U);
  EXPECT_EQ(table->skipped[0].row, 2U);
  EXPECT_EQ(table->skipped[0].identifier, "8");
  EXPECT_EQ(table->row_numbers, (std::vector<std::size_t>{1, 3}));
  EXPECT_EQ(table->frame.find("d")->doubles()[1], 3.0);
}

}  // namespace
}  // namespace clairscore
