#pragma once

// What the steps of a recipe make of the columns, followed while the recipe is read: which there
// are at each point, which raw column each comes from, and what type the steps need it to be.
// One object, one thread.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "frame/column.h"

namespace clairscore {

class RecipeColumns {
 public:
  /// The raw columns; none when the recipe reads whatever the file has.
  explicit RecipeColumns(std::vector<std::string> raw = {});

  /// Whether every column is known at this point.
  bool complete() const { return complete_; }
  /// The columns, in order; only when complete().
  const std::vector<std::string>& names() const { return names_; }
  /// False when it is certain that there is no such column.
  bool may_exist(const std::string& name) const;
  /// True when it is certain that there is one.
  bool exists(const std::string& name) const { return columns_.contains(name); }

  /// Notes that a step needs a column to be integers, doubles (integers will do) or text. False
  /// when an earlier step needs the other sort or has made it so.
  bool need(const std::string& name, ColumnType type);
  /// Notes that a step turns a column into this type, or adds it.
  void make(const std::string& name, ColumnType type);
  /// Notes that a step turns a column of integers into doubles where a cell asks for it.
  void may_make_doubles(const std::string& name) { known(name).maybe_doubles = true; }
  /// Whether the cells decide if this column is still integers: what a step does to its rows by
  /// that would depend on other rows.
  bool maybe_doubles(const std::string& name) const;
  void drop(const std::string& name);
  void keep(const std::vector<std::string>& names);
  void rename(const std::string& from, const std::string& to);

  /// The column of the file whose cells a column still holds, whatever it is called now; nothing
  /// for one that a step added or turned into another type.
  std::optional<std::string> raw_name(const std::string& name) const;
  /// What the steps need raw columns to be.
  const std::map<std::string, ColumnType, std::less<>>& needed() const { return needed_; }

 private:
  struct Known {
    std::string raw;                 // the column of the file; empty for one that a step added
    std::optional<ColumnType> made;  // the type a step gave it
    bool maybe_doubles = false;
  };
  Known& known(const std::string& name);

  bool complete_;
  std::vector<std::string> names_;
  std::map<std::string, Known> columns_;
  std::set<std::string> gone_;
  std::map<std::string, ColumnType, std::less<>> needed_;
};

}  // namespace clairscore
