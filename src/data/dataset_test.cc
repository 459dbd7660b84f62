#include "data/dataset.h"

#include <gtest/gtest.h>

namespace clairscore {
namespace {

TEST(DatasetTest, NamesARepeatedIdentifierWithBothRows) {
  const auto recipe = Recipe::parse("recipe: 1\nname: small\nidentifier: id\n", "r.yaml");
  ASSERT_TRUE(recipe) << to_string(recipe.error());
  Signature signature;
  signature.inputs = {{.name = "x"}};
  const auto dataset = Dataset::load(as_bytes("id,x\n5,1\n4,2\n5,3\n"), "file.csv", **recipe,
                                     signature, OnBadRow::kRefuse, 1);
  ASSERT_FALSE(dataset);
  EXPECT_EQ(dataset.error().what, "identifier 5 is repeated; it stands first at file.csv:1:id");
  EXPECT_EQ(dataset.error().where, "file.csv:3:id");
}

}  // namespace
}  // namespace clairscore
