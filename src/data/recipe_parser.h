#pragma once

// YAML text -> Recipe. Every refusal names the file and the line; a key that is not known names the
// nearest one that is. The whole recipe is checked here, as far as it can be without data: columns
// that steps use exist at that point, no column is used both as numbers and as text. Pure,
// thread-safe.

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "data/recipe.h"

namespace clairscore {

inline constexpr std::size_t kMaxRecipeBytes = std::size_t{1} << 20U;

Result<std::shared_ptr<const Recipe>> parse_recipe(std::string_view yaml, const std::string& name);

}  // namespace clairscore
