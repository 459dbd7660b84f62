#include "base/secret.h"

#include <gtest/gtest.h>

namespace clairscore {
namespace {

TEST(SecretTest, OnlyTheSecretItselfIsTheSame) {
  EXPECT_TRUE(same_secret("hush", "hush"));
  EXPECT_FALSE(same_secret("hush!", "hush"));
  EXPECT_FALSE(same_secret("hus", "hush"));
  EXPECT_FALSE(same_secret("", "hush"));
  EXPECT_FALSE(same_secret("Hush", "hush"));
}

}  // namespace
}  // namespace clairscore
