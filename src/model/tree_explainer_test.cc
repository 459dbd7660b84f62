#include "model/tree_explainer.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "engine/tree_estimator.h"
#include "model/walking_explainer.h"

namespace clairscore {
namespace {

/// A random ensemble over `features` columns with numeric, missing and categorical splits.
TreeEnsemble random_ensemble(std::mt19937_64& random, std::size_t features, std::size_t trees,
                             std::size_t max_depth, std::size_t outputs) {
  const auto below = [&](std::size_t n) { return static_cast<std::uint32_t>(random() % n); };
  TreeEnsemble::Parts parts;
  parts.features = features;
  for (std::size_t k = 0; k < outputs; ++k) parts.baseline.push_back(0.25 * below(9) - 1);
  parts.known_categories.resize(features);
  for (CategorySet& known : parts.known_categories) {
    for (int i = 0; i < 4; ++i) known.insert(static_cast<std::uint8_t>(below(6)));
  }
  for (std::size_t t = 0; t < trees * outputs; ++t) {
    Tree tree(1);
    tree[0].cover = 1000;
    std::vector<std::pair<std::uint32_t, std::size_t>> open{{0, 0}};
    while (!open.empty()) {
      const auto [at, depth] = open.back();
      open.pop_back();
      TreeNode& node = tree[at];
      if (depth == max_depth || (depth > 0 && below(4) == 0)) {
        node.value = static_cast<double>(random() % 2001) / 1000 - 1;
        continue;
      }
      node.feature = below(features);
      node.missing_goes_left = below(2) == 0;
      if (below(3) == 0) {
        node.kind = TreeNode::Kind::kCategorical;
        node.category_set = static_cast<std::uint32_t>(parts.category_sets.size());
        CategorySet left;
        for (int i = 0; i < 3; ++i) left.insert(static_cast<std::uint8_t>(below(6)));
        parts.category_sets.push_back(left);
      } else {
        node.kind = TreeNode::Kind::kNumeric;
        node.threshold = below(8) == 0 ? INFINITY : static_cast<double>(below(5));
      }
      const double share = static_cast<double>(below(9) + 1) / 10;
      node.left = static_cast<std::uint32_t>(tree.size());
      node.right = node.left + 1;
      const double cover = node.cover;
      open.emplace_back(node.left, depth + 1);
      open.emplace_back(node.right, depth + 1);
      tree.resize(tree.size() + 2);
      tree[tree.size() - 2].cover = cover * share;
      tree[tree.size() - 1].cover = cover * (1 - share);
    }
    parts.trees.push_back(std::move(tree));
  }
  return TreeEnsemble::build(std::move(parts)).value();
}

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::vector<double> random_row(std::mt19937_64& random, std::size_t features) {
  static constexpr double kValues[] = {kNan, -1, 0, 0.5, 1, 2, 3, 4, 5, 7, kInfinity, -kInfinity};
  std::vector<double> row(features);
  for (double& value : row) value = kValues[random() % std::size(kValues)];
  return row;
}

/// The value of a coalition by its definition: features in `known` (a bit set) follow the row, the
/// others average over both children by cover.
double coalition_value(const TreeEnsemble& ensemble, const Tree& tree, std::uint32_t at,
                       const std::vector<double>& row, std::uint32_t known) {
  const TreeNode& node = tree[at];
  if (node.kind == TreeNode::Kind::kLeaf) return node.value;
  if (((known >> node.feature) & 1U) != 0) {
    const bool left = ensemble.goes_left(node, row[node.feature]);
    return coalition_value(ensemble, tree, left ? node.left : node.right, row, known);
  }
  const double left = coalition_value(ensemble, tree, node.left, row, known);
  const double right = coalition_value(ensemble, tree, node.right, row, known);
  return (tree[node.left].cover * left + tree[node.right].cover * right) / node.cover;
}

/// Shapley's formula over every subset of the features.
std::vector<double> brute_force(const TreeEnsemble& ensemble, const std::vector<double>& row) {
  const std::size_t features = ensemble.features();
  std::vector<double> weight(features);  // by size of the coalition: s! (n - s - 1)! / n!
  for (std::size_t s = 0; s < features; ++s) {
    weight[s] = std::exp(std::lgamma(static_cast<double>(s + 1)) +
                         std::lgamma(static_cast<double>(features - s)) -
                         std::lgamma(static_cast<double>(features + 1)));
  }
  std::vector<double> phi(ensemble.outputs() * features);
  for (std::size_t t = 0; t < ensemble.trees().size(); ++t) {
    std::vector<double> value(std::size_t{1} << features);
    for (std::uint32_t known = 0; known < value.size(); ++known) {
      value[known] = coalition_value(ensemble, ensemble.trees()[t], 0, row, known);
    }
    for (std::uint32_t known = 0; known < value.size(); ++known) {
      for (std::size_t f = 0; f < features; ++f) {
        if (((known >> f) & 1U) != 0) continue;
        const auto size = static_cast<std::size_t>(__builtin_popcount(known));
        phi[t % ensemble.outputs() * features + f] +=
            weight[size] * (value[known | (1U << f)] - value[known]);
      }
    }
  }
  return phi;
}

RC_GTEST_PROP(TreeExplainerTest, EqualsShapleysFormulaOverAllSubsets, (std::uint64_t seed)) {
  std::mt19937_64 random(seed);
  const std::size_t features = 1 + random() % 9;
  const std::size_t outputs = 1 + random() % 3;
  auto ensemble = std::make_shared<const TreeEnsemble>(
      random_ensemble(random, features, 1 + random() % 3, 1 + random() % 8, outputs));
  const TreeExplainer explainer(ensemble);
  const auto row = random_row(random, features);
  std::vector<double> phi(outputs * features);
  explainer.explain(row, phi);
  const auto expected = brute_force(*ensemble, row);
  for (std::size_t i = 0; i < phi.size(); ++i) RC_ASSERT(std::fabs(phi[i] - expected[i]) < 1e-12);
}

RC_GTEST_PROP(TreeExplainerTest, BaseAndContributionsAddUpToTheScoreAtAnyDepth,
              (std::uint64_t seed)) {
  std::mt19937_64 random(seed);
  const std::size_t features = 30;
  auto ensemble = std::make_shared<const TreeEnsemble>(
      random_ensemble(random, features, 1, 1 + random() % 20, 1));
  const TreeExplainer explainer(ensemble);
  const auto row = random_row(random, features);
  std::vector<double> phi(features);
  explainer.explain(row, phi);
  double sum = explainer.base_values()[0];
  for (const double part : phi) sum += part;
  std::vector<double> raw(1);
  ensemble->raw_score(row, raw);
  RC_ASSERT(std::fabs(sum - raw[0]) < 1e-12);
}

RC_GTEST_PROP(WalkingExplainerTest, EqualsShapleysFormulaOverAllSubsets, (std::uint64_t seed)) {
  std::mt19937_64 random(seed);
  const std::size_t features = 1 + random() % 9;
  const std::size_t outputs = 1 + random() % 3;
  auto ensemble = std::make_shared<const TreeEnsemble>(
      random_ensemble(random, features, 1 + random() % 3, 1 + random() % 8, outputs));
  const WalkingExplainer explainer(ensemble);
  const auto row = random_row(random, features);
  std::vector<double> phi(outputs * features, 9.0);
  explainer.explain(row, phi);
  const auto expected = brute_force(*ensemble, row);
  for (std::size_t i = 0; i < phi.size(); ++i) RC_ASSERT(std::fabs(phi[i] - expected[i]) < 1e-12);
}

// Few features are tested again and again on a path, many make it a polynomial of high degree.
RC_GTEST_PROP(WalkingExplainerTest, EqualsTheExplainerThatKeepsPaths, (std::uint64_t seed)) {
  std::mt19937_64 random(seed);
  const std::size_t features = 1 + random() % 30;
  auto ensemble = std::make_shared<const TreeEnsemble>(
      random_ensemble(random, features, 2, 1 + random() % 20, 2));
  const WalkingExplainer walking(ensemble);
  const TreeExplainer keeping(ensemble);
  const auto row = random_row(random, features);
  std::vector<double> phi(2 * features);
  std::vector<double> expected(2 * features);
  walking.explain(row, phi);
  keeping.explain(row, expected);
  for (std::size_t i = 0; i < phi.size(); ++i) RC_ASSERT(std::fabs(phi[i] - expected[i]) < 1e-12);
  for (std::size_t k = 0; k < 2; ++k) {
    RC_ASSERT(std::fabs(walking.base_values()[k] - keeping.base_values()[k]) < 1e-12);
  }
}

// 2^18 leaves: more tests on paths than are kept.
TEST(WalkingExplainerTest, ExplainsWhatIsTooLargeToKeep) {
  constexpr std::size_t depth = 18;
  constexpr std::size_t features = 7;
  TreeEnsemble::Parts parts;
  parts.features = features;
  parts.baseline = {0};
  Tree tree((std::size_t{2} << depth) - 1);
  for (std::size_t n = 0; n < tree.size(); ++n) {
    const bool leaf = 2 * n + 1 >= tree.size();
    const std::size_t rows = tree.size() / (n + 1) + 1;
    tree[n].cover = static_cast<double>(rows);
    tree[n].value = leaf ? static_cast<double>(n % 1000) : 0;
    if (leaf) continue;
    tree[n].kind = TreeNode::Kind::kNumeric;
    tree[n].feature = static_cast<std::uint32_t>(n * 2654435761U % features);
    tree[n].threshold = static_cast<double>(n % 5);
    tree[n].left = static_cast<std::uint32_t>(2 * n + 1);
    tree[n].right = static_cast<std::uint32_t>(2 * n + 2);
  }
  for (std::size_t n = tree.size() / 2; n-- > 0;) {
    tree[n].cover = tree[2 * n + 1].cover + tree[2 * n + 2].cover;
  }
  parts.trees.push_back(std::move(tree));
  TreeEnsemble ensemble = TreeEnsemble::build(std::move(parts)).value();
  EXPECT_EQ(ensemble.path_tests(), depth << depth);
  EXPECT_EQ(kept_path_bytes(ensemble), 0U);
  const auto estimator = make_tree_estimator({"Tree", {}, nullptr, std::move(ensemble)}).value();
  Frame rows;
  for (std::size_t f = 0; f < features; ++f) {
    ASSERT_TRUE(
        rows.add(Column::of_doubles(std::to_string(f), {static_cast<double>(f) - 2, kNan, 3})));
  }
  std::vector<double> raw(3);
  std::vector<double> phi(3 * features);
  ASSERT_TRUE(estimator->raw_scores(rows, raw));
  ASSERT_TRUE(estimator->explain(rows, phi));
  EXPECT_EQ(estimator->engine_on({}), nullptr);
  for (std::size_t r = 0; r < 3; ++r) {
    double sum = estimator->base_values()[0];
    for (std::size_t f = 0; f < features; ++f) sum += phi[r * features + f];
    EXPECT_NEAR(sum, raw[r], 1e-9);
  }
}

TEST(TreeExplainerTest, ALoneLeafContributesToTheBaseOnly) {
  TreeEnsemble::Parts parts;
  parts.features = 2;
  parts.baseline = {0.5};
  parts.trees.resize(1);
  parts.trees[0].resize(1);
  parts.trees[0][0].value = 2;
  parts.trees[0][0].cover = 7;
  const auto ensemble =
      std::make_shared<const TreeEnsemble>(TreeEnsemble::build(std::move(parts)).value());
  const TreeExplainer explainer(ensemble);
  const WalkingExplainer walking(ensemble);
  std::vector<double> phi{9, 9};
  explainer.explain(std::vector<double>{1, 2}, phi);
  EXPECT_EQ(explainer.base_values()[0], 2.5);
  EXPECT_EQ(phi, (std::vector<double>{0, 0}));
  phi = {9, 9};
  walking.explain(std::vector<double>{1, 2}, phi);
  EXPECT_EQ(walking.base_values()[0], 2.5);
  EXPECT_EQ(phi, (std::vector<double>{0, 0}));
}

}  // namespace
}  // namespace clairscore
