#include "data/csv.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/excerpt.h"
#include "base/nearest.h"
#include "base/parallel.h"
#include "data/csv_column.h"
#include "data/csv_header.h"
#include "data/csv_scanner.h"
#include "data/gzip.h"
#include "data/utf8.h"

namespace clairscore {

namespace {

constexpr int kNotKept = -1;

/// Which columns are read, and as what.
struct Plan {
  std::vector<int> slots;  // by column of the file: its place among the kept ones, or kNotKept
  std::size_t file_columns = 0;
  std::vector<std::string> names;                // of the kept columns, in file order
  std::vector<std::optional<ColumnType>> types;  // declared; by kept column
  int identifier = kNotKept;                     // place of the identifier among the kept columns
  std::vector<std::size_t> unwanted;  // by column of the file: how many after it are not kept

  /// Puts a field in its place; returns how many fields after it nobody wants.
  std::size_t take(std::size_t column, std::string_view text,
                   std::vector<std::string_view>& fields) const {
    if (column >= file_columns) return 0;
    if (slots[column] != kNotKept) fields[static_cast<std::size_t>(slots[column])] = text;
    return unwanted[column];
  }
};

/// A row that cannot be read, within its piece.
struct Fault {
  std::size_t record = 0;  // 0 = the piece's first
  std::string identifier = {};
  std::string column = {};  // empty: the whole record
  std::string what = {};
  std::string accepted = {};
  ErrorCode code = ErrorCode::kInput;
};

/// A stretch of the file that starts at a record, as far as anyone knows.
struct Piece {
  const char* begin = nullptr;
  const char* end = nullptr;      // records that start before it belong to the piece
  const char* stopped = nullptr;  // where the next piece must start
  std::size_t records = 0;        // bad ones included
  std::vector<CsvColumnBuilder> columns = {};
  std::vector<Fault> faults = {};   // bad rows, in order
  std::optional<Fault> fatal = {};  // what no skipping helps
};

class Reader {
 public:
  Reader(std::string_view text, const std::string& file, const CsvOptions& options,
         const Plan& plan, const MappedFile* mapping)
      : text_(text), file_(file), options_(options), plan_(plan), mapping_(mapping) {}

  /// The whole text, whose records start at `body`.
  Result<CsvTable> read(std::size_t body) const;
  /// The text as one block, see CsvBlockReader.
  Result<CsvBlockRows> read_block(
      bool cut_short, const std::function<std::size_t(std::size_t records)>& first_row) const;

 private:
  std::vector<Piece> split(std::size_t body) const;
  void parse(Piece& piece) const;
  /// Reads the columns of a piece again whose slot is in `slots`, as `types` says.
  void parse_again(Piece& piece, const std::vector<int>& kept,
                   const std::vector<std::optional<ColumnType>>& types) const;
  Result<void> parse_all(std::vector<Piece>& pieces) const;
  Result<Frame> join(std::vector<Piece>& pieces) const;
  /// Appends the bad rows of a piece whose first record has that row number.
  void list_skipped(const Piece& piece, std::size_t first_row, std::vector<BadRow>& skipped) const;
  std::vector<CsvColumnType> resolve(std::vector<Piece>& pieces) const;
  void read_again(std::vector<Piece>& pieces, const std::vector<CsvColumnType>& types) const;
  Error error_of(const Fault& fault, std::size_t first_row) const;
  CsvScanner scanner(const Piece& piece) const {
    return {piece.begin,
            piece.end,
            text_.data() + text_.size(),
            {options_.limits.max_field_bytes, options_.limits.max_record_bytes}};
  }
  bool keep_row(const std::vector<std::string_view>& fields, bool suspicious,
                const CsvScanner& scanner, Piece& piece) const;

