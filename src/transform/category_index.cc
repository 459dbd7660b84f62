#include "transform/category_index.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "base/excerpt.h"
#include "base/numbers.h"

namespace clairscore {

namespace {

constexpr std::size_t kSummaryCategories = 8;

/// A text of the dictionary that no row has asked for yet.
constexpr std::int32_t kNotYet = -2;

std::string describe(const Category& category) {
  switch (category.kind) {
    case Category::Kind::kNone:
      return "None";
    case Category::Kind::kNan:
      return "a missing cell";
    case Category::Kind::kText:
      return quote_excerpt(category.text);
    case Category::Kind::kNumber:
      return double_to_text(category.number);
    case Category::Kind::kBoolean:
      return category.number != 0 ? "True" : "False";
  }
  return {};
}

std::string describe_cell(const Column& column, std::size_t row) {
  if (column.is_missing(row)) return "a missing cell";
  if (column.type() == ColumnType::kText) return quote_excerpt(column.text(row));
  if (column.type() == ColumnType::kDouble) return double_to_text(column.doubles()[row]);
  return std::to_string(column.integers()[row]);
}

std::string place(const Column& column, std::size_t row) {
  return "column " + column.name() + ", row " + std::to_string(row + 1);
}

}  // namespace

Result<CategoryIndex> CategoryIndex::build(const std::vector<Category>& categories) {
  if (categories.size() > std::numeric_limits<std::int32_t>::max()) {
    return fail(ErrorCode::kLimit, "more than 2^31 categories");
  }
  CategoryIndex index;
  index.size_ = categories.size();
  std::optional<std::int32_t> none;
  std::optional<std::int32_t> nan;
  std::vector<std::pair<std::string, std::int32_t>> booleans;
  bool repeated = false;
  std::string repeated_name;
  const auto note_repeat = [&](const Category& category) {
    if (!repeated) repeated_name = describe(category);
    repeated = true;
  };
  for (std::size_t i = 0; i < categories.size(); ++i) {
    const Category& category = categories[i];
    const auto code = static_cast<std::int32_t>(i);
    switch (category.kind) {
      case Category::Kind::kNone:
        if (none) note_repeat(category);
        none = code;
        break;
      case Category::Kind::kNan:
        if (nan) note_repeat(category);
        nan = code;
        break;
      case Category::Kind::kText:
        if (!index.texts_.emplace(category.text, code).second) note_repeat(category);
        break;
      case Category::Kind::kBoolean:
        booleans.emplace_back(category.number != 0 ? "True" : "False", code);
        [[fallthrough]];
      case Category::Kind::kNumber:
        index.numbers_.emplace_back(category.number, code);
        break;
    }
    if (i < kSummaryCategories) {
      if (i > 0) index.summary_ += ", ";
      index.summary_ += describe(category);
    }
  }
  if (categories.size() > kSummaryCategories) {
    index.summary_ += ", … (" + std::to_string(categories.size()) + " in all)";
  }
  // A text category of the same spelling comes first.
  for (auto& [word, code] : booleans) index.texts_.emplace(std::move(word), code);
  std::sort(index.numbers_.begin(), index.numbers_.end());
  const auto twice =
      std::adjacent_find(index.numbers_.begin(), index.numbers_.end(),
                         [](const auto& a, const auto& b) { return a.first == b.first; });
  if (twice != index.numbers_.end()) note_repeat(Category::of_number(twice->first));
  if (repeated) {
    return fail(ErrorCode::kInput, "the category " + repeated_name + " is listed twice", {},
                "each category once");
  }
  index.missing_ = nan.value_or(kUnknownCategory);
  return index;
}

std::int32_t CategoryIndex::code_of(double number) const {
  if (std::isnan(number)) return missing_;
  const auto found = std::lower_bound(numbers_.begin(), numbers_.end(), number,
                                      [](const auto& entry, double x) { return entry.first < x; });
  return found != numbers_.end() && found->first == number ? found->second : kUnknownCategory;
}

std::int32_t CategoryIndex::of_text(std::string_view text) const {
  const auto found = texts_.find(text);
  return found == texts_.end() ? kUnknownCategory : found->second;
}

std::int32_t CategoryIndex::of_number(double number) const {
  if (std::isinf(number)) return kRefused;
  if (numbers_.empty() && !texts_.empty() && !std::isnan(number)) return kRefused;
  return code_of(number);
}

Result<std::vector<std::int32_t>> CategoryIndex::codes_of_text(const Column& column) const {
  // Each distinct text is looked up once, when the first row that uses it comes by: a block of rows
  // may share a dictionary far longer than itself.
  const Dictionary& dictionary = column.dictionary();
  std::vector<std::int32_t> translated(dictionary.size(), kNotYet);
  std::vector<std::int32_t> codes;
  codes.reserve(column.size());
  for (const std::uint32_t cell : column.codes()) {
    if (cell == kMissingCode) {
      codes.push_back(missing_);
      continue;
    }
    std::int32_t& code = translated[cell];
    if (code == kNotYet) {
      code = of_text(dictionary[cell]);
    }
    codes.push_back(code);
  }
  return codes;
}

Result<std::vector<std::int32_t>> CategoryIndex::codes_of_numbers(const Column& column) const {
  std::vector<std::int32_t> codes;
  codes.reserve(column.size());
  for (std::size_t row = 0; row < column.size(); ++row) {
    const double number = column.number(row);
    if (std::isinf(number)) {
      return fail(ErrorCode::kInput, "an infinity where a category is needed", place(column, row),
                  "one of " + summary_);
    }
    if (numbers_.empty() && !texts_.empty() && !std::isnan(number)) {
      return fail(ErrorCode::kInput,
                  "the number " + describe_cell(column, row) + " where a text is needed",
                  place(column, row), "one of " + summary_);
    }
    codes.push_back(code_of(number));
  }
  return codes;
}

Result<std::vector<std::int32_t>> CategoryIndex::codes(const Column& column) const {
  return column.type() == ColumnType::kText ? codes_of_text(column) : codes_of_numbers(column);
}

Result<std::vector<std::int32_t>> CategoryIndex::known_codes(const Column& column) const {
  auto found = codes(column);
  if (!found) return found;
  const auto unknown = std::find(found->begin(), found->end(), kUnknownCategory);
  if (unknown == found->end()) return found;
  const auto row = static_cast<std::size_t>(unknown - found->begin());
  return fail(ErrorCode::kInput, "unknown category: " + describe_cell(column, row),
              place(column, row), "one of " + summary_);
}

}  // namespace clairscore
