#include "engine/table_explainer.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <bit>
#include <cmath>
#include <memory>
#include <set>

#include "engine/interactions.h"
#include "engine/test_support.h"
#include "model/tree_explainer.h"

namespace clairscore {
namespace {

using testing::Random;
using testing::Shape;

constexpr double kTolerance = 1e-12;

struct Example {
  Shape shape;
  std::shared_ptr<const TreeEnsemble> ensemble;
  RowEncoder encoder;
  std::size_t rows;
  std::vector<std::vector<double>> columns;
  RowEncoder::Rows opened;

  Example(Random& random, const Shape& of_shape, std::size_t row_count)
      : shape(of_shape),
        ensemble(std::make_shared<const TreeEnsemble>(random.ensemble(shape))),
        encoder(RowEncoder::build(*ensemble).value()),
        rows(row_count),
        columns(random.columns(shape, rows)),
        opened(encoder.open(testing::pointers(columns), rows)) {}

  std::size_t width() const { return shape.outputs * shape.features; }
};

bool same_bits(const std::vector<double>& a, const std::vector<double>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](double x, double y) {
    return std::bit_cast<std::uint64_t>(x) == std::bit_cast<std::uint64_t>(y);
  });
}

/// Explains all rows with every set of kernels, in other blocks and row by row: the same bits.
std::vector<double> explain_in_every_way(const Example& example, const TableExplainer& explainer) {
  std::vector<double> first;
  for (const InstructionSet set : testing::instruction_sets()) {
    std::vector<double> values(example.rows * example.width());
    RC_ASSERT(explainer.explain(example.opened, 0, example.rows, values.data(), kernels(set)));
    if (first.empty()) first = values;
    RC_ASSERT(same_bits(first, values));
    const std::size_t begin = example.rows / 3;
    std::vector<double> part((example.rows - begin) * example.width());
    RC_ASSERT(
        explainer.explain(example.opened, begin, example.rows - begin, part.data(), kernels(set)));
    RC_ASSERT(same_bits(
        part, {first.begin() + static_cast<std::ptrdiff_t>(begin * example.width()), first.end()}));
    std::vector<std::uint8_t> codes(example.encoder.columns());
    std::vector<double> one(example.width());
    for (std::size_t r = 0; r < example.rows; r += 5) {
      RC_ASSERT(example.encoder.encode(example.opened, r, 1, codes.data(), 1,
                                       kernels(best_instruction_set())));
      explainer.explain_row(codes.data(), one.data(), kernels(set));
      const auto at = first.begin() + static_cast<std::ptrdiff_t>(r * example.width());
      RC_ASSERT(same_bits(one, {at, at + static_cast<std::ptrdiff_t>(example.width())}));
    }
  }
  return first;
}

void check_additive(const Example& example, std::span<const double> base,
                    const std::vector<double>& values) {
  std::vector<double> raw(example.shape.outputs);
  for (std::size_t r = 0; r < example.rows; ++r) {
    example.ensemble->raw_score(testing::row_of(example.columns, r), raw);
    for (std::size_t k = 0; k < raw.size(); ++k) {
      double sum = base[k];
      for (std::size_t f = 0; f < example.shape.features; ++f) {
        sum += values[r * example.width() + k * example.shape.features + f];
      }
      RC_ASSERT(std::fabs(sum - raw[k]) < 1e-9);
    }
  }
}

RC_GTEST_PROP(TableExplainerTest, PathDependentValuesAreThoseOfThePlainExplainer,
              (std::uint64_t seed)) {
  Random random(seed);
  const Shape shape = testing::random_shape(random);
  const Example example(random, shape, random.between(1, 150));
  const auto explainer = TableExplainer::path_dependent(*example.ensemble, example.encoder, 1);
  const auto values = explain_in_every_way(example, explainer);
  const TreeExplainer plain(example.ensemble);
  std::vector<double> expected(example.width());
  for (std::size_t r = 0; r < example.rows; ++r) {
    plain.explain(testing::row_of(example.columns, r), expected);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      RC_ASSERT(std::fabs(values[r * example.width() + i] - expected[i]) < kTolerance);
    }
  }
  check_additive(example, plain.base_values(), values);
}

