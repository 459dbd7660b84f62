#include "data/recipe.h"

#include <utility>

#include "base/bytes.h"
#include "base/nearest.h"
#include "data/built_in_recipes.h"
#include "data/recipe_parser.h"

namespace clairscore {

Result<std::shared_ptr<const Recipe>> Recipe::parse(std::string_view yaml,
                                                    const std::string& name) {
  return parse_recipe(yaml, name);
}

Result<std::shared_ptr<const Recipe>> Recipe::load(const std::filesystem::path& path) {
  ASSIGN_OR_RETURN(const std::string yaml, read_text_file(path, kMaxRecipeBytes));
  return parse(yaml, path.string());
}

Result<std::shared_ptr<const Recipe>> Recipe::built_in(std::string_view name) {
  for (const BuiltInRecipe& recipe : built_in_recipes()) {
    if (recipe.name == name) return parse(recipe.yaml, std::string(name));
  }
  return fail(ErrorCode::kNotFound, "no built-in recipe named " + std::string(name), {},
              list_of_names(built_in_names()) + ", none, or a file");
}

std::vector<std::string> Recipe::built_in_names() {
  std::vector<std::string> names;
  for (const BuiltInRecipe& recipe : built_in_recipes()) names.emplace_back(recipe.name);
  return names;
}

std::shared_ptr<const Recipe> Recipe::none(std::string identifier) {
  auto recipe = std::shared_ptr<Recipe>(new Recipe());
  recipe->name_ = "none";
  recipe->identifier_ = std::move(identifier);
  return recipe;
}

Result<Frame> Recipe::apply(Frame raw, const RowSource& source, ColumnTyping typing) const {
  if (!identifier_.empty()) {
    if (const auto index = raw.index_of(identifier_)) raw.remove(*index);
  }
  for (const RecipeStep& step : steps_) RETURN_IF_ERROR(apply_step(step, raw, source, typing));
  return raw;
}

}  // namespace clairscore
