#include "data/recipe_step.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>
#include <unordered_map>

#include "base/excerpt.h"
#include "base/nearest.h"
#include "data/decimal.h"
#include "data/text_table.h"

namespace clairscore {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

bool is_number(const RecipeValue& value) {
  return !std::holds_alternative<std::string>(value);
}

double as_double(const RecipeValue& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    return static_cast<double>(*integer);
  }
  return std::get<double>(value);
}

/// Whether an integer cell equals a number of the recipe.
bool equals(std::int64_t cell, const RecipeValue& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return cell == *integer;
  return is_number(value) && static_cast<double>(cell) == std::get<double>(value);
}

bool equals(double cell, const RecipeValue& value) {
  return is_number(value) && cell == as_double(value);
}

bool has_missing(const Column& column) {
  if (column.type() == ColumnType::kDouble) {
    return std::ranges::any_of(column.doubles(), [](double cell) { return std::isnan(cell); });
  }
  if (column.type() == ColumnType::kText) {
    return std::ranges::find(column.codes(), kMissingCode) != column.codes().end();
  }
  return false;
}

bool all_missing(const Column& column) {
  if (column.type() == ColumnType::kDouble) {
    return std::ranges::all_of(column.doubles(), [](double cell) { return std::isnan(cell); });
  }
  if (column.type() == ColumnType::kText) {
    return std::ranges::all_of(column.codes(), [](auto code) { return code == kMissingCode; });
  }
  return column.size() == 0;
}

/// Applies one step to the frame it holds.
class Applier {
 public:
  Applier(Frame& frame, const RowSource& source, ColumnTyping typing)
      : frame_(frame), source_(source), typing_(typing) {}

  Result<void> operator()(const MissingMarkersStep& step) const;
  Result<void> operator()(const FillMissingStep& step) const;
  Result<void> operator()(const AbsoluteStep& step) const;
  Result<void> operator()(const ReplaceStep& step) const;
  Result<void> operator()(const MapStep& step) const;
  Result<void> operator()(const RatioStep& step) const;
  Result<void> operator()(const ToDoubleStep& step) const;
  Result<void> operator()(const KeepStep& step) const;
  Result<void> operator()(const DropStep& step) const;
  Result<void> operator()(const RenameStep& step) const;

 private:
  Result<std::size_t> index_of(const std::string& name) const;
  /// An error that names the first cell of a text column that is no number.
  tl::unexpected<Error> text_in_numbers(const Column& column) const;
  void map_integers(std::size_t index, const MapStep& step) const;
  void map_texts(std::size_t index, const MapStep& step) const;

  Frame& frame_;
  const RowSource& source_;
  ColumnTyping typing_;
};

Result<std::size_t> Applier::index_of(const std::string& name) const {
  const auto index = frame_.index_of(name);
  if (index) return *index;
  const std::vector<std::string> names = frame_.names();
  return fail(ErrorCode::kInput, "missing column " + name, source_.file,
              "a file with it" + suggestion(name, names));
}

tl::unexpected<Error> Applier::text_in_numbers(const Column& column) const {
  std::size_t row = 0;
  const auto is_text = [&](std::size_t i) {
    return !column.is_missing(i) && !parse_decimal(column.text(i), DecimalMode::kExact);
  };
  while (row < column.size() && !is_text(row)) ++row;
  // Text all of whose cells are numbers: one beyond 64 bits, in a column of integers.
  if (row == column.size()) row = 0;
  const std::string cell =
      column.size() == 0 || column.is_missing(row) ? "text" : quote_excerpt(column.text(row));
  return fail(ErrorCode::kInput, cell + " in a column of numbers",
              source_.place(row, column.name()), "a number");
}

Result<void> Applier::operator()(const MissingMarkersStep& step) const {
  ASSIGN_OR_RETURN(const std::size_t index, index_of(step.column));
  const Column& column = frame_.column(index);
  const auto is_marker = [&](auto cell) {
    return std::ranges::any_of(step.markers,
                               [&](const RecipeValue& marker) { return equals(cell, marker); });
  };
  switch (column.type()) {
    case ColumnType::kBoolean:
      break;
    case ColumnType::kInteger: {
      if (std::ranges::none_of(column.integers(), is_marker)) break;
      std::vector<double> values;
      values.reserve(column.size());
      for (const std::int64_t cell : column.integers()) {
        values.push_back(is_marker(cell) ? kNaN : static_cast<double>(cell));
      }
      frame_.replace(index, Column::of_doubles(step.column, std::move(values)));
      break;
    }
    case ColumnType::kDouble: {
      std::vector<double> values(column.doubles().begin(), column.doubles().end());
      std::ranges::replace_if(values, is_marker, kNaN);
      frame_.replace(index, Column::of_doubles(step.column, std::move(values)));
      break;
    }
    case ColumnType::kText: {
      std::vector<bool> marked(column.dictionary().size());
      for (std::size_t i = 0; i < marked.size(); ++i) {
        const RecipeValue text = column.dictionary()[i];
        marked[i] = std::ranges::find(step.markers, text) != step.markers.end();
      }
      std::vector<std::uint32_t> codes(column.codes().begin(), column.codes().end());
      for (std::uint32_t& code : codes) {
        if (code != kMissingCode && marked[code]) code = kMissingCode;
      }
      frame_.replace(index,
                     Column::of_text(step.column, column.shared_dictionary(), std::move(codes)));
      break;
    }
  }
  return {};
}

