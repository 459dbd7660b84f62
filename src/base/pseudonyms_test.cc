#include "base/pseudonyms.h"

#include <gtest/gtest.h>

namespace clairscore {
namespace {

TEST(Pseudonyms, AreTheSameForTheSameNameAndTellNothing) {
  const Pseudonyms names;
  const std::string one = names.of("100285");
  EXPECT_EQ(one.size(), 17U);
  EXPECT_EQ(one.substr(0, 5), "hash:");
  EXPECT_EQ(names.of("100285"), one);
  EXPECT_EQ(Pseudonyms(names).of("100285"), one);
  EXPECT_NE(names.of("100286"), one);
  EXPECT_NE(Pseudonyms().of("100285"), one) << "another process has another salt";
}

TEST(Pseudonyms, MayBePlain) {
  EXPECT_EQ(Pseudonyms(true).of("100285"), "100285");
}

}  // namespace
}  // namespace clairscore