  std::string_view text_;
  const std::string& file_;
  const CsvOptions& options_;
  const Plan& plan_;
  const MappedFile* mapping_;
};

Result<Plan> make_plan(const std::vector<std::string>& names, const std::string& file,
                       const CsvOptions& options) {
  std::vector<std::string> missing;
  for (const std::string& wanted : options.columns) {
    if (std::ranges::find(names, wanted) == names.end()) missing.push_back(wanted);
  }
  if (!missing.empty()) {
    return fail(
        ErrorCode::kInput,
        (missing.size() == 1 ? "missing column " : "missing columns ") + list_of_names(missing),
        file, "a file with it" + suggestion(missing.front(), names));
  }
  Plan plan;
  plan.file_columns = names.size();
  plan.slots.assign(names.size(), kNotKept);
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!options.columns.empty() &&
        std::ranges::find(options.columns, names[i]) == options.columns.end()) {
      continue;
    }
    plan.slots[i] = static_cast<int>(plan.names.size());
    if (names[i] == options.identifier) plan.identifier = plan.slots[i];
    const auto declared = options.types.find(names[i]);
    plan.types.push_back(declared == options.types.end()
                             ? std::nullopt
                             : std::optional<ColumnType>(declared->second));
    plan.names.push_back(names[i]);
  }
  plan.unwanted.assign(names.size(), 0);
  for (std::size_t i = names.size() - 1; i > 0; --i) {
    if (plan.slots[i] == kNotKept) plan.unwanted[i - 1] = plan.unwanted[i] + 1;
  }
  return plan;
}

std::vector<Piece> Reader::split(std::size_t body) const {
  std::vector<Piece> pieces;
  const char* const end = text_.data() + text_.size();
  const char* begin = text_.data() + body;
  const std::size_t size = std::max<std::size_t>(options_.piece_bytes, 1);
  while (begin != end) {
    const char* stop = end;
    if (static_cast<std::size_t>(end - begin) > size) {
      stop = std::find_if(begin + size, end, [](char c) { return c == '\n' || c == '\r'; });
      if (stop != end) {
        const bool carriage_return = *stop == '\r';
        ++stop;
        if (carriage_return && stop != end && *stop == '\n') ++stop;
      }
    }
    pieces.push_back({.begin = begin, .end = stop});
    begin = stop;
  }
  return pieces;
}

std::string_view accepted_cells(ColumnType type) {
  switch (type) {
    case ColumnType::kInteger:
      return "an integer";
    case ColumnType::kDouble:
      return "a number";
    case ColumnType::kBoolean:
      return "true or false";
    case ColumnType::kText:
      return "text";
  }
  return "";
}

/// Adds a record's cells to the columns, or notes why it cannot; false when it cannot.
bool Reader::keep_row(const std::vector<std::string_view>& fields, bool suspicious,
                      const CsvScanner& scanner, Piece& piece) const {
  const auto refuse = [&](std::string column, std::string what, std::string accepted) {
    Fault fault{.record = piece.records,
                .column = std::move(column),
                .what = std::move(what),
                .accepted = std::move(accepted)};
    if (plan_.identifier != kNotKept) {
      fault.identifier = fields[static_cast<std::size_t>(plan_.identifier)];
    }
    piece.faults.push_back(std::move(fault));
    return false;
  };
  if (scanner.fields() != plan_.file_columns) {
    return refuse({},
                  std::to_string(scanner.fields()) +
                      (scanner.fields() == 1 ? " field" : " fields") + " in a table of " +
                      std::to_string(plan_.file_columns) + " columns",
                  "as many fields as the header has");
  }
  if (suspicious) {
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (!is_clean_utf8(fields[i])) {
        return refuse(plan_.names[i], "text that is not UTF-8", "UTF-8 text without NUL bytes");
      }
    }
  }
  if (plan_.identifier != kNotKept &&
      is_missing_cell(fields[static_cast<std::size_t>(plan_.identifier)])) {
    return refuse(options_.identifier, "the row has no identifier", "one in every row");
  }
  // Declared columns first: only they can refuse, and then nothing has been decided by the row.
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (!plan_.types[i] || piece.columns[i].add(fields[i])) continue;
    for (std::size_t j = 0; j < i; ++j) {
      if (plan_.types[j]) piece.columns[j].remove_last();
    }
    const std::string accepted(accepted_cells(*plan_.types[i]));
    return refuse(plan_.names[i],
                  is_missing_cell(fields[i]) ? "missing value"
                                             : quote_excerpt(fields[i]) + " is not " + accepted,
                  accepted);
  }
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (!plan_.types[i]) piece.columns[i].add(fields[i]);
  }
  return true;
}