Result<void> Applier::operator()(const FillMissingStep& step) const {
  ASSIGN_OR_RETURN(const std::size_t index, index_of(step.column));
  const Column& column = frame_.column(index);
  if (!has_missing(column)) return {};
  const auto first_missing = [&] {
    std::size_t row = 0;
    while (!column.is_missing(row)) ++row;
    return source_.place(row, step.column);
  };
  if (const auto* text = std::get_if<std::string>(&step.value)) {
    auto dictionary = std::make_shared<Dictionary>();
    std::vector<std::uint32_t> codes(column.size(), kMissingCode);
    if (column.type() == ColumnType::kText) {
      *dictionary = column.dictionary();
      std::ranges::copy(column.codes(), codes.begin());
    } else if (!all_missing(column)) {
      return fail(ErrorCode::kInput, "a missing number cannot be filled with text", first_missing(),
                  "a column of text");
    }
    const auto known = std::ranges::find(*dictionary, *text);
    const auto code = static_cast<std::uint32_t>(known - dictionary->begin());
    if (known == dictionary->end()) dictionary->push_back(*text);
    std::ranges::replace(codes, kMissingCode, code);
    frame_.replace(index, Column::of_text(step.column, std::move(dictionary), std::move(codes)));
    return {};
  }
  if (column.type() == ColumnType::kText) {
    return fail(ErrorCode::kInput, "missing text cannot be filled with a number", first_missing(),
                "a column of numbers");
  }
  std::vector<double> values(column.doubles().begin(), column.doubles().end());
  const double value = as_double(step.value);
  std::ranges::replace_if(values, [](double cell) { return std::isnan(cell); }, value);
  frame_.replace(index, Column::of_doubles(step.column, std::move(values)));
  return {};
}

Result<void> Applier::operator()(const AbsoluteStep& step) const {
  ASSIGN_OR_RETURN(const std::size_t index, index_of(step.column));
  const Column& column = frame_.column(index);
  if (column.type() == ColumnType::kText) return text_in_numbers(column);
  if (column.type() == ColumnType::kDouble) {
    std::vector<double> values(column.doubles().begin(), column.doubles().end());
    for (double& value : values) value = std::fabs(value);
    frame_.replace(index, Column::of_doubles(step.column, std::move(values)));
  } else if (column.type() == ColumnType::kInteger) {
    std::vector<std::int64_t> values(column.integers().begin(), column.integers().end());
    for (std::int64_t& value : values) {
      // The least integer has no positive counterpart and wraps onto itself.
      if (value < 0) value = static_cast<std::int64_t>(0U - static_cast<std::uint64_t>(value));
    }
    frame_.replace(index, Column::of_integers(step.column, std::move(values)));
  }
  return {};
}

Result<void> Applier::operator()(const ReplaceStep& step) const {
  ASSIGN_OR_RETURN(const std::size_t index, index_of(step.column));
  const Column& column = frame_.column(index);
  const auto replacement = [&](auto cell) -> const RecipeValue* {
    for (const auto& [from, to] : step.replacements) {
      if (equals(cell, from)) return &to;
    }
    return nullptr;
  };
  if (column.type() == ColumnType::kInteger) {
    std::vector<std::int64_t> integers(column.integers().begin(), column.integers().end());
    bool decimals = false;
    for (std::int64_t& cell : integers) {
      const RecipeValue* const to = replacement(cell);
      if (to == nullptr) continue;
      if (const auto* integer = std::get_if<std::int64_t>(to)) {
        cell = *integer;
      } else {
        decimals = true;
      }
    }
    if (!decimals) {
      frame_.replace(index, Column::of_integers(step.column, std::move(integers)));
      return {};
    }
  }
  if (column.type() == ColumnType::kInteger || column.type() == ColumnType::kDouble) {
    std::vector<double> values(column.size());
    for (std::size_t row = 0; row < values.size(); ++row) {
      const RecipeValue* const to = column.type() == ColumnType::kInteger
                                        ? replacement(column.integers()[row])
                                        : replacement(column.doubles()[row]);
      values[row] = to == nullptr ? column.number(row) : as_double(*to);
    }
    frame_.replace(index, Column::of_doubles(step.column, std::move(values)));
  }
  return {};
}

Result<void> Applier::operator()(const MapStep& step) const {
  ASSIGN_OR_RETURN(const std::size_t index, index_of(step.column));
  const ColumnType type = frame_.column(index).type();
  if (step.integer_keys && type == ColumnType::kInteger) map_integers(index, step);
  if (!step.integer_keys && type == ColumnType::kText) map_texts(index, step);
  return {};
}

