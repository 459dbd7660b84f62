#include "frame/column.h"

#include <cmath>
#include <limits>
#include <unordered_map>
#include <utility>

namespace clairscore {

std::string_view to_string(ColumnType type) {
  switch (type) {
    case ColumnType::kInteger:
      return "integer";
    case ColumnType::kBoolean:
      return "boolean";
    case ColumnType::kDouble:
      return "double";
    case ColumnType::kText:
      return "text";
  }
  return "unknown";
}

Column Column::of_integers(std::string name, std::vector<std::int64_t> values) {
  return {std::move(name), ColumnType::kInteger, std::move(values)};
}

Column Column::of_booleans(std::string name, std::vector<std::int64_t> values) {
  return {std::move(name), ColumnType::kBoolean, std::move(values)};
}

Column Column::of_doubles(std::string name, std::vector<double> values) {
  return {std::move(name), ColumnType::kDouble, std::move(values)};
}

Column Column::of_text(std::string name, std::shared_ptr<const Dictionary> dictionary,
                       std::vector<std::uint32_t> codes) {
  return {std::move(name), ColumnType::kText, Text{std::move(dictionary), std::move(codes)}};
}

Column Column::of_strings(std::string name, std::span<const char* const> values) {
  auto dictionary = std::make_shared<Dictionary>();
  std::unordered_map<std::string_view, std::uint32_t> known;
  std::vector<std::uint32_t> codes;
  codes.reserve(values.size());
  for (const char* value : values) {
    if (value == nullptr) {
      codes.push_back(kMissingCode);
      continue;
    }
    const auto [entry, added] = known.emplace(value, static_cast<std::uint32_t>(known.size()));
    if (added) dictionary->emplace_back(value);
    codes.push_back(entry->second);
  }
  return of_text(std::move(name), std::move(dictionary), std::move(codes));
}

std::size_t Column::size() const {
  switch (type_) {
    case ColumnType::kDouble:
      return doubles().size();
    case ColumnType::kText:
      return codes().size();
    case ColumnType::kInteger:
    case ColumnType::kBoolean:
      break;
  }
  return integers().size();
}

std::span<const std::int64_t> Column::integers() const {
  return std::get<std::vector<std::int64_t>>(cells_);
}

std::span<const double> Column::doubles() const {
  return std::get<std::vector<double>>(cells_);
}

std::span<const std::uint32_t> Column::codes() const {
  return std::get<Text>(cells_).codes;
}

const Dictionary& Column::dictionary() const {
  return *std::get<Text>(cells_).dictionary;
}

const std::shared_ptr<const Dictionary>& Column::shared_dictionary() const {
  return std::get<Text>(cells_).dictionary;
}

bool Column::is_missing(std::size_t row) const {
  if (type_ == ColumnType::kDouble) return std::isnan(doubles()[row]);
  if (type_ == ColumnType::kText) return codes()[row] == kMissingCode;
  return false;
}

double Column::number(std::size_t row) const {
  if (type_ == ColumnType::kDouble) return doubles()[row];
  return static_cast<double>(integers()[row]);
}

Column Column::slice(std::size_t begin, std::size_t count) const {
  const auto part = [&](const auto& cells) {
    const auto first = cells.begin() + static_cast<std::ptrdiff_t>(begin);
    return std::vector(first, first + static_cast<std::ptrdiff_t>(count));
  };
  if (type_ == ColumnType::kDouble) return of_doubles(name_, part(doubles()));
  if (type_ == ColumnType::kText) return of_text(name_, shared_dictionary(), part(codes()));
  return {name_, type_, part(integers())};
}

Result<Column> Column::as_doubles() const {
  if (type_ == ColumnType::kDouble) return *this;
  if (type_ == ColumnType::kText) {
    return fail(ErrorCode::kInput, "text where numbers are needed", "column " + name_,
                "a numeric column");
  }
  std::vector<double> values;
  values.reserve(size());
  for (const std::int64_t value : integers()) values.push_back(static_cast<double>(value));
  return of_doubles(name_, std::move(values));
}

}  // namespace clairscore
