#pragma once

// CSV (RFC 4180) -> typed columns, in parallel.
//
// Fields may be quoted, with doubled quotes inside, and quoted fields may hold commas and line
// ends; lines end in LF, CRLF or CR; a UTF-8 byte order mark is skipped; gzip is recognised by its
// magic bytes. The header names the columns. Missing cells are pandas' (the empty field and 18
// spellings of NA), spaces are kept.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "frame/frame.h"

namespace clairscore {

/// How a decimal text becomes a double.
enum class DecimalMode {
  kExact,    // correctly rounded
  kPandas2,  // as pandas 2's default parser rounds (see number.h)
};

/// What to do with a row that cannot be read (too few or too many fields, a cell that is not of
/// its declared type).
enum class OnBadRow { kRefuse, kSkip };

struct CsvLimits {
  std::uint64_t max_bytes = std::uint64_t{16} << 30U;  // after decompression
  std::size_t max_columns = 10'000;
  std::size_t max_rows = 100'000'000;
  std::size_t max_field_bytes = std::size_t{1} << 20U;
};

struct CsvOptions {
  DecimalMode decimals = DecimalMode::kExact;
  OnBadRow on_bad_row = OnBadRow::kRefuse;
  /// Columns to keep, in any order; empty keeps all. One that the file lacks is an error naming it.
  std::vector<std::string> columns;
  /// Declared types. A column named here is read as that type and a cell that is not of it makes
  /// its row bad; the others are typed from all their cells, as pandas types them.
  std::map<std::string, ColumnType, std::less<>> types;
  /// The column that identifies a row in messages about skipped rows; may be empty.
  std::string identifier;
  std::size_t threads = 1;
  CsvLimits limits;
};

struct BadRow {
  std::size_t row = 0;     // 1 = the first row after the header
  std::string identifier;  // as in the file; empty when unknown
  Error error;             // its `where` is "file:row:column"
};

struct CsvTable {
  Frame frame;                  // columns in the file's order
  std::vector<BadRow> skipped;  // OnBadRow::kSkip only, in file order
  /// File row number (1 = first after the header) of each row of `frame`; empty when none was
  /// skipped.
  std::vector<std::size_t> row_numbers;
};

/// Reads a whole file. Errors: kNotFound; kInput with "file:row:column" (row 1 = the first after
/// the header, column = its name); kLimit. A file with only a header gives a frame of 0 rows; a
/// file without even that is an error.
Result<CsvTable> read_csv(const std::filesystem::path& path, const CsvOptions& options);

/// The same from memory; `name` stands for the file in messages.
Result<CsvTable> read_csv(ByteSpan bytes, const std::string& name, const CsvOptions& options);

/// Names of the columns of a file, in order.
Result<std::vector<std::string>> read_csv_header(const std::filesystem::path& path);

}  // namespace clairscore
