#include "data/recipe.h"

#include <gtest/gtest.h>

namespace clairscore {
namespace {

TEST(RecipeTest, HomeCreditIsBuiltIn) {
  const auto recipe = Recipe::built_in("home_credit");
  ASSERT_TRUE(recipe) << to_string(recipe.error());
  EXPECT_EQ((*recipe)->columns().size(), 52U);
  EXPECT_EQ((*recipe)->identifier(), "SK_ID_CURR");
  EXPECT_EQ((*recipe)->outputs().size(), 56U);
  EXPECT_EQ((*recipe)->declared_types().at("FLAG_MOBIL"), ColumnType::kInteger);
  EXPECT_EQ((*recipe)->declared_types().at("AMT_CREDIT"), ColumnType::kDouble);
  EXPECT_EQ((*recipe)->declared_types().at("CODE_GENDER"), ColumnType::kText);
}

TEST(RecipeTest, UnknownBuiltInNamesThoseThereAre) {
  const auto recipe = Recipe::built_in("german_credit");
  ASSERT_FALSE(recipe);
  EXPECT_EQ(recipe.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(recipe.error().accepted, "home_credit, none, or a file");
}

}  // namespace
}  // namespace clairscore