TEST(TableExplainerTest, APathOfMoreFeaturesThanLanesIsExact) {
  // A chain of 45 tests on 40 features, some of them twice: three groups of quadrature points are
  // exact for the longest path, and every leaf but the first few has no table.
  constexpr std::size_t kTests = 45;
  constexpr std::size_t kRows = 130;
  Random random(5);
  TreeEnsemble::Parts parts;
  parts.features = 40;
  parts.baseline = {0.5};
  parts.known_categories.resize(parts.features);
  Tree tree(2 * kTests + 1);
  tree[0].cover = 1e6;
  for (std::uint32_t n = 0; n < kTests; ++n) {
    TreeNode& node = tree[n == 0 ? 0 : 2 * n];
    node.kind = TreeNode::Kind::kNumeric;
    node.feature = n % 40;
    node.threshold = static_cast<double>(random.below(4));
    node.missing_goes_left = n % 3 == 0;
    node.left = 2 * n + 1;
    node.right = 2 * n + 2;
    tree[node.left].value = static_cast<double>(random.below(2001)) / 1000 - 1;
    tree[node.left].cover = node.cover * 0.2;
    tree[node.right].cover = node.cover * 0.8;
  }
  tree.back().value = 0.75;
  parts.trees.push_back(tree);
  const auto ensemble =
      std::make_shared<const TreeEnsemble>(TreeEnsemble::build(std::move(parts)).value());
  const RowEncoder encoder = RowEncoder::build(*ensemble).value();
  std::vector<std::vector<double>> columns(40, std::vector<double>(kRows));
  for (auto& column : columns) {
    // Mostly on to the right, so that rows get far down.
    for (double& value : column)
      value = random.below(12) == 0 ? 0 : random.below(30) == 0 ? NAN : 9;
  }
  const auto opened = encoder.open(testing::pointers(columns), kRows);
  const auto explainer = TableExplainer::path_dependent(*ensemble, encoder, 1);
  ASSERT_GT(explainer.plan().deep_leaves.size(), 30U);
  const TreeExplainer plain(ensemble);
  std::vector<double> first;
  for (const InstructionSet set : testing::instruction_sets()) {
    std::vector<double> values(kRows * 40);
    ASSERT_TRUE(explainer.explain(opened, 0, kRows, values.data(), kernels(set)));
    if (first.empty()) first = values;
    EXPECT_TRUE(same_bits(first, values));
  }
  std::vector<double> expected(40);
  std::vector<double> raw(1);
  for (std::size_t r = 0; r < kRows; ++r) {
    const auto row = testing::row_of(columns, r);
    plain.explain(row, expected);
    ensemble->raw_score(row, raw);
    double sum = plain.base_values()[0];
    for (std::size_t f = 0; f < 40; ++f) {
      ASSERT_NEAR(first[r * 40 + f], expected[f], kTolerance);
      sum += first[r * 40 + f];
    }
    ASSERT_NEAR(sum, raw[0], 1e-12);
  }
}

/// What a tree answers for a row whose features outside `known` are taken from another row.
double mixed_value(const TreeEnsemble& ensemble, const Tree& tree, const std::vector<double>& row,
                   const std::vector<double>& other, std::uint32_t known) {
  std::uint32_t at = 0;
  while (tree[at].kind != TreeNode::Kind::kLeaf) {
    const TreeNode& node = tree[at];
    const bool own = ((known >> node.feature) & 1U) != 0;
    const double value = own ? row[node.feature] : other[node.feature];
    at = ensemble.goes_left(node, value) ? node.left : node.right;
  }
  return tree[at].value;
}

/// The same with features outside `known` averaged over both children by cover.
double covered_value(const TreeEnsemble& ensemble, const Tree& tree, std::uint32_t at,
                     const std::vector<double>& row, std::uint32_t known) {
  const TreeNode& node = tree[at];
  if (node.kind == TreeNode::Kind::kLeaf) return node.value;
  if (((known >> node.feature) & 1U) != 0) {
    const bool left = ensemble.goes_left(node, row[node.feature]);
    return covered_value(ensemble, tree, left ? node.left : node.right, row, known);
  }
  const double left = covered_value(ensemble, tree, node.left, row, known);
  const double right = covered_value(ensemble, tree, node.right, row, known);
  return (tree[node.left].cover * left + tree[node.right].cover * right) / node.cover;
}

/// s! (n - s - 1)! / n!
double shapley_weight(std::size_t s, std::size_t n) {
  return std::exp(std::lgamma(static_cast<double>(s + 1)) +
                  std::lgamma(static_cast<double>(n - s)) -
                  std::lgamma(static_cast<double>(n + 1)));
}

/// Shapley's formula over all subsets of the features, for a game by its values.
std::vector<double> shapley(const std::vector<double>& game, std::size_t features) {
  std::vector<double> phi(features);
  for (std::uint32_t known = 0; known < game.size(); ++known) {
    for (std::size_t f = 0; f < features; ++f) {
      if (((known >> f) & 1U) != 0) continue;
      const auto size = static_cast<std::size_t>(std::popcount(known));
      phi[f] += shapley_weight(size, features) * (game[known | (1U << f)] - game[known]);
    }
  }
  return phi;
}

Shape small_shape(Random& random) {
  Shape shape;
  shape.features = random.between(1, 10);
  shape.trees = random.between(1, 3);
  shape.max_depth = random.between(1, 12);
  shape.outputs = random.between(1, 2);
  shape.most_leaves = random.between(2, 60);
  if (random.below(3) == 0) shape.thresholds = 300;
  return shape;
}

