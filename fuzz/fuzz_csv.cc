// Any bytes as a CSV file. What is read must not depend on how the file is cut into pieces, nor on
// whether it is read as a stream of blocks, and every column must have as many cells as there are
// rows.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>

#include "data/csv.h"
#include "data/csv_outcome.h"
#include "data/frame_text.h"

using namespace clairscore;

namespace {

std::string outcome(ByteSpan file, const CsvOptions& options) {
  const auto table = read_csv(file, "file.csv", options);
  if (!table) return to_string(table.error());
  std::string text = frame_text(table->frame);
  for (const std::size_t row : table->row_numbers) text.append(std::to_string(row)).append(" ");
  for (const BadRow& bad : table->skipped) text.append("\n").append(to_string(bad.error));
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  CsvOptions options;
  options.decimals = (data[0] & 1U) != 0 ? DecimalMode::kPandas2 : DecimalMode::kExact;
  options.on_bad_row = (data[0] & 2U) != 0 ? OnBadRow::kSkip : OnBadRow::kRefuse;
  if ((data[0] & 4U) != 0) options.types["a"] = ColumnType::kDouble;
  if ((data[0] & 8U) != 0) options.types["b"] = ColumnType::kInteger;
  if ((data[0] & 16U) != 0) options.identifier = "a";
  if ((data[0] & 32U) != 0) options.columns = {"b"};
  options.limits.max_columns = 100;
  options.limits.max_unpacked_bytes = 1U << 20U;
  const std::size_t piece = std::size_t{data[1]} + 1;
  const ByteSpan file = std::as_bytes(std::span(data + 2, size - 2));
  const std::string whole = outcome(file, options);
  options.piece_bytes = piece;
  if (outcome(file, options) != whole) std::abort();
  CsvBlockOptions blocks;
  blocks.bytes = piece;
  blocks.limits = options.limits;
  const CsvOutcome streamed = read_streamed(as_text(file), options, blocks, piece);
  // Of a damaged gzip file a stream finds the rows before the damage first.
  if (!is_gzip(file) && streamed.said != read_whole(as_text(file), options).said) std::abort();
  return 0;
}
