#include "base/nearest.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace clairscore {
namespace {

using Names = std::vector<std::string>;

const Names kNames = {"age", "income", "incomes", "Rating"};

TEST(NearestName, IsNothingWhenNoneIsNear) {
  EXPECT_EQ(nearest_name("incme", kNames), "income");
  EXPECT_EQ(nearest_name("rating", kNames), "Rating");
  EXPECT_EQ(nearest_name("profession", kNames), std::nullopt);
  EXPECT_EQ(nearest_name(std::string(1000, 'a'), kNames), std::nullopt);
  EXPECT_EQ(nearest_name("age", Names{}), std::nullopt);
}

TEST(NearestNames, AreTheLeastDifferentHoweverMuch) {
  EXPECT_EQ(nearest_names("incomes", kNames, 2), (Names{"incomes", "income"}));
  EXPECT_EQ(nearest_names("a", kNames, 1), (Names{"age"}));
  EXPECT_EQ(nearest_names("x", kNames, 9).size(), 4U);
  EXPECT_EQ(nearest_names("x", Names{"b", "a"}, 1), (Names{"b"}));
  EXPECT_EQ(nearest_names(std::string(100'000, 'a'), kNames, 1).size(), 1U);
  EXPECT_TRUE(nearest_names("x", kNames, 0).empty());
}

TEST(Suggestion, NamesOneOrSaysNothing) {
  EXPECT_EQ(suggestion("incone", kNames), " (nearest: income)");
  EXPECT_EQ(suggestion("profession", kNames), "");
}

TEST(ListOfNames, EndsAfterTheEighth) {
  EXPECT_EQ(list_of_names(Names{}), "");
  EXPECT_EQ(list_of_names(Names{"a"}), "a");
  EXPECT_EQ(list_of_names(Names{"a", "b", "c"}), "a, b and c");
  EXPECT_EQ(list_of_names(Names(12, "n")), "n, n, n, n, n, n, n, n and 4 more");
}

}  // namespace
}  // namespace clairscore
