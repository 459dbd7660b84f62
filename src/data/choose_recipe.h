#pragma once

// Which recipe prepares a file for a model. Pure but for reading recipe files; thread-safe.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "data/recipe.h"
#include "mlflow/loaded_model.h"

namespace clairscore {

/// The recipe asked for: the name of a built-in one, "none", or a file; a built-in name wins over a
/// file of that name. Empty: the model's own recipe.yaml where it has one; else the first built-in
/// recipe that makes every input of the model, unless the header shows rows that need no recipe:
/// prepared ones (every input, and the columns the recipe would make), or rows of another portfolio
/// (every input, but not the recipe's raw columns); else none. With none, the identifier is still
/// the column that the model's own recipe, or else a built-in one, calls so, where the file has it
/// and it is no input of the model.
Result<RecipePtr> choose_recipe(std::string_view asked, const Signature& signature,
                                const std::optional<std::filesystem::path>& shipped,
                                const std::vector<std::string>& header);

/// The same for a model that is loaded.
Result<RecipePtr> choose_recipe(std::string_view asked, const LoadedModel& model,
                                const std::vector<std::string>& header);

}  // namespace clairscore