std::optional<Fault> fatal_fault(CsvScanner::Status status, std::size_t record,
                                 const CsvLimits& limits) {
  Fault fault{.record = record};
  switch (status) {
    case CsvScanner::Status::kRecord:
    case CsvScanner::Status::kEnd:
      return std::nullopt;
    case CsvScanner::Status::kUnterminated:
      fault.what = "the file ends within quotes that this row opens";
      fault.accepted = "a closing quote for every opening one";
      break;
    case CsvScanner::Status::kFieldTooLong:
      fault.what = "a field is too long";
      fault.accepted = "at most " + std::to_string(limits.max_field_bytes) + " bytes";
      fault.code = ErrorCode::kLimit;
      break;
    case CsvScanner::Status::kRecordTooLong:
      fault.what = "the row is too long";
      fault.accepted = "at most " + std::to_string(limits.max_record_bytes) + " bytes";
      fault.code = ErrorCode::kLimit;
      break;
  }
  return fault;
}

void Reader::parse(Piece& piece) const {
  piece.records = 0;
  piece.faults.clear();
  piece.fatal.reset();
  piece.columns.clear();
  for (const auto& type : plan_.types) piece.columns.emplace_back(options_.decimals, type);
  std::vector<std::string_view> fields(plan_.names.size());
  CsvScanner records = scanner(piece);
  while (true) {
    std::ranges::fill(fields, std::string_view());
    const auto status = records.next([&](std::size_t column, std::string_view text) {
      return plan_.take(column, text, fields);
    });
    if (status != CsvScanner::Status::kRecord) {
      piece.fatal = fatal_fault(status, piece.records, options_.limits);
      break;
    }
    const bool kept = keep_row(fields, records.suspicious(), records, piece);
    ++piece.records;
    if (!kept && options_.on_bad_row == OnBadRow::kRefuse) break;
  }
  piece.stopped = records.position();
  if (mapping_ != nullptr) {
    const auto offset = static_cast<std::size_t>(piece.begin - text_.data());
    mapping_->release(offset, static_cast<std::size_t>(piece.stopped - piece.begin));
  }
}

void Reader::parse_again(Piece& piece, const std::vector<int>& kept,
                         const std::vector<std::optional<ColumnType>>& types) const {
  std::vector<std::string_view> fields(plan_.names.size());
  for (const int slot : kept) {
    const auto i = static_cast<std::size_t>(slot);
    piece.columns[i] = CsvColumnBuilder(options_.decimals, types[i]);
  }
  CsvScanner records = scanner(piece);
  auto bad = piece.faults.begin();
  for (std::size_t record = 0; record < piece.records; ++record) {
    const auto status = records.next([&](std::size_t column, std::string_view text) {
      return plan_.take(column, text, fields);
    });
    if (status != CsvScanner::Status::kRecord) break;
    if (bad != piece.faults.end() && bad->record == record) {
      ++bad;
      continue;
    }
    for (const int slot : kept) {
      const auto i = static_cast<std::size_t>(slot);
      piece.columns[i].add(fields[i]);
    }
  }
}

Result<void> Reader::parse_all(std::vector<Piece>& pieces) const {
  parallel_blocks(pieces.size(), 1, options_.threads,
                  [&](std::size_t begin, std::size_t) { parse(pieces[begin]); });
  // A piece was read on the guess that a record starts where it starts. Where the record before it
  // runs over that place (a line end within quotes), it is read again from where that one ends.
  const char* expected = pieces.empty() ? nullptr : pieces.front().begin;
  std::size_t row = 1;
  for (Piece& piece : pieces) {
    if (piece.begin != expected) {
      piece.begin = expected;
      parse(piece);
    }
    if (options_.on_bad_row == OnBadRow::kRefuse && !piece.faults.empty()) {
      return fail(error_of(piece.faults.front(), row));
    }
    if (piece.fatal) return fail(error_of(*piece.fatal, row));
    row += piece.records;
    if (row - 1 > options_.limits.max_rows) {
      return fail(ErrorCode::kLimit, "too many rows", file_,
                  "at most " + std::to_string(options_.limits.max_rows));
    }
    expected = piece.stopped;
  }
  return {};
}

