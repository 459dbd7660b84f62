#include "base/excerpt.h"

#include <gtest/gtest.h>

namespace clairscore {
namespace {

TEST(ExcerptTest, QuotesAndCutsAtTheEndOfACharacter) {
  EXPECT_EQ(quote_excerpt(""), "''");
  EXPECT_EQ(quote_excerpt("it's"), "'it's'");
  const std::string sixty(60, 'x');
  EXPECT_EQ(quote_excerpt(sixty), "'" + sixty + "'");
  EXPECT_EQ(quote_excerpt(sixty + "y"), "'" + sixty + "…'");
  const std::string fifty_nine(59, 'x');
  EXPECT_EQ(quote_excerpt(fifty_nine + "é"), "'" + fifty_nine + "…'");
}

}  // namespace
}  // namespace clairscore
