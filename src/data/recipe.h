#pragma once

// A recipe: how raw application rows become a model's inputs, as data (YAML), not code.
//
// The Home Credit recipe of the original system is built in; another is shipped as recipe.yaml
// beside MLmodel. docs/recipe.md describes the language. A Recipe is immutable and safe from any
// number of threads. Nothing in the code knows a column of any portfolio: identifier, main
// features, protected inputs and decimal mode are all named by the recipe.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "data/csv.h"
#include "frame/frame.h"

namespace clairscore {

class Recipe {
 public:
  /// Parses and validates YAML text. Errors kInput: `where` is "name:line". Size limit 1 MiB.
  static Result<std::shared_ptr<const Recipe>> parse(std::string_view yaml,
                                                     const std::string& name);
  static Result<std::shared_ptr<const Recipe>> load(const std::filesystem::path& path);
  /// A recipe that is built in ("home_credit"); kNotFound lists those there are.
  static Result<std::shared_ptr<const Recipe>> built_in(std::string_view name);
  /// No preparation: the rows are the model's own inputs, matched by name.
  static std::shared_ptr<const Recipe> none();

  virtual ~Recipe() = default;

  virtual const std::string& name() const = 0;
  virtual DecimalMode decimals() const = 0;
  /// Raw columns that are read; empty means all.
  virtual const std::vector<std::string>& columns() const = 0;
  /// The identifier column, or empty: rows are then numbered from 1.
  virtual const std::string& identifier() const = 0;
  /// Inputs shown first on the screen, in order.
  virtual const std::vector<std::string>& main_features() const = 0;
  /// Inputs that the law protects.
  virtual const std::vector<std::string>& protected_inputs() const = 0;
  /// Types to declare for streamed reading, from what each step needs.
  virtual const std::map<std::string, ColumnType, std::less<>>& declared_types() const = 0;

  /// The rows after every step, without the identifier column. Errors kInput name the column, the
  /// row (1 = the first of `raw`) and the value.
  virtual Result<Frame> apply(Frame raw) const = 0;
};

using RecipePtr = std::shared_ptr<const Recipe>;

}  // namespace clairscore
