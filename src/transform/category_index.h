#pragma once

// The categories an encoder learnt for one input column, and the code of each cell among them.
//
// A category is a text, a number, None or NaN; None and NaN are two categories, as in the library
// that learnt them. Codes are positions in the list given to build(). Immutable; safe from any
// number of threads.
//
// How a cell finds its category:
//   - a missing cell (text or number) is NaN if NaN is a category, else unknown, even where None is
//     one: pandas gives NaN for a missing cell whatever the column holds, and scikit-learn tells
//     NaN from None;
//   - a number (integer, boolean or double) is compared as a double;
//   - a text is compared byte for byte; "True" and "False" also find boolean categories, which is
//     what pandas makes of those words in a column that has missing cells.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/error.h"
#include "frame/column.h"
#include "model/cell_rule.h"

namespace clairscore {

struct Category {
  enum class Kind : std::uint8_t { kNone, kNan, kText, kNumber, kBoolean };
  Kind kind = Kind::kNone;
  std::string text;   // kText
  double number = 0;  // kNumber; kBoolean as 1 and 0

  static Category none() { return {}; }
  static Category nan() { return {Kind::kNan, {}, 0}; }
  static Category of_text(std::string text) { return {Kind::kText, std::move(text), 0}; }
  static Category of_number(double number) { return {Kind::kNumber, {}, number}; }
  static Category of_boolean(bool value) { return {Kind::kBoolean, {}, value ? 1.0 : 0.0}; }
};

class CategoryIndex final : public CellCategories {
 public:
  /// Errors: kInput for a category that is there twice; kLimit for more than 2^31 - 1 of them.
  static Result<CategoryIndex> build(const std::vector<Category>& categories);

  std::size_t size() const override { return size_; }

  /// One cell, by the rules of codes(); kRefused where that is an error.
  std::int32_t of_missing() const override { return missing_; }
  std::int32_t of_text(std::string_view text) const override;
  std::int32_t of_number(double number) const override;

  /// The code of every cell, kUnknownCategory where there is none. Errors kInput naming the
  /// column, the row (1 = the first) and the value: a number where all categories are texts, an
  /// infinity (which scikit-learn's encoders refuse too).
  Result<std::vector<std::int32_t>> codes(const Column& column) const;

  /// codes(), but a cell without category is an error naming the column, the row, the value and
  /// some of the categories.
  Result<std::vector<std::int32_t>> known_codes(const Column& column) const;

  /// The first few categories, for messages: "'a', 'b', 1.5, … (12 in all)".
  const std::string& summary() const { return summary_; }

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };

  CategoryIndex() = default;
  std::int32_t code_of(double number) const;
  Result<std::vector<std::int32_t>> codes_of_text(const Column& column) const;
  Result<std::vector<std::int32_t>> codes_of_numbers(const Column& column) const;

  std::size_t size_ = 0;
  std::unordered_map<std::string, std::int32_t, TextHash, std::equal_to<>> texts_;
  std::vector<std::pair<double, std::int32_t>> numbers_;  // ascending
  std::int32_t missing_ = kUnknownCategory;
  std::string summary_;
};

}  // namespace clairscore
