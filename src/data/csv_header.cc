#include "data/csv_header.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "data/csv_scanner.h"
#include "data/utf8.h"

namespace clairscore {

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// Names empty columns and numbers repeated names, so that each is there once. The rules are
/// pandas': empty columns come last, and a number is passed over where a column has it by itself.
void make_unique(std::vector<std::string>& names) {
  std::vector<std::size_t> order;
  std::vector<std::size_t> unnamed;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i].empty()) {
      names[i] = "Unnamed: " + std::to_string(i);
      unnamed.push_back(i);
    } else {
      order.push_back(i);
    }
  }
  order.insert(order.end(), unnamed.begin(), unnamed.end());
  std::unordered_map<std::string, std::size_t> present;
  for (const std::string& name : names) ++present[name];
  std::unordered_map<std::string, std::size_t> next_number;
  for (const std::size_t i : order) {
    std::string name = names[i];
    std::size_t number = next_number[name];
    while (number > 0) {
      next_number[names[i]] = number + 1;
      name = names[i] + "." + std::to_string(number);
      number = present[name] > 0 ? number + 1 : next_number[name];
    }
    --present[names[i]];
    ++present[name];
    next_number[name] = 1;
    names[i] = std::move(name);
  }
}

}  // namespace

Result<CsvHeader> parse_csv_header(std::string_view text, const std::string& file,
                                   const CsvLimits& limits) {
  const char* const begin = text.data();
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  const char* const end = text.data() + text.size();
  // NOLINTNEXTLINE(bugprone-suspicious-stringview-data-usage): the end goes with it
  CsvScanner scanner(text.data(), end, end, {limits.max_field_bytes, limits.max_record_bytes});
  CsvHeader header;
  const auto status = scanner.next([&](std::size_t column, std::string_view name) {
    if (column < limits.max_columns) header.names.emplace_back(name);
    return std::size_t{0};
  });
  switch (status) {
    case CsvScanner::Status::kRecord:
      break;
    case CsvScanner::Status::kEnd:
      return fail(ErrorCode::kInput, "the file is empty", file,
                  "CSV whose first line names the columns");
    case CsvScanner::Status::kUnterminated:
      return fail(ErrorCode::kInput, "the header ends within quotes", file,
                  "a closing quote for every opening one");
    case CsvScanner::Status::kFieldTooLong:
    case CsvScanner::Status::kRecordTooLong:
      return fail(ErrorCode::kLimit, "the header is too long", file,
                  "names of at most " + std::to_string(limits.max_field_bytes) + " bytes");
  }
  if (scanner.fields() > limits.max_columns) {
    return fail(ErrorCode::kLimit, "too many columns: " + std::to_string(scanner.fields()), file,
                "at most " + std::to_string(limits.max_columns));
  }
  for (std::size_t i = 0; i < header.names.size(); ++i) {
    if (!is_clean_utf8(header.names[i])) {
      return fail(ErrorCode::kInput,
                  "the name of column " + std::to_string(i + 1) + " is not UTF-8 text", file,
                  "a file saved as UTF-8");
    }
  }
  make_unique(header.names);
  header.body = static_cast<std::size_t>(scanner.position() - begin);
  return header;
}

}  // namespace clairscore
