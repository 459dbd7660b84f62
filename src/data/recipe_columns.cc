#include "data/recipe_columns.h"

#include <algorithm>
#include <utility>

namespace clairscore {

RecipeColumns::RecipeColumns(std::vector<std::string> raw)
    : complete_(!raw.empty()), names_(std::move(raw)) {
  for (const std::string& name : names_) columns_[name] = {name, std::nullopt, false};
}

bool RecipeColumns::may_exist(const std::string& name) const {
  return columns_.contains(name) || (!complete_ && !gone_.contains(name));
}

RecipeColumns::Known& RecipeColumns::known(const std::string& name) {
  return columns_.try_emplace(name, Known{name, std::nullopt, false}).first->second;
}

bool RecipeColumns::need(const std::string& name, ColumnType type) {
  const Known& column = known(name);
  const bool text = type == ColumnType::kText;
  if (column.made) return (*column.made == ColumnType::kText) == text;
  if (column.raw.empty()) return true;
  const auto [entry, added] = needed_.emplace(column.raw, type);
  if (added) return true;
  if ((entry->second == ColumnType::kText) != text) return false;
  // Integers are numbers too: the stricter need stays.
  if (type == ColumnType::kInteger) entry->second = type;
  return true;
}

void RecipeColumns::make(const std::string& name, ColumnType type) {
  const auto found = columns_.find(name);
  if (found != columns_.end()) {
    found->second.made = type;
    found->second.maybe_doubles = false;
    return;
  }
  // A column nobody has mentioned is one of the file's when not all of those are known, and new
  // when they are.
  columns_[name] = {{}, type, false};
  names_.push_back(name);
  gone_.erase(name);
}

bool RecipeColumns::maybe_doubles(const std::string& name) const {
  const auto found = columns_.find(name);
  return found != columns_.end() && found->second.maybe_doubles;
}

void RecipeColumns::drop(const std::string& name) {
  std::erase(names_, name);
  columns_.erase(name);
  gone_.insert(name);
}

void RecipeColumns::keep(const std::vector<std::string>& names) {
  for (const std::string& name : names) known(name);
  std::erase_if(columns_, [&](const auto& entry) {
    return std::ranges::find(names, entry.first) == names.end();
  });
  names_ = names;
  complete_ = true;
}

void RecipeColumns::rename(const std::string& from, const std::string& to) {
  Known column = known(from);
  const auto place = std::ranges::find(names_, from);
  if (place != names_.end()) *place = to;
  columns_.erase(from);
  columns_[to] = std::move(column);
  gone_.insert(from);
  gone_.erase(to);
}

std::optional<std::string> RecipeColumns::raw_name(const std::string& name) const {
  const auto found = columns_.find(name);
  if (found == columns_.end()) return may_exist(name) ? std::optional(name) : std::nullopt;
  if (found->second.made || found->second.raw.empty()) return std::nullopt;
  return found->second.raw;
}

}  // namespace clairscore
