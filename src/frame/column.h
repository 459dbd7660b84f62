#pragma once

// Typed columns: what reading a CSV produces, a recipe changes, and a model consumes.
//
// A Column is one of four types, as pandas would type the same cells:
//   kInteger  every cell a 64-bit integer, none missing
//   kBoolean  every cell true or false, none missing (held as integers 1 and 0)
//   kDouble   64-bit floats; a missing cell is NaN
//   kText     strings; held as codes into a dictionary of distinct values, kMissingCode = missing
// Columns are values; copies of a text column share its dictionary. Safe to read from many threads
// at once, to change from one.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"

namespace clairscore {

enum class ColumnType { kInteger, kBoolean, kDouble, kText };

/// "integer", "boolean", "double", "text".
std::string_view to_string(ColumnType type);

/// The distinct strings of a text column. Order carries no meaning, strings are unique; a string
/// may be there that no row uses.
using Dictionary = std::vector<std::string>;

/// The code of a missing cell in a text column.
inline constexpr std::uint32_t kMissingCode = 0xFFFFFFFFU;

class Column {
 public:
  static Column of_integers(std::string name, std::vector<std::int64_t> values);
  static Column of_booleans(std::string name, std::vector<std::int64_t> values);
  static Column of_doubles(std::string name, std::vector<double> values);
  /// Every code is below dictionary->size() or kMissingCode.
  static Column of_text(std::string name, std::shared_ptr<const Dictionary> dictionary,
                        std::vector<std::uint32_t> codes);
  /// Builds the dictionary in order of first appearance; nullptr entries are missing cells.
  static Column of_strings(std::string name, std::span<const char* const> values);

  const std::string& name() const { return name_; }
  void rename(std::string name) { name_ = std::move(name); }
  ColumnType type() const { return type_; }
  std::size_t size() const;

  /// The cells; only for the types named (else std::bad_variant_access, a bug in the caller).
  std::span<const std::int64_t> integers() const;  // kInteger, kBoolean
  std::span<const double> doubles() const;         // kDouble
  std::span<const std::uint32_t> codes() const;    // kText
  const Dictionary& dictionary() const;            // kText
  const std::shared_ptr<const Dictionary>& shared_dictionary() const;

  bool is_missing(std::size_t row) const;
  /// A text cell that is not missing.
  std::string_view text(std::size_t row) const { return dictionary()[codes()[row]]; }
  /// A numeric or boolean cell as a double, NaN when missing; only for types other than kText.
  double number(std::size_t row) const;

  /// Rows [begin, begin+count).
  Column slice(std::size_t begin, std::size_t count) const;
  /// The same cells as doubles; error kInput for a text column.
  Result<Column> as_doubles() const;

 private:
  struct Text {
    std::shared_ptr<const Dictionary> dictionary;
    std::vector<std::uint32_t> codes;
  };
  Column(std::string name, ColumnType type,
         std::variant<std::vector<std::int64_t>, std::vector<double>, Text> cells)
      : name_(std::move(name)), type_(type), cells_(std::move(cells)) {}

  std::string name_;
  ColumnType type_;
  std::variant<std::vector<std::int64_t>, std::vector<double>, Text> cells_;
};

}  // namespace clairscore
