// Blocks of records: what is read from them is what is read from the file as a whole.

#include "data/csv_blocks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "data/csv_outcome.h"
#include "data/gzip_text.h"

namespace clairscore {
namespace {

using testing::HasSubstr;

TEST(EndOfRecordsTest, LineEndsWithinQuotesEndNoRecord) {
  constexpr std::size_t kAll = 100;
  EXPECT_EQ(end_of_records("a,b\nc", kAll), 4U);
  EXPECT_EQ(end_of_records("a,b\r\nc", kAll), 5U);
  EXPECT_EQ(end_of_records("a,b\rc", kAll), 4U);
  EXPECT_EQ(end_of_records("a,\"b\nc\"", kAll), 0U);
  EXPECT_EQ(end_of_records("a,\"b\nc\"\n", kAll), 8U);
  EXPECT_EQ(end_of_records("x\n\"b\"\"\n", kAll), 2U);
  EXPECT_EQ(end_of_records("\"b\"\"\n\"\nx", kAll), 7U);
  // Quotes that open nothing: within a field, and after one that was closed.
  EXPECT_EQ(end_of_records("a\"b\nc,\"d\"e\"\nf", kAll), 12U);
  EXPECT_EQ(end_of_records("a\nb\r\nc\n", 2), 5U);
  EXPECT_EQ(end_of_records("", kAll), 0U);
}

/// Text in which quotes, commas, line ends and cells meet in every order.
rc::Gen<std::string> csv_generator() {
  const auto piece = rc::gen::elementOf(
      std::vector<std::string>{",", ",", ",", "\n", "\n", "\r", "\r\n", "\"", "\"\"", "\",\"",
                               "\"\n\"", "1", "2.5", "x", "NA", "\xC3\xA9", "\xE9", " ", "\t"});
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(piece),
                      [](const std::vector<std::string>& pieces) {
                        std::string text;
                        for (const std::string& part : pieces) text += part;
                        return text;
                      });
}

CsvOptions any_options() {
  CsvOptions options;
  options.on_bad_row = *rc::gen::element(OnBadRow::kRefuse, OnBadRow::kSkip);
  if (*rc::gen::arbitrary<bool>()) options.types["b"] = ColumnType::kDouble;
  if (*rc::gen::arbitrary<bool>()) options.identifier = "a";
  if (*rc::gen::arbitrary<bool>()) options.columns = {"b"};
  return options;
}

RC_GTEST_PROP(CsvBlocksProperty, AStreamIsReadAsTheWholeFile, ()) {
  const std::string text = "a,b\n" + *csv_generator();
  const CsvOptions options = any_options();
  CsvBlockOptions blocks;
  blocks.bytes = *rc::gen::inRange<std::size_t>(1, 40);
  blocks.lines = *rc::gen::inRange<std::size_t>(1, 6);
  const std::size_t at_once = *rc::gen::inRange<std::size_t>(1, 50);
  const CsvOutcome whole = read_whole(text, options);
  RC_ASSERT(read_streamed(text, options, blocks, at_once).said == whole.said);
  RC_ASSERT(read_streamed(gzipped(text), options, blocks, at_once).said == whole.said);
}

RC_GTEST_PROP(CsvBlocksProperty, RowsBeforeARefusalAreThoseOfTheFileUpToIt, ()) {
  const std::size_t good = *rc::gen::inRange<std::size_t>(0, 30);
  std::string text = "a,b\n";
  for (std::size_t row = 0; row < good; ++row) text += std::to_string(row) + ",\"x\n\"\n";
  const std::string before = read_whole(text, {}).said;
  text += "1,2,3\n4,5\n";
  CsvBlockOptions blocks;
  blocks.bytes = *rc::gen::inRange<std::size_t>(1, 60);
  const CsvOutcome outcome = read_streamed(text, {}, blocks, 10);
  RC_ASSERT(outcome.before == before);
  RC_ASSERT(outcome.said == read_whole(text, {}).said);
}

RC_GTEST_PROP(CsvBlocksProperty, AnyBytesAreReadOrRefusedAlike, (const std::string& bytes)) {
  RC_PRE(!is_gzip(as_bytes(bytes)));
  CsvBlockOptions blocks;
  blocks.bytes = 5;
  CsvOptions options;
  options.on_bad_row = OnBadRow::kSkip;
  RC_ASSERT(read_streamed(bytes, options, blocks, 3).said == read_whole(bytes, options).said);
}

TEST(CsvBlocksTest, ARecordMayBeLongerThanABlockButNotThanTheLimit) {
  CsvBlockOptions blocks;
  blocks.bytes = 16;
  CsvOptions options;
  const std::string long_cell(10'000, 'x');
  const std::string text = "a,b\n1," + long_cell + "\n2,y\n";
  EXPECT_EQ(read_streamed(text, options, blocks, 100).said, read_whole(text, options).said);
  options.limits.max_field_bytes = blocks.limits.max_field_bytes = 1000;
  options.limits.max_record_bytes = blocks.limits.max_record_bytes = 5000;
  const CsvOutcome refused = read_streamed(text, options, blocks, 100);
  EXPECT_THAT(refused.said, HasSubstr("a field is too long, file.csv:1"));
  EXPECT_EQ(refused.said, read_whole(text, options).said);
  // A line of spaces is no record; one without end is none that could be passed over.
  const std::string spaces = "a,b\n3,4\n" + std::string(100'000, ' ') + "5,6\n";
  const CsvOutcome endless = read_streamed(spaces, options, blocks, 1000);
  EXPECT_THAT(endless.said, HasSubstr("the row is too long, file.csv:2"));
  EXPECT_EQ(endless.before, "1 '3' '4'\n");
}

TEST(CsvBlocksTest, ABlockHoldsNoMoreLinesThanAsked) {
  std::string text = "a\n";
  for (int row = 0; row < 100; ++row) text += "7\n";
  auto blocks = CsvBlocks::open(stream_of(text, 1000).value(), {});
  ASSERT_TRUE(blocks);
  blocks->limit_lines(30);
  std::vector<std::size_t> sizes;
  while (const auto block = blocks->next().value()) sizes.push_back(block->text.size() / 2);
  EXPECT_EQ(sizes, (std::vector<std::size_t>{30, 30, 30, 10}));
}

}  // namespace
}  // namespace clairscore
