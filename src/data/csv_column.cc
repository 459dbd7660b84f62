#include "data/csv_column.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <memory>
#include <utility>

namespace clairscore {

namespace {

/// Up to this many characters an integer is exact as a double whichever way it is read.
constexpr std::size_t kExactIntegerCharacters = 15;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

}  // namespace

CsvColumnBuilder::CsvColumnBuilder(DecimalMode decimals, std::optional<ColumnType> type)
    : decimals_(decimals), type_(type) {
  if (!type) return;
  switch (*type) {
    case ColumnType::kInteger:
      kind_ = Kind::kIntegers;
      break;
    case ColumnType::kDouble:
      kind_ = Kind::kDoubles;
      break;
    case ColumnType::kBoolean:
      kind_ = Kind::kBooleans;
      break;
    case ColumnType::kText:
      kind_ = Kind::kTexts;
      break;
  }
}

bool CsvColumnBuilder::add(std::string_view cell) {
  if (type_) return add_declared(cell);
  if (kind_ == Kind::kIntegers) {
    const IntegerCell integer = parse_integer_cell(cell);
    if (integer.status == IntegerStatus::kValue) {
      has_values_ = true;
      has_wide_integers_ |= cell.size() > kExactIntegerCharacters;
      push(static_cast<std::uint64_t>(integer.value));
    } else {
      if (integer.status == IntegerStatus::kOverflow) {
        first_overflow_ = std::min(first_overflow_, rows_);
      }
      add_other_than_integer(cell);
    }
  } else if (kind_ == Kind::kDoubles) {
    if (const auto number = parse_decimal(cell, decimals_)) {
      push_double(*number);
    } else if (is_missing_cell(cell)) {
      has_missing_ = true;
      push_double(kNaN);
    } else {
      become_text(cell);
    }
  } else if (kind_ == Kind::kBooleans) {
    if (const auto truth = parse_boolean_cell(cell)) {
      push(*truth ? 1 : 0);
    } else {
      // A missing cell makes it text too: pandas' booleans have none.
      become_text(cell);
    }
  } else if (!stale_) {
    push(text_code(cell));
  }
  ++rows_;
  return true;
}

void CsvColumnBuilder::add_other_than_integer(std::string_view cell) {
  if (is_missing_cell(cell)) {
    has_missing_ = true;
    push(kMissingInteger);
    return;
  }
  if (first_overflow_ != rows_) first_non_integer_ = std::min(first_non_integer_, rows_);
  if (const auto number = parse_decimal(cell, decimals_)) {
    become_doubles();
    push_double(*number);
    has_values_ = true;
    return;
  }
  const auto truth = parse_boolean_cell(cell);
  if (truth && !has_values_ && !has_missing_) {
    kind_ = Kind::kBooleans;
    has_values_ = true;
    push(*truth ? 1 : 0);
    return;
  }
  become_text(cell);
}

void CsvColumnBuilder::become_doubles() {
  stale_ = has_wide_integers_;
  for (std::uint64_t& bits : cells_) {
    const double value =
        bits == kMissingInteger ? kNaN : static_cast<double>(static_cast<std::int64_t>(bits));
    bits = std::bit_cast<std::uint64_t>(value);
  }
  kind_ = Kind::kDoubles;
}

void CsvColumnBuilder::become_text(std::string_view cell) {
  kind_ = Kind::kTexts;
  if (has_values_) {
    stale_ = true;
    cells_ = {};
    return;
  }
  std::ranges::fill(cells_, std::uint64_t{kMissingCode});
  has_values_ = true;
  push(text_code(cell));
}

bool CsvColumnBuilder::add_declared(std::string_view cell) {
  switch (*type_) {
    case ColumnType::kInteger: {
      const IntegerCell integer = parse_integer_cell(cell);
      if (integer.status != IntegerStatus::kValue) return false;
      push(static_cast<std::uint64_t>(integer.value));
      return true;
    }
    case ColumnType::kDouble: {
      const auto number = parse_decimal(cell, decimals_);
      if (!number && !is_missing_cell(cell)) return false;
      push_double(number.value_or(kNaN));
      return true;
    }
    case ColumnType::kBoolean: {
      // 1 and 0 too: a column that is declared boolean says what they mean.
      if (cell == "1" || cell == "0") {
        push(cell == "1" ? 1 : 0);
        return true;
      }
      const auto truth = parse_boolean_cell(cell);
      if (!truth) return false;
      push(*truth ? 1 : 0);
      return true;
    }
    case ColumnType::kText:
      push(text_code(cell));
      return true;
  }
  return false;
}

void CsvColumnBuilder::push_double(double value) {
  push(std::bit_cast<std::uint64_t>(value));
}

std::uint64_t CsvColumnBuilder::text_code(std::string_view cell) {
  return is_missing_cell(cell) ? kMissingCode : texts_.insert(cell);
}

void CsvColumnBuilder::clear() {
  cells_ = {};
  texts_ = {};
}

CsvColumnType resolve_type(std::span<const CsvColumnBuilder* const> pieces) {
  using Kind = CsvColumnBuilder::Kind;
  const auto any = [&](auto&& holds) {
    return std::ranges::any_of(pieces, [&](const auto* piece) { return holds(*piece); });
  };
  const auto any_of_kind = [&](Kind kind) {
    return any([&](const auto& piece) { return piece.has_values() && piece.kind() == kind; });
  };
  const CsvColumnType text{.type = ColumnType::kText};
  if (any_of_kind(Kind::kTexts)) return text;
  const bool missing = any([](const auto& piece) { return piece.has_missing(); });
  const bool integers = any_of_kind(Kind::kIntegers);
  const bool doubles = any_of_kind(Kind::kDoubles);
  if (any_of_kind(Kind::kBooleans)) {
    return integers || doubles || missing ? text : CsvColumnType{.type = ColumnType::kBoolean};
  }
  for (const CsvColumnBuilder* piece : pieces) {
    if (piece->first_overflow() < piece->first_non_integer()) {
      return {.reading = CsvColumnType::Reading::kUndecided};
    }
    if (piece->first_non_integer() != CsvColumnBuilder::kNowhere) break;
  }
  if (doubles) return {.type = ColumnType::kDouble};
  if (integers && !missing) return {.type = ColumnType::kInteger};
  if (integers || missing) return {.type = ColumnType::kDouble, .from_integers = true};
  return text;  // no rows
}

CsvColumnType type_of_wide_column(std::span<const CsvColumnBuilder* const> pieces,
                                  DecimalMode decimals) {
  const CsvColumnType text{.type = ColumnType::kText};
  bool signed_seen = false;
  bool unsigned_seen = false;
  bool other_seen = false;
  bool missing = false;
  for (const CsvColumnBuilder* piece : pieces) {
    if (piece->kind() != CsvColumnBuilder::Kind::kTexts) {  // nothing but missing cells
      missing |= piece->has_missing();
      continue;
    }
    for (const std::uint64_t code : piece->cells()) {
      if (code == kMissingCode) {
        missing = true;
        continue;
      }
      const std::string& cell = piece->dictionary()[code];
      if (!other_seen) {
        const UnsignedCell number = parse_unsigned_cell(cell);
        if (number.status == UnsignedCell::Status::kOverflow) return text;
        signed_seen |= number.status == UnsignedCell::Status::kNegative;
        unsigned_seen |= number.status == UnsignedCell::Status::kValue &&
                         number.value >= std::uint64_t{1} << 63U;
        other_seen = number.status == UnsignedCell::Status::kNotInteger;
      }
      if (!parse_decimal(cell, decimals)) return text;
    }
  }
  if (other_seen) return {.type = ColumnType::kDouble};
  if (signed_seen || missing || !unsigned_seen) return text;
  return {.type = ColumnType::kDouble, .reading = CsvColumnType::Reading::kUnsigned};
}

bool must_read_again(const CsvColumnBuilder& piece, const CsvColumnType& type) {
  using Kind = CsvColumnBuilder::Kind;
  if (type.reading == CsvColumnType::Reading::kUndecided ||
      type.reading == CsvColumnType::Reading::kUnsigned || type.type == ColumnType::kText) {
    const bool all_missing = piece.kind() == Kind::kIntegers && !piece.has_values();
    return !all_missing && (piece.kind() != Kind::kTexts || piece.stale());
  }
  if (type.type != ColumnType::kDouble || type.from_integers) return false;
  if (piece.kind() == Kind::kDoubles) return piece.stale();
  if (piece.kind() == Kind::kTexts) return true;  // read as text to decide
  return piece.has_wide_integers();
}

namespace {

void append_doubles(std::vector<double>& values, const CsvColumnBuilder& piece,
                    const CsvColumnType& type) {
  switch (piece.kind()) {
    case CsvColumnBuilder::Kind::kDoubles:
      for (const std::uint64_t bits : piece.cells()) values.push_back(std::bit_cast<double>(bits));
      break;
    case CsvColumnBuilder::Kind::kTexts:
      if (type.reading == CsvColumnType::Reading::kUnsigned) {
        for (const std::uint64_t code : piece.cells()) {
          const UnsignedCell number = parse_unsigned_cell(piece.dictionary()[code]);
          values.push_back(static_cast<double>(number.value));
        }
      }
      break;
    case CsvColumnBuilder::Kind::kIntegers:
    case CsvColumnBuilder::Kind::kBooleans:
      for (const std::uint64_t cell : piece.cells()) {
        const bool missing = piece.has_missing() && cell == CsvColumnBuilder::kMissingInteger;
        values.push_back(missing ? kNaN : static_cast<double>(static_cast<std::int64_t>(cell)));
      }
      break;
  }
}

Column join_texts(std::string name, std::span<CsvColumnBuilder* const> pieces, std::size_t rows) {
  TextTable all;
  std::vector<std::uint32_t> codes;
  codes.reserve(rows);
  std::vector<std::uint32_t> translation;
  for (CsvColumnBuilder* piece : pieces) {
    if (piece->kind() != CsvColumnBuilder::Kind::kTexts) {
      codes.insert(codes.end(), piece->cells().size(), kMissingCode);
      continue;
    }
    translation.clear();
    for (const std::string& text : piece->dictionary()) translation.push_back(all.insert(text));
    for (const std::uint64_t code : piece->cells()) {
      codes.push_back(code == kMissingCode ? kMissingCode : translation[code]);
    }
    piece->clear();
  }
  return Column::of_text(std::move(name), std::make_shared<Dictionary>(all.take()),
                         std::move(codes));
}

}  // namespace

Column join_pieces(std::string name, const CsvColumnType& type,
                   std::span<CsvColumnBuilder* const> pieces, std::size_t rows) {
  if (type.type == ColumnType::kText) return join_texts(std::move(name), pieces, rows);
  if (type.type == ColumnType::kDouble) {
    std::vector<double> values;
    values.reserve(rows);
    for (CsvColumnBuilder* piece : pieces) {
      append_doubles(values, *piece, type);
      piece->clear();
    }
    return Column::of_doubles(std::move(name), std::move(values));
  }
  std::vector<std::int64_t> values;
  values.reserve(rows);
  for (CsvColumnBuilder* piece : pieces) {
    for (const std::uint64_t cell : piece->cells()) {
      values.push_back(static_cast<std::int64_t>(cell));
    }
    piece->clear();
  }
  return type.type == ColumnType::kBoolean
             ? Column::of_booleans(std::move(name), std::move(values))
             : Column::of_integers(std::move(name), std::move(values));
}

}  // namespace clairscore
