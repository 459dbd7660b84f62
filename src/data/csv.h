#pragma once

// CSV (RFC 4180) -> typed columns, in parallel.
//
// Fields may be quoted, with doubled quotes inside, and quoted fields may hold commas and line
// ends; lines end in LF, CRLF or CR; a UTF-8 byte order mark is skipped; gzip is recognised by its
// magic bytes. The header names the columns; a repeated name X becomes X.1, X.2, …, an empty one
// "Unnamed: 0", counted from the left, as in pandas. Missing cells are pandas' (the empty field and
// 18 spellings of NA, quoted or not); spaces are kept in text and ignored around numbers. Empty
// lines and lines of spaces are skipped.
//
// Types are those pandas 2.2 gives a file it loads whole (low_memory=False): see csv_column.h and
// decimal.h; columns of 64-bit integers without sign become doubles. A column with one cell that is
// not a number is text, and its numbers keep the text they have in the file; so are a column of
// true, false and missing cells.
//
// Stricter than pandas, because it serves decisions about people: a record with fewer fields than
// the header (pandas fills it with missing values), one with more (pandas ignores the rest when it
// reads selected columns, and takes the first column for an index when all records have one more),
// and a NUL byte in a cell (pandas drops what follows it). As in pandas, text must be UTF-8.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "data/decimal.h"
#include "frame/frame.h"

namespace clairscore {

/// What to do with a row that cannot be read (too few or too many fields, a cell that is not of
/// its declared type, text that is not UTF-8).
enum class OnBadRow { kRefuse, kSkip };

struct CsvLimits {
  std::uint64_t max_bytes = std::uint64_t{16} << 30U;          // of a plain file
  std::uint64_t max_unpacked_bytes = std::uint64_t{4} << 30U;  // of a gzip file, decompressed
  std::size_t max_columns = 10'000;
  std::size_t max_rows = 100'000'000;
  std::size_t max_field_bytes = std::size_t{1} << 20U;
  std::size_t max_record_bytes = std::size_t{16} << 20U;
};

struct CsvOptions {
  DecimalMode decimals = DecimalMode::kExact;
  OnBadRow on_bad_row = OnBadRow::kRefuse;
  /// Columns to keep, in any order; empty keeps all. One that the file lacks is an error naming it.
  std::vector<std::string> columns;
  /// Declared types. A column named here is read as that type and a cell that is not of it makes
  /// its row bad (a missing cell is neither an integer nor a boolean); the others are typed from
  /// all their cells, as pandas types them. Names that are not kept columns are ignored.
  std::map<std::string, ColumnType, std::less<>> types;
  /// The column that identifies a row; may be empty. A row without an identifier is bad.
  std::string identifier;
  std::size_t threads = 1;
  /// Bytes of the file that one thread takes at a time. No result depends on it.
  std::size_t piece_bytes = std::size_t{1} << 20U;
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
/// file without even that is an error. The result does not depend on the number of threads.
Result<CsvTable> read_csv(const std::filesystem::path& path, const CsvOptions& options);

/// The same from memory; `name` stands for the file in messages.
Result<CsvTable> read_csv(ByteSpan bytes, const std::string& name, const CsvOptions& options);

/// A stretch of a file after its header: complete records.
struct CsvBlock {
  std::string text;
  /// The record that starts it is longer than any may be; its rest was not read.
  bool cut_short = false;
};

/// The cells of one block, see CsvBlockReader.
struct CsvBlockRows {
  /// The good rows, with the file's row number of each; where a row was refused, those before it.
  CsvTable table;
  std::optional<Error> refusal;
};

/// Reads the cells of a file that comes in blocks of complete records (csv_blocks.h cuts it), each
/// without a look at the others: a column without a declared type may differ in type from block to
/// block. Immutable; safe from any number of threads.
class CsvBlockReader {
 public:
  /// `header` names the file's columns; `file` stands for it in messages. Errors: a column that is
  /// missing.
  static Result<CsvBlockReader> make(const std::vector<std::string>& header, std::string file,
                                     CsvOptions options);
  CsvBlockReader(CsvBlockReader&&) noexcept;
  CsvBlockReader& operator=(CsvBlockReader&&) noexcept;
  ~CsvBlockReader();

  /// first_row(records) is called once, when the block's records are counted, bad ones included,
  /// and answers the row number of its first one.
  Result<CsvBlockRows> read(const CsvBlock& block,
                            const std::function<std::size_t(std::size_t records)>& first_row) const;

 private:
  struct Parts;
  explicit CsvBlockReader(std::unique_ptr<const Parts> parts);
  std::unique_ptr<const Parts> parts_;
};

/// Names of the columns of a file, in order.
Result<std::vector<std::string>> read_csv_header(const std::filesystem::path& path);
Result<std::vector<std::string>> read_csv_header(ByteSpan bytes, const std::string& name,
                                                 const CsvLimits& limits = {});

/// Where the rows of a frame come from, for messages about them.
struct RowSource {
  std::string file;
  /// File row number of each row; empty when they are 1, 2, 3, …
  std::vector<std::size_t> row_numbers;
  /// "file:row:column" of a row of the frame (0 = its first).
  std::string place(std::size_t row, std::string_view column) const;
};

/// "file:row:column", the `where` of an error about a cell; an empty column is left out.
std::string cell_place(const std::string& file, std::size_t row, std::string_view column);

}  // namespace clairscore
