#include "engine/tree_engine.h"

#include <gtest/gtest.h>

namespace clairscore {
namespace {

TEST(KernelsTest, ThePortableOnesAreAlwaysThere) {
  EXPECT_TRUE(available(InstructionSet::kPortable));
  EXPECT_TRUE(available(best_instruction_set()));
}

}  // namespace
}  // namespace clairscore