std::vector<CsvColumnType> Reader::resolve(std::vector<Piece>& pieces) const {
  std::vector<CsvColumnType> types(plan_.names.size());
  std::vector<const CsvColumnBuilder*> parts(pieces.size());
  const auto gather = [&](std::size_t column) {
    std::ranges::transform(pieces, parts.begin(),
                           [&](const Piece& piece) { return &piece.columns[column]; });
  };
  bool undecided = false;
  for (std::size_t i = 0; i < types.size(); ++i) {
    if (plan_.types[i]) {
      types[i].type = *plan_.types[i];
      continue;
    }
    gather(i);
    types[i] = resolve_type(parts);
    undecided |= types[i].reading == CsvColumnType::Reading::kUndecided;
  }
  if (!undecided) return types;
  // Rare: only the cells themselves, in order, tell.
  std::vector<CsvColumnType> as_text = types;
  read_again(pieces, as_text);
  for (std::size_t i = 0; i < types.size(); ++i) {
    if (types[i].reading != CsvColumnType::Reading::kUndecided) continue;
    gather(i);
    types[i] = type_of_wide_column(parts, options_.decimals);
  }
  return types;
}

void Reader::read_again(std::vector<Piece>& pieces, const std::vector<CsvColumnType>& types) const {
  std::vector<std::optional<ColumnType>> wanted(types.size());
  for (std::size_t i = 0; i < types.size(); ++i) {
    const bool decimals =
        types[i].type == ColumnType::kDouble && types[i].reading == CsvColumnType::Reading::kKnown;
    wanted[i] = decimals ? ColumnType::kDouble : ColumnType::kText;
  }
  parallel_blocks(pieces.size(), 1, options_.threads, [&](std::size_t begin, std::size_t) {
    Piece& piece = pieces[begin];
    std::vector<int> again;
    for (std::size_t i = 0; i < types.size(); ++i) {
      if (!plan_.types[i] && must_read_again(piece.columns[i], types[i])) {
        again.push_back(static_cast<int>(i));
      }
    }
    if (!again.empty()) parse_again(piece, again, wanted);
  });
}

Result<Frame> Reader::join(std::vector<Piece>& pieces) const {
  const std::vector<CsvColumnType> types = resolve(pieces);
  read_again(pieces, types);
  std::size_t rows = 0;
  for (const Piece& piece : pieces) rows += piece.records - piece.faults.size();
  std::vector<std::optional<Column>> columns(types.size());
  parallel_blocks(types.size(), 1, options_.threads, [&](std::size_t i, std::size_t) {
    std::vector<CsvColumnBuilder*> parts;
    parts.reserve(pieces.size());
    for (Piece& piece : pieces) parts.push_back(&piece.columns[i]);
    columns[i] = join_pieces(plan_.names[i], types[i], parts, rows);
  });
  Frame frame(rows);
  for (auto& column : columns) RETURN_IF_ERROR(frame.add(std::move(*column)));
  return frame;
}

Error Reader::error_of(const Fault& fault, std::size_t first_row) const {
  return {fault.code, fault.what, cell_place(file_, first_row + fault.record, fault.column),
          fault.accepted};
}

void Reader::list_skipped(const Piece& piece, std::size_t first_row,
                          std::vector<BadRow>& skipped) const {
  for (const Fault& fault : piece.faults) {
    skipped.push_back({first_row + fault.record, fault.identifier, error_of(fault, first_row)});
  }
}

Result<CsvTable> Reader::read(std::size_t body) const {
  std::vector<Piece> pieces = split(body);
  RETURN_IF_ERROR(parse_all(pieces));
  CsvTable table;
  ASSIGN_OR_RETURN(table.frame, join(pieces));
  std::size_t row = 1;
  for (const Piece& piece : pieces) {
    list_skipped(piece, row, table.skipped);
    row += piece.records;
  }
  if (!table.skipped.empty()) {
    table.row_numbers.reserve(table.frame.rows());
    auto bad = table.skipped.begin();
    for (std::size_t number = 1; number < row; ++number) {
      if (bad != table.skipped.end() && bad->row == number) {
        ++bad;
      } else {
        table.row_numbers.push_back(number);
      }
    }
  }
  return table;
}

Result<CsvBlockRows> Reader::read_block(
    bool cut_short, const std::function<std::size_t(std::size_t records)>& first_row) const {
  std::vector<Piece> pieces{{.begin = text_.data(), .end = text_.data() + text_.size()}};
  Piece& piece = pieces.front();
  parse(piece);
  if (cut_short && !piece.fatal) {
    piece.fatal = fatal_fault(CsvScanner::Status::kRecordTooLong, piece.records, options_.limits);
  }
  const std::size_t row = first_row(piece.records);
  CsvBlockRows rows;
  ASSIGN_OR_RETURN(rows.table.frame, join(pieces));
  rows.table.row_numbers.reserve(rows.table.frame.rows());
  auto bad = piece.faults.begin();
  for (std::size_t record = 0; record < piece.records; ++record) {
    if (bad != piece.faults.end() && bad->record == record) {
      ++bad;
    } else {
      rows.table.row_numbers.push_back(row + record);
    }
  }
  if (options_.on_bad_row == OnBadRow::kRefuse && !piece.faults.empty()) {
    rows.refusal = error_of(piece.faults.front(), row);
    return rows;
  }
  list_skipped(piece, row, rows.table.skipped);
  if (piece.fatal) rows.refusal = error_of(*piece.fatal, row);
  return rows;
}