RC_GTEST_PROP(TableExplainerTest, InterventionalValuesAverageOverTheWholeBackground,
              (std::uint64_t seed)) {
  Random random(seed);
  const Shape shape = small_shape(random);
  const Example example(random, shape, random.between(1, 12));
  const std::size_t background_rows = random.between(1, 9);
  const auto background = random.columns(shape, background_rows);
  const auto opened = example.encoder.open(testing::pointers(background), background_rows);
  const auto explainer = TableExplainer::interventional(*example.ensemble, example.encoder, opened,
                                                        1, kernels(best_instruction_set()));
  RC_ASSERT(explainer.has_value());
  const auto values = explain_in_every_way(example, *explainer);
  check_additive(example, explainer->base_values(), values);

  const auto& trees = example.ensemble->trees();
  for (std::size_t r = 0; r < std::min<std::size_t>(example.rows, 2); ++r) {
    const auto row = testing::row_of(example.columns, r);
    for (std::size_t k = 0; k < shape.outputs; ++k) {
      std::vector<double> game(std::size_t{1} << shape.features);
      for (std::size_t t = k; t < trees.size(); t += shape.outputs) {
        for (std::size_t b = 0; b < background_rows; ++b) {
          const auto other = testing::row_of(background, b);
          for (std::uint32_t known = 0; known < game.size(); ++known) {
            game[known] += mixed_value(*example.ensemble, trees[t], row, other, known) /
                           static_cast<double>(background_rows);
          }
        }
      }
      const auto phi = shapley(game, shape.features);
      for (std::size_t f = 0; f < phi.size(); ++f) {
        RC_ASSERT(std::fabs(values[r * example.width() + k * shape.features + f] - phi[f]) <
                  kTolerance);
      }
      RC_ASSERT(std::fabs(explainer->base_values()[k] - example.ensemble->baseline()[k] - game[0]) <
                kTolerance);
    }
  }
}

TEST(TableExplainerTest, TheBackgroundMayBeOfAnySize) {
  Random random(11);
  Shape shape;
  shape.trees = 10;
  const Example example(random, shape, 40);
  const auto background = random.columns(shape, 5003);
  const auto opened = example.encoder.open(testing::pointers(background), 5003);
  const auto explainer = TableExplainer::interventional(*example.ensemble, example.encoder, opened,
                                                        2, kernels(best_instruction_set()));
  ASSERT_TRUE(explainer.has_value());
  double mean = 0;
  std::vector<double> raw(1);
  for (std::size_t r = 0; r < 5003; ++r) {
    example.ensemble->raw_score(testing::row_of(background, r), raw);
    mean += raw[0] / 5003;
  }
  EXPECT_NEAR(explainer->base_values()[0], mean, 1e-11);
}

RC_GTEST_PROP(InteractionExplainerTest, EqualsTheFormulaOverAllSubsets, (std::uint64_t seed)) {
  Random random(seed);
  const Shape shape = small_shape(random);
  const std::size_t n = shape.features;
  const Example example(random, shape, random.between(1, 70));
  const InteractionExplainer explainer(*example.ensemble, example.encoder, 1);
  const auto& pairs = explainer.pairs();
  const std::set<std::pair<std::size_t, std::size_t>> distinct(pairs.begin(), pairs.end());
  RC_ASSERT(distinct.size() == pairs.size());
  RC_ASSERT(interacting_features(*example.ensemble) == pairs);
  std::vector<double> values;
  for (const InstructionSet set : testing::instruction_sets()) {
    std::vector<double> again(example.rows * shape.outputs * pairs.size());
    RC_ASSERT(explainer.explain(example.opened, 0, example.rows, again.data(), kernels(set)));
    if (values.empty()) values = again;
    RC_ASSERT(same_bits(values, again));
  }
  const auto& trees = example.ensemble->trees();
  for (std::size_t r = 0; r < std::min<std::size_t>(example.rows, 2); ++r) {
    const auto row = testing::row_of(example.columns, r);
    for (std::size_t k = 0; k < shape.outputs; ++k) {
      std::vector<double> game(std::size_t{1} << n);
      for (std::size_t t = k; t < trees.size(); t += shape.outputs) {
        for (std::uint32_t known = 0; known < game.size(); ++known) {
          game[known] += covered_value(*example.ensemble, trees[t], 0, row, known);
        }
      }
      for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = i + 1; j < n; ++j) {
          // The Shapley interaction index: both together, less each alone, over the others.
          double both = 0;
          for (std::uint32_t known = 0; known < game.size(); ++known) {
            if (((known >> i) & 1U) != 0 || ((known >> j) & 1U) != 0) continue;
            const std::uint32_t with_i = known | (1U << i);
            const std::uint32_t with_j = known | (1U << j);
            both += shapley_weight(static_cast<std::size_t>(std::popcount(known)), n - 1) *
                    (game[with_i | with_j] - game[with_i] - game[with_j] + game[known]);
          }
          const auto listed = static_cast<std::size_t>(
              std::find(pairs.begin(), pairs.end(), std::pair{i, j}) - pairs.begin());
          const double value =
              listed < pairs.size() ? values[(r * shape.outputs + k) * pairs.size() + listed] : 0.0;
          RC_ASSERT(std::fabs(value - both / 2) < kTolerance);
        }
      }
    }
  }
}

}  // namespace
}  // namespace clairscore
