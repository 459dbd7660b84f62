// The reader against what pandas 2.2 answered (oracles/data_fixtures.py).

#include <gtest/gtest.h>
#include <simdjson.h>

#include <string>
#include <vector>

#include "data/csv.h"
#include "data/frame_text.h"

namespace clairscore {
namespace {

const std::string kFixtures = CLAIRSCORE_SOURCE_DIR "/tests/fixtures/data/";

/// What pandas made of a file, written as frame_text writes it.
std::string expected_text(simdjson::dom::element columns) {
  std::string text;
  std::size_t rows = 0;
  for (const simdjson::dom::element column : columns) {
    const auto type = std::string(column["type"].get_string().value());
    text += fmt::format("{} {}:", column["name"].get_string().value(), type);
    rows = 0;
    for (const simdjson::dom::element cell : column["cells"]) {
      ++rows;
      if (cell.is_null()) {
        text += " missing";
      } else {
        text +=
            fmt::format(fmt::runtime(type == "text" ? " '{}'" : " {}"), cell.get_string().value());
      }
    }
    text += "\n";
  }
  return std::to_string(rows) + " rows\n" + text;
}

TEST(CsvPandasTest, ReadsSmallFilesAsPandas) {
  simdjson::dom::parser parser;
  const simdjson::dom::element cases = parser.load(kFixtures + "csv_cases.json");
  std::size_t compared = 0;
  std::size_t refused = 0;
  for (const simdjson::dom::element example : cases) {
    const auto csv = std::string(example["csv"].get_string().value());
    const bool error = example["error"].error() == simdjson::SUCCESS ||
                       example["stricter"].error() == simdjson::SUCCESS;
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{1} << 20U}) {
      CsvOptions options;
      options.decimals = DecimalMode::kPandas2;
      options.piece_bytes = piece;
      const auto table = read_csv(as_bytes(csv), "case.csv", options);
      if (error) {
        EXPECT_FALSE(table) << csv;
        refused += table ? 0 : 1;
        continue;
      }
      ASSERT_TRUE(table) << csv << to_string(table.error());
      ASSERT_EQ(frame_text(table->frame), expected_text(example["columns"])) << csv;
      ++compared;
    }
  }
  EXPECT_GT(compared, 1800U);
  EXPECT_GT(refused, 30U);
}

}  // namespace
}  // namespace clairscore
