#include "data/choose_recipe.h"

#include <algorithm>
#include <set>

namespace clairscore {

namespace {

/// The columns that a recipe's steps make, rather than take from the file.
std::vector<std::string> made_columns(const Recipe& recipe) {
  std::vector<std::string> made;
  for (const std::string& name : recipe.outputs()) {
    if (!recipe.raw_name(name)) made.push_back(name);
  }
  return made;
}

bool has_all(const std::vector<std::string>& header, std::vector<std::string> wanted,
             const std::string& except = {}) {
  std::erase(wanted, except);
  return std::ranges::all_of(wanted, [&](const std::string& name) {
    return std::ranges::find(header, name) != header.end();
  });
}

bool has_every_input(const std::vector<std::string>& names, const Signature& signature) {
  const std::set<std::string_view> known(names.begin(), names.end());
  return std::ranges::all_of(
      signature.inputs, [&](const SignatureColumn& input) { return known.contains(input.name); });
}

/// No preparation, with the identifier column that a recipe at hand names.
Result<RecipePtr> no_recipe(const Signature& signature,
                            const std::optional<std::filesystem::path>& shipped,
                            const std::vector<std::string>& header) {
  std::vector<RecipePtr> at_hand;
  if (shipped) {
    ASSIGN_OR_RETURN(RecipePtr recipe, Recipe::load(*shipped));
    at_hand.push_back(std::move(recipe));
  }
  for (const std::string& name : Recipe::built_in_names()) {
    ASSIGN_OR_RETURN(RecipePtr recipe, Recipe::built_in(name));
    at_hand.push_back(std::move(recipe));
  }
  for (const RecipePtr& recipe : at_hand) {
    const std::string& name = recipe->identifier();
    const bool is_input = std::ranges::any_of(
        signature.inputs, [&](const SignatureColumn& input) { return input.name == name; });
    if (!name.empty() && !is_input && std::ranges::find(header, name) != header.end()) {
      return Recipe::none(name);
    }
  }
  return Recipe::none();
}

}  // namespace

Result<RecipePtr> choose_recipe(std::string_view asked, const Signature& signature,
                                const std::optional<std::filesystem::path>& shipped,
                                const std::vector<std::string>& header) {
  const std::vector<std::string> built_in = Recipe::built_in_names();
  if (asked == "none") return no_recipe(signature, shipped, header);
  if (!asked.empty()) {
    const std::filesystem::path path(asked);
    const bool named = std::ranges::find(built_in, asked) != built_in.end();
    // What looks like no file is reported as a name, with those there are.
    const bool file =
        path.has_extension() || path.has_parent_path() || std::filesystem::exists(path);
    return named || !file ? Recipe::built_in(asked) : Recipe::load(path);
  }
  if (shipped) return Recipe::load(*shipped);
  const bool has_inputs = has_every_input(header, signature);
  for (const std::string& name : built_in) {
    ASSIGN_OR_RETURN(RecipePtr recipe, Recipe::built_in(name));
    if (!has_every_input(recipe->outputs(), signature)) continue;
    // Raw rows hold the raw columns and none of those that the recipe makes; rows that hold neither
    // the inputs nor all raw columns are taken for raw ones, so that the error names what is
    // missing.
    const std::vector<std::string> made = made_columns(*recipe);
    const bool is_prepared = has_inputs && !made.empty() && has_all(header, made);
    const bool is_raw = has_all(header, recipe->columns(), recipe->identifier());
    if (!is_prepared && (is_raw || !has_inputs)) return recipe;
  }
  return no_recipe(signature, shipped, header);
}

Result<RecipePtr> choose_recipe(std::string_view asked, const LoadedModel& model,
                                const std::vector<std::string>& header) {
  return choose_recipe(asked, model.signature, model.recipe_path, header);
}

}  // namespace clairscore