void Applier::map_integers(std::size_t index, const MapStep& step) const {
  const Column& column = frame_.column(index);
  TextTable texts;
  std::vector<std::pair<std::int64_t, std::uint32_t>> keys;  // sorted, with their codes
  for (const auto& [key, text] : step.values) {
    keys.emplace_back(std::get<std::int64_t>(key), texts.insert(text));
  }
  std::ranges::sort(keys);
  std::unordered_map<std::int64_t, std::uint32_t> others;  // values outside the table
  bool any_key = false;
  std::vector<std::uint32_t> codes;
  codes.reserve(column.size());
  for (const std::int64_t cell : column.integers()) {
    const auto key =
        std::ranges::lower_bound(keys, cell, {}, [](const auto& entry) { return entry.first; });
    if (key != keys.end() && key->first == cell) {
      any_key = true;
      codes.push_back(key->second);
      continue;
    }
    const auto [other, added] = others.emplace(cell, 0);
    if (added) other->second = texts.insert(std::to_string(cell));
    codes.push_back(other->second);
  }
  if (!any_key && typing_ == ColumnTyping::kWholeFile) return;
  frame_.replace(index, Column::of_text(step.column, std::make_shared<Dictionary>(texts.take()),
                                        std::move(codes)));
}

void Applier::map_texts(std::size_t index, const MapStep& step) const {
  const Column& column = frame_.column(index);
  std::unordered_map<std::string_view, std::string_view> table;
  for (const auto& [key, text] : step.values) table.emplace(std::get<std::string>(key), text);
  TextTable texts;
  std::vector<std::uint32_t> translation;
  translation.reserve(column.dictionary().size());
  for (const std::string& text : column.dictionary()) {
    const auto mapped = table.find(text);
    translation.push_back(texts.insert(mapped == table.end() ? text : mapped->second));
  }
  std::vector<std::uint32_t> codes(column.codes().begin(), column.codes().end());
  for (std::uint32_t& code : codes) {
    if (code != kMissingCode) code = translation[code];
  }
  frame_.replace(index, Column::of_text(step.column, std::make_shared<Dictionary>(texts.take()),
                                        std::move(codes)));
}

Result<void> Applier::operator()(const RatioStep& step) const {
  ASSIGN_OR_RETURN(const std::size_t above, index_of(step.numerator));
  ASSIGN_OR_RETURN(const std::size_t below, index_of(step.denominator));
  const Column& numerator = frame_.column(above);
  const Column& denominator = frame_.column(below);
  for (const Column* column : {&numerator, &denominator}) {
    if (column->type() == ColumnType::kText) return text_in_numbers(*column);
  }
  std::vector<double> values(frame_.rows());
  for (std::size_t row = 0; row < values.size(); ++row) {
    const double divisor = denominator.number(row);
    values[row] = divisor == 0 ? kNaN : numerator.number(row) / divisor;
  }
  return frame_.add(Column::of_doubles(step.column, std::move(values)));
}

Result<void> Applier::operator()(const ToDoubleStep& step) const {
  if (step.columns.empty()) {
    for (std::size_t index = 0; index < frame_.columns().size(); ++index) {
      const Column& column = frame_.column(index);
      if (column.type() != ColumnType::kInteger) continue;
      ASSIGN_OR_RETURN(Column doubles, column.as_doubles());
      frame_.replace(index, std::move(doubles));
    }
    return {};
  }
  for (const std::string& name : step.columns) {
    ASSIGN_OR_RETURN(const std::size_t index, index_of(name));
    const Column& column = frame_.column(index);
    if (column.type() == ColumnType::kText) return text_in_numbers(column);
    ASSIGN_OR_RETURN(Column doubles, column.as_doubles());
    frame_.replace(index, std::move(doubles));
  }
  return {};
}

Result<void> Applier::operator()(const KeepStep& step) const {
  Frame kept(frame_.rows());
  for (const std::string& name : step.columns) {
    ASSIGN_OR_RETURN(const std::size_t index, index_of(name));
    RETURN_IF_ERROR(kept.add(frame_.remove(index)));
  }
  frame_ = std::move(kept);
  return {};
}

Result<void> Applier::operator()(const DropStep& step) const {
  for (const std::string& name : step.columns) {
    ASSIGN_OR_RETURN(const std::size_t index, index_of(name));
    frame_.remove(index);
  }
  return {};
}

Result<void> Applier::operator()(const RenameStep& step) const {
  ASSIGN_OR_RETURN(const std::size_t index, index_of(step.from));
  if (frame_.index_of(step.to)) {
    return fail(ErrorCode::kInput, "cannot rename " + step.from + ": there is a column " + step.to,
                source_.file, "a name that is free");
  }
  Column column = frame_.column(index);
  column.rename(step.to);
  frame_.replace(index, std::move(column));
  return {};
}

}  // namespace

Result<void> apply_step(const RecipeStep& step, Frame& frame, const RowSource& source,
                        ColumnTyping typing) {
  return std::visit(Applier(frame, source, typing), step.action);
}

}  // namespace clairscore
