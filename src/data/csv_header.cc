#include "data/csv_header.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "data/csv_scanner.h"
#include "data/utf8.h"

namespace clairscore {

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// Makes names unique as pandas does: a name that was there gets the first free number.
void make_unique(std::vector<std::string>& names) {
  std::unordered_map<std::string, std::size_t> seen;
  for (std::string& name : names) {
    const std::string original = name;
    std::size_t count = seen[name];
    while (count > 0) {
      seen[original] = count + 1;
      name = original + "." + std::to_string(count);
      count = name == original ? count + 1 : seen[name];
    }
    ++seen[name];
  }
}

}  // namespace

Result<CsvHeader> parse_csv_header(std::string_view text, const std::string& file,
                                   const CsvLimits& limits) {
  const char* const begin = text.data();
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  const char* const end = text.data() + text.size();
  CsvScanner scanner(text.data(), end, end, {limits.max_field_bytes, limits.max_record_bytes});
  CsvHeader header;
  const auto status = scanner.next([&](std::size_t column, std::string_view name) {
    if (column < limits.max_columns) header.names.emplace_back(name);
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
    std::string& name = header.names[i];
    if (!is_clean_utf8(name)) {
      return fail(ErrorCode::kInput,
                  "the name of column " + std::to_string(i + 1) + " is not UTF-8 text", file,
                  "a file saved as UTF-8");
    }
    if (name.empty()) name = "Unnamed: " + std::to_string(i);
  }
  make_unique(header.names);
  header.body = static_cast<std::size_t>(scanner.position() - begin);
  return header;
}

}  // namespace clairscore
