#pragma once

// One column of one piece of a CSV file, typed while it is read, and how the pieces of a column
// come to the one type pandas gives it.
//
// A builder guesses integers first, then decimals, booleans, text, as its cells allow. Where a
// later cell shows that earlier ones were read as the wrong type (numbers in what proves to be a
// text column), the builder only notes that it is stale: the pieces that turn out so are read a
// second time with the type known. One object, one thread.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/decimal.h"
#include "data/text_table.h"
#include "frame/column.h"

namespace clairscore {

class CsvColumnBuilder {
 public:
  enum class Kind { kIntegers, kDoubles, kBooleans, kTexts };
  static constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);

  /// Without a type the cells decide.
  CsvColumnBuilder(DecimalMode decimals, std::optional<ColumnType> type);

  /// Appends a cell. With a type given, false when the cell is not of it (nothing is appended then:
  /// no integer, no boolean, no decimal; a missing cell is neither integer nor boolean). Without
  /// one, always true.
  bool add(std::string_view cell);
  /// Takes the last cell away again; only with a type given.
  void remove_last() { cells_.pop_back(); }
  void reserve(std::size_t rows) { cells_.reserve(rows); }

  Kind kind() const { return kind_; }
  bool stale() const { return stale_; }
  bool has_values() const { return has_values_; }
  bool has_missing() const { return has_missing_; }
  /// An integer whose decimal reading may be another double than the integer's.
  bool has_wide_integers() const { return has_wide_integers_; }
  /// Rows of this piece; kNowhere when there is none.
  std::size_t first_non_integer() const { return first_non_integer_; }
  std::size_t first_overflow() const { return first_overflow_; }

  /// By kind: integers (kMissingInteger), bits of doubles, 0 or 1, codes (kMissingCode).
  std::span<const std::uint64_t> cells() const { return cells_; }
  const Dictionary& dictionary() const { return texts_.strings(); }
  void clear();

  static constexpr std::uint64_t kMissingInteger = std::uint64_t{1} << 63U;

 private:
  bool add_declared(std::string_view cell);
  void add_other_than_integer(std::string_view cell);
  void become_doubles();
  void become_text(std::string_view cell);
  void push(std::uint64_t cell) { cells_.push_back(cell); }
  void push_double(double value);
  std::uint64_t text_code(std::string_view cell);

  DecimalMode decimals_;
  std::optional<ColumnType> type_;
  Kind kind_ = Kind::kIntegers;
  bool stale_ = false;
  bool has_values_ = false;
  bool has_missing_ = false;
  bool has_wide_integers_ = false;
  std::size_t rows_ = 0;
  std::size_t first_non_integer_ = kNowhere;
  std::size_t first_overflow_ = kNowhere;
  std::vector<std::uint64_t> cells_;
  TextTable texts_;
};

/// The type of a whole column.
struct CsvColumnType {
  enum class Reading {
    kKnown,      // `type` is it
    kUnsigned,   // every cell an integer of 64 bits without sign: doubles, nearest
    kUndecided,  // an integer beyond 64 bits comes first: see type_of_wide_column
  };
  ColumnType type = ColumnType::kText;
  Reading reading = Reading::kKnown;
  /// Doubles are the nearest to integers rather than read from decimals.
  bool from_integers = false;
};

/// The type of the column whose pieces these are, in order, by pandas' rules: integers when all
/// cells are; doubles when all are numbers or missing; booleans when all are true or false; text
/// otherwise. A column without any value is doubles.
CsvColumnType resolve_type(std::span<const CsvColumnBuilder* const> pieces);

/// pandas' answer for a column in which an integer beyond 64 bits comes before any cell that is no
/// integer; the pieces hold the cells as text. It tries unsigned integers next: a cell beyond those
/// too, or a negative number or a missing cell beside them, makes the column text; a cell that is
/// no integer, met before any of that, makes it doubles if all cells are.
CsvColumnType type_of_wide_column(std::span<const CsvColumnBuilder* const> pieces,
                                  DecimalMode decimals);

/// Whether a piece must be read again to become a part of a column of that type.
bool must_read_again(const CsvColumnBuilder& piece, const CsvColumnType& type);

/// Joins pieces, each of which can become that type; `rows` is the sum of their rows.
Column join_pieces(std::string name, const CsvColumnType& type,
                   std::span<CsvColumnBuilder* const> pieces, std::size_t rows);

}  // namespace clairscore
