#pragma once

// A recipe: how raw application rows become a model's inputs, as data (YAML), not code.
//
// The Home Credit recipe of the original system is built in; another is shipped as recipe.yaml
// beside MLmodel. docs/recipe.md describes the language. A Recipe is immutable and safe from any
// number of threads. Nothing in the code knows a column of any portfolio: identifier, main
// features, protected inputs and decimal mode are all named by the recipe.

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "data/csv.h"
#include "data/recipe_columns.h"
#include "data/recipe_step.h"
#include "frame/frame.h"

namespace clairscore {

/// What to do with a file that lacks the identifier column.
enum class WithoutIdentifier { kRefuse, kNumberRows };

class Recipe {
 public:
  /// Parses and validates YAML text. Errors kInput: `where` is "name:line". Size limit 1 MiB.
  static Result<std::shared_ptr<const Recipe>> parse(std::string_view yaml,
                                                     const std::string& name);
  static Result<std::shared_ptr<const Recipe>> load(const std::filesystem::path& path);
  /// A recipe that is built in ("home_credit"); kNotFound lists those there are.
  static Result<std::shared_ptr<const Recipe>> built_in(std::string_view name);
  static std::vector<std::string> built_in_names();
  /// No preparation: the rows are the model's own inputs, matched by name, beside the identifier
  /// column where one is named.
  static std::shared_ptr<const Recipe> none(std::string identifier = {});

  /// "none" for none().
  const std::string& name() const { return name_; }
  const std::string& description() const { return description_; }
  DecimalMode decimals() const { return decimals_; }
  /// Raw columns that are read, the identifier among them; empty means all.
  const std::vector<std::string>& columns() const { return columns_; }
  /// The identifier column, or empty: rows are then numbered from 1.
  const std::string& identifier() const { return identifier_; }
  /// kInteger or kText when the recipe says which identifiers are; else the file decides.
  std::optional<ColumnType> identifier_type() const { return identifier_type_; }
  WithoutIdentifier without_identifier() const { return without_identifier_; }
  /// Inputs shown first on the screen, in order.
  const std::vector<std::string>& main_features() const { return main_features_; }
  /// Inputs that the law protects.
  const std::vector<std::string>& protected_inputs() const { return protected_inputs_; }
  /// The columns after every step, where the recipe says which are read; else empty.
  const std::vector<std::string>& outputs() const { return outputs_; }
  /// What the steps need raw columns to be (kInteger, kDouble or kText), and the identifier where
  /// the recipe says: for reading that cannot look at a whole column first. Columns no step needs
  /// to be anything are absent.
  const std::map<std::string, ColumnType, std::less<>>& declared_types() const {
    return declared_types_;
  }

  /// The raw column that a column after the steps still holds the numbers or texts of; nothing for
  /// one that a step made.
  std::optional<std::string> raw_name(const std::string& column) const {
    return columns_after_.raw_name(column);
  }

  /// The rows after every step, without the identifier column. Errors kInput name the column, the
  /// row and the value; `source` says where rows come from.
  Result<Frame> apply(Frame raw, const RowSource& source = {},
                      ColumnTyping typing = ColumnTyping::kWholeFile) const;

 private:
  friend class RecipeParser;
  Recipe() = default;

  std::string name_;
  std::string description_;
  DecimalMode decimals_ = DecimalMode::kExact;
  std::vector<std::string> columns_;
  std::string identifier_;
  std::optional<ColumnType> identifier_type_;
  WithoutIdentifier without_identifier_ = WithoutIdentifier::kRefuse;
  std::vector<RecipeStep> steps_;
  std::vector<std::string> main_features_;
  std::vector<std::string> protected_inputs_;
  std::vector<std::string> outputs_;
  std::map<std::string, ColumnType, std::less<>> declared_types_;
  RecipeColumns columns_after_;
};

using RecipePtr = std::shared_ptr<const Recipe>;

}  // namespace clairscore