Result<CsvTable> read_text(std::string_view text, const std::string& name,
                           const CsvOptions& options, const MappedFile* mapping) {
  if (text.size() > options.limits.max_bytes) {
    return fail(ErrorCode::kLimit, "file too large", name,
                "at most " + std::to_string(options.limits.max_bytes) + " bytes");
  }
  ASSIGN_OR_RETURN(const CsvHeader header, parse_csv_header(text, name, options.limits));
  ASSIGN_OR_RETURN(const Plan plan, make_plan(header.names, name, options));
  return Reader(text, name, options, plan, mapping).read(header.body);
}

Result<CsvTable> read_bytes(ByteSpan bytes, const std::string& name, const CsvOptions& options,
                            const MappedFile* mapping) {
  if (!is_gzip(bytes)) return read_text(as_text(bytes), name, options, mapping);
  ASSIGN_OR_RETURN(const Bytes plain, gunzip(bytes, options.limits.max_unpacked_bytes, name));
  return read_text(as_text(plain), name, options, nullptr);
}

}  // namespace

Result<CsvTable> read_csv(const std::filesystem::path& path, const CsvOptions& options) {
  ASSIGN_OR_RETURN(const MappedFile file, MappedFile::open(path));
  return read_bytes(file.bytes(), path.string(), options, &file);
}

Result<CsvTable> read_csv(ByteSpan bytes, const std::string& name, const CsvOptions& options) {
  return read_bytes(bytes, name, options, nullptr);
}

struct CsvBlockReader::Parts {
  std::string file;
  CsvOptions options;
  Plan plan;
};

CsvBlockReader::CsvBlockReader(std::unique_ptr<const Parts> parts) : parts_(std::move(parts)) {}
CsvBlockReader::CsvBlockReader(CsvBlockReader&&) noexcept = default;
CsvBlockReader& CsvBlockReader::operator=(CsvBlockReader&&) noexcept = default;
CsvBlockReader::~CsvBlockReader() = default;

Result<CsvBlockReader> CsvBlockReader::make(const std::vector<std::string>& header,
                                            std::string file, CsvOptions options) {
  options.threads = 1;
  ASSIGN_OR_RETURN(Plan plan, make_plan(header, file, options));
  return CsvBlockReader(
      std::make_unique<const Parts>(Parts{std::move(file), std::move(options), std::move(plan)}));
}

Result<CsvBlockRows> CsvBlockReader::read(
    const CsvBlock& block, const std::function<std::size_t(std::size_t records)>& first_row) const {
  return Reader(block.text, parts_->file, parts_->options, parts_->plan, nullptr)
      .read_block(block.cut_short, first_row);
}

Result<std::vector<std::string>> read_csv_header(const std::filesystem::path& path) {
  ASSIGN_OR_RETURN(const MappedFile file, MappedFile::open(path));
  return read_csv_header(file.bytes(), path.string());
}

Result<std::vector<std::string>> read_csv_header(ByteSpan bytes, const std::string& name,
                                                 const CsvLimits& limits) {
  Bytes plain;
  if (is_gzip(bytes)) {
    ASSIGN_OR_RETURN(plain, gunzip_start(bytes, limits.max_record_bytes, name));
    bytes = plain;
  }
  ASSIGN_OR_RETURN(CsvHeader header, parse_csv_header(as_text(bytes), name, limits));
  return std::move(header.names);
}

std::string RowSource::place(std::size_t row, std::string_view column) const {
  return cell_place(file, row < row_numbers.size() ? row_numbers[row] : row + 1, column);
}

std::string cell_place(const std::string& file, std::size_t row, std::string_view column) {
  std::string place = file + ":" + std::to_string(row);
  if (!column.empty()) place.append(":").append(column);
  return place;
}

}  // namespace clairscore
