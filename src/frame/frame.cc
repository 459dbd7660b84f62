#include "frame/frame.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace clairscore {

Frame::Frame(std::size_t rows, std::vector<Column> columns)
    : rows_(rows), columns_(std::move(columns)) {
  assert(std::all_of(columns_.begin(), columns_.end(),
                     [&](const Column& column) { return column.size() == rows_; }));
}

const Column* Frame::find(std::string_view name) const {
  const auto index = index_of(name);
  return index ? &columns_[*index] : nullptr;
}

std::optional<std::size_t> Frame::index_of(std::string_view name) const {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (columns_[i].name() == name) return i;
  }
  return std::nullopt;
}

Result<void> Frame::add(Column column) {
  if (columns_.empty() && rows_ == 0) rows_ = column.size();
  if (column.size() != rows_) {
    return fail(ErrorCode::kInput,
                "a column of " + std::to_string(column.size()) + " rows in a table of " +
                    std::to_string(rows_),
                "column " + column.name());
  }
  if (index_of(column.name())) {
    return fail(ErrorCode::kInput, "two columns of the same name", "column " + column.name(),
                "each name once");
  }
  columns_.push_back(std::move(column));
  return {};
}

void Frame::replace(std::size_t index, Column column) {
  assert(column.size() == rows_);
  columns_[index] = std::move(column);
}

Column Frame::remove(std::size_t index) {
  Column taken = std::move(columns_[index]);
  columns_.erase(columns_.begin() + static_cast<std::ptrdiff_t>(index));
  return taken;
}

Frame Frame::slice(std::size_t begin, std::size_t count) const {
  Frame part(count);
  part.columns_.reserve(columns_.size());
  for (const Column& column : columns_) part.columns_.push_back(column.slice(begin, count));
  return part;
}

std::vector<std::string> Frame::names() const {
  std::vector<std::string> names;
  names.reserve(columns_.size());
  for (const Column& column : columns_) names.push_back(column.name());
  return names;
}

}  // namespace clairscore
