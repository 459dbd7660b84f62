#pragma once

// The recipes of recipes/ at the root, compiled into the program. Constant, thread-safe.

#include <span>
#include <string_view>

namespace clairscore {

struct BuiltInRecipe {
  std::string_view name;
  std::string_view yaml;
};

std::span<const BuiltInRecipe> built_in_recipes();

}  // namespace clairscore
