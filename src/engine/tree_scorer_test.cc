#include "engine/tree_scorer.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <bit>

#include "engine/test_support.h"

namespace clairscore {
namespace {

using testing::Random;
using testing::Shape;

RC_GTEST_PROP(TreeScorerTest, HasTheBitsOfThePlainWalk, (std::uint64_t seed)) {
  Random random(seed);
  const Shape shape = testing::random_shape(random);
  const TreeEnsemble ensemble = random.ensemble(shape);
  const auto encoder = RowEncoder::build(ensemble).value();
  const TreeScorer scorer(ensemble, encoder);
  const std::size_t count = random.between(1, 600);
  const auto columns = random.columns(shape, count);
  const auto plain_columns = testing::pointers(columns);
  const auto rows = encoder.open(plain_columns, count);
  std::vector<double> expected(count * shape.outputs);
  ensemble.raw_scores(plain_columns, count, expected);
  for (const InstructionSet set : testing::instruction_sets()) {
    std::vector<double> scores(count * shape.outputs);
    RC_ASSERT(scorer.score(rows, 0, count, scores.data(), kernels(set)));
    for (std::size_t i = 0; i < scores.size(); ++i) {
      RC_ASSERT(std::bit_cast<std::uint64_t>(scores[i]) ==
                std::bit_cast<std::uint64_t>(expected[i]));
    }
  }
  std::vector<std::uint8_t> codes(encoder.columns());
  std::vector<double> one(shape.outputs);
  for (std::size_t r = 0; r < count; r += 7) {
    RC_ASSERT(encoder.encode(rows, r, 1, codes.data(), 1, kernels(best_instruction_set())));
    scorer.score_row(codes.data(), one.data());
    for (std::size_t k = 0; k < one.size(); ++k) {
      RC_ASSERT(std::bit_cast<std::uint64_t>(one[k]) ==
                std::bit_cast<std::uint64_t>(expected[r * shape.outputs + k]));
    }
  }
}

TEST(TreeScorerTest, ScoresAnyRunOfRows) {
  Random random(7);
  Shape shape;
  shape.trees = 20;
  const TreeEnsemble ensemble = random.ensemble(shape);
  const auto encoder = RowEncoder::build(ensemble).value();
  const TreeScorer scorer(ensemble, encoder);
  const auto columns = random.columns(shape, 1500);
  const auto rows = encoder.open(testing::pointers(columns), 1500);
  std::vector<double> all(1500);
  const Kernels& best = kernels(best_instruction_set());
  ASSERT_TRUE(scorer.score(rows, 0, 1500, all.data(), best));
  for (const auto& [begin, count] :
       {std::pair<std::size_t, std::size_t>{0, 1}, {3, 64}, {511, 2}, {700, 800}, {1499, 1}}) {
    std::vector<double> some(count);
    ASSERT_TRUE(scorer.score(rows, begin, count, some.data(), best));
    for (std::size_t i = 0; i < count; ++i) EXPECT_EQ(some[i], all[begin + i]);
  }
}

}  // namespace
}  // namespace clairscore
