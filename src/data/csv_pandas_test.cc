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

struct PandasColumn {
  std::string_view name;
  std::string_view type;
  simdjson::dom::array cells;
};

/// What pandas made of a file, written as frame_text writes it.
std::string expected_text(const std::vector<PandasColumn>& columns) {
  std::string text;
  std::size_t rows = 0;
  for (const PandasColumn& column : columns) {
    text += fmt::format("{} {}:", column.name, column.type);
    rows = 0;
    for (const simdjson::dom::element cell : column.cells) {
      ++rows;
      if (cell.is_null()) {
        text += " missing";
      } else {
        text += fmt::format(fmt::runtime(column.type == "text" ? " '{}'" : " {}"),
                            cell.get_string().value());
      }
    }
    text += "\n";
  }
  return std::to_string(rows) + " rows\n" + text;
}

CsvOptions as_pandas2(std::size_t piece) {
  CsvOptions options;
  options.decimals = DecimalMode::kPandas2;
  options.piece_bytes = piece;
  return options;
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
      const auto table = read_csv(as_bytes(csv), "case.csv", as_pandas2(piece));
      if (error) {
        EXPECT_FALSE(table) << csv;
        refused += table ? 0 : 1;
        continue;
      }
      ASSERT_TRUE(table) << csv << to_string(table.error());
      std::vector<PandasColumn> columns;
      for (const simdjson::dom::element column : example["columns"]) {
        columns.push_back({column["name"].get_string().value(), column["type"].get_string().value(),
                           column["cells"].get_array().value()});
      }
      ASSERT_EQ(frame_text(table->frame), expected_text(columns)) << csv;
      ++compared;
    }
  }
  EXPECT_GT(compared, 1800U);
  EXPECT_GT(refused, 30U);
}

TEST(CsvPandasTest, ReadsDamagedFilesAsPandasOrRefusesThem) {
  simdjson::dom::parser parser;
  simdjson::dom::document_stream cases;
  const auto corpus = simdjson::padded_string::load(kFixtures + "csv_corpus.jsonl");
  ASSERT_EQ(corpus.error(), simdjson::SUCCESS);
  ASSERT_EQ(parser.parse_many(corpus.value_unsafe()).get(cases), simdjson::SUCCESS);
  std::size_t read = 0;
  std::size_t refused = 0;
  std::size_t stricter = 0;
  for (const simdjson::dom::element example : cases) {
    const simdjson::dom::array parts(example);
    const auto csv = std::string(parts.at(0).get_string().value());
    const simdjson::dom::element answer = parts.at(1);
    for (const std::size_t piece : {std::size_t{1}, std::size_t{9}, std::size_t{1} << 20U}) {
      const auto table = read_csv(as_bytes(csv), "case.csv", as_pandas2(piece));
      if (answer.is_int64()) {
        EXPECT_FALSE(table) << testing::PrintToString(csv) << parts;
        continue;
      }
      EXPECT_TRUE(table) << testing::PrintToString(csv) << to_string(table.error());
      if (!table) continue;
      std::vector<PandasColumn> columns;
      for (const simdjson::dom::element column : answer.get_array()) {
        const simdjson::dom::array fields(column);
        columns.push_back({fields.at(0).get_string().value(), fields.at(1).get_string().value(),
                           fields.at(2).get_array().value()});
      }
      EXPECT_EQ(frame_text(table->frame), expected_text(columns)) << testing::PrintToString(csv);
    }
    read += answer.is_array() ? 1 : 0;
    refused += answer.is_int64() && answer.get_int64().value() == 0 ? 1 : 0;
    stricter += answer.is_int64() && answer.get_int64().value() == 1 ? 1 : 0;
  }
  EXPECT_GT(read, 2500U);
  EXPECT_GT(refused, 200U);
  EXPECT_GT(stricter, 500U);
}

}  // namespace
}  // namespace clairscore
