#include "model/tree_ensemble.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

namespace clairscore {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TreeNode leaf(double value, double cover = 1) {
  TreeNode node;
  node.value = value;
  node.cover = cover;
  return node;
}

TreeNode numeric(std::uint32_t feature, double threshold, bool missing_left, std::uint32_t left,
                 std::uint32_t right) {
  TreeNode node;
  node.kind = TreeNode::Kind::kNumeric;
  node.feature = feature;
  node.threshold = threshold;
  node.missing_goes_left = missing_left;
  node.left = left;
  node.right = right;
  node.cover = 2;
  return node;
}

TreeNode categorical(std::uint32_t feature, std::uint32_t set, bool missing_left) {
  TreeNode node = numeric(feature, 0, missing_left, 1, 2);
  node.kind = TreeNode::Kind::kCategorical;
  node.category_set = set;
  return node;
}

TreeEnsemble::Parts stump(const TreeNode& root) {
  TreeEnsemble::Parts parts;
  parts.features = 1;
  parts.baseline = {10};
  parts.trees = {{root, leaf(-1), leaf(+1)}};
  return parts;
}

double score(const TreeEnsemble& ensemble, double value) {
  std::array<double, 1> out{};
  ensemble.raw_score(std::array{value}, out);
  std::array<double, 1> block{};
  const double* column = &value;
  ensemble.raw_scores(std::span(&column, 1), 1, block);
  EXPECT_EQ(out[0], block[0]);
  return out[0];
}

TEST(TreeEnsembleTest, NumericTestsKeepTheThresholdOnTheLeft) {
  const auto ensemble = TreeEnsemble::build(stump(numeric(0, 1.5, false, 1, 2))).value();
  EXPECT_EQ(score(ensemble, 1.5), 9);
  EXPECT_EQ(score(ensemble, std::nextafter(1.5, 2)), 11);
  EXPECT_EQ(score(ensemble, -kInfinity), 9);
  EXPECT_EQ(score(ensemble, kInfinity), 11);
  EXPECT_EQ(score(ensemble, NAN), 11);
}

TEST(TreeEnsembleTest, AnInfiniteThresholdSeparatesMissingValuesOnly) {
  const auto ensemble = TreeEnsemble::build(stump(numeric(0, kInfinity, false, 1, 2))).value();
  EXPECT_EQ(score(ensemble, kInfinity), 9);
  EXPECT_EQ(score(ensemble, 1e308), 9);
  EXPECT_EQ(score(ensemble, NAN), 11);
}

TEST(TreeEnsembleTest, CategoriesFollowTheSetThenWhatIsKnownThenMissing) {
  for (const bool missing_left : {false, true}) {
    auto parts = stump(categorical(0, 0, missing_left));
    parts.category_sets.resize(1);
    parts.category_sets[0].insert(3);
    parts.known_categories.resize(1);
    parts.known_categories[0].insert(3);
    parts.known_categories[0].insert(200);
    const auto ensemble = TreeEnsemble::build(std::move(parts)).value();
    const double missing = missing_left ? 9 : 11;
    EXPECT_EQ(score(ensemble, 3), 9);
    EXPECT_EQ(score(ensemble, 3.9), 9);
    EXPECT_EQ(score(ensemble, 200), 11);
    EXPECT_EQ(score(ensemble, 4), missing);
    EXPECT_EQ(score(ensemble, NAN), missing);
    EXPECT_EQ(score(ensemble, -1), missing);
    EXPECT_EQ(score(ensemble, 256 + 3), 9) << "the category is cut to 8 bits";
    EXPECT_EQ(score(ensemble, kInfinity), missing);
  }
}

TEST(TreeEnsembleTest, TreesAddToTheirOutputInTurn) {
  TreeEnsemble::Parts parts;
  parts.features = 1;
  parts.baseline = {1, 2, 3};
  for (int i = 0; i < 6; ++i) parts.trees.push_back({leaf(10.0 * i)});
  const auto ensemble = TreeEnsemble::build(std::move(parts)).value();
  std::array<double, 3> out{};
  ensemble.raw_score(std::array{0.0}, out);
  EXPECT_EQ(out, (std::array{31.0, 52.0, 73.0}));
}

std::string refusal(TreeEnsemble::Parts parts) {
  const auto built = TreeEnsemble::build(std::move(parts));
  return built ? "accepted" : to_string(built.error());
}

TEST(TreeEnsembleTest, RefusesTreesThatAreNone) {
  const auto good = stump(numeric(0, 1, false, 1, 2));
  EXPECT_EQ(refusal(good), "accepted");
  auto parts = good;
  parts.trees[0][0].left = 7;
  EXPECT_EQ(refusal(parts), "child 7 of 3 nodes, tree 0, node 0");
  parts = good;
  parts.trees[0][0].left = 0;
  EXPECT_EQ(refusal(parts), "child 0 is reached twice, tree 0, node 0");
  parts = good;
  parts.trees[0][0].left = 2;
  EXPECT_EQ(refusal(parts), "child 2 is reached twice, tree 0, node 0");
  parts = good;
  parts.trees[0].push_back(leaf(1));
  EXPECT_EQ(refusal(parts), "a node that no path reaches, tree 0, node 3");
  parts = good;
  parts.trees[0][0].feature = 1;
  EXPECT_EQ(refusal(parts), "feature 1 of 1, tree 0, node 0");
  parts = good;
  parts.trees[0][1].value = NAN;
  EXPECT_EQ(refusal(parts), "a leaf value that is not a number, tree 0, node 1");
  parts = good;
  parts.trees[0][0].threshold = NAN;
  EXPECT_EQ(refusal(parts), "a threshold that is not a number, tree 0, node 0");
  parts = good;
  parts.trees[0][2].cover = 0;
  EXPECT_EQ(refusal(parts), "a cover that is not a positive number, tree 0, node 2");
  parts = stump(categorical(0, 0, false));
  EXPECT_EQ(refusal(parts), "category set 0 of 0, tree 0, node 0");
  parts = good;
  parts.baseline.clear();
  EXPECT_EQ(refusal(parts), "an ensemble without an output");
  parts = good;
  parts.trees.emplace_back();
  EXPECT_EQ(refusal(parts), "a tree without nodes, tree 1, node 0");
}

}  // namespace
}  // namespace clairscore
