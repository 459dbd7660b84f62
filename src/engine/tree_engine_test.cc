#include "engine/tree_engine.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <optional>
#include <string>

#include "base/parallel.h"
#include "engine/test_support.h"
#include "engine/tree_estimator.h"
#include "model/linked_estimator.h"
#include "model/pipeline.h"
#include "model/tree_explainer.h"

namespace clairscore {
namespace {

using testing::Random;
using testing::Shape;

TEST(KernelsTest, ThePortableOnesAreAlwaysThere) {
  EXPECT_TRUE(available(InstructionSet::kPortable));
  EXPECT_TRUE(available(best_instruction_set()));
  EXPECT_EQ(std::string(to_string(InstructionSet::kAvx512)), "AVX-512");
}

/// A pipeline without steps over random trees, and rows for it.
struct Example {
  Shape shape;
  std::shared_ptr<const TreeEnsemble> ensemble;
  Pipeline pipeline;
  Frame rows;

  static Example make(std::uint64_t seed, std::size_t count) {
    Random random(seed);
    Shape shape;
    shape.features = 9;
    shape.trees = 30;
    shape.max_depth = 9;
    shape.most_leaves = 31;
    auto ensemble = std::make_shared<const TreeEnsemble>(random.ensemble(shape));
    std::vector<std::string> names;
    Frame rows(count);
    const auto columns = random.columns(shape, count);
    for (std::size_t f = 0; f < shape.features; ++f) {
      names.emplace_back(1, 'f').append(std::to_string(f));
      EXPECT_TRUE(rows.add(Column::of_doubles(names.back(), columns[f])));
    }
    auto estimator = make_tree_estimator({"Trees", {}, nullptr, *ensemble}).value();
    return {shape, ensemble, Pipeline::build(names, {}, std::move(estimator)).value(),
            std::move(rows)};
  }
};

TEST(TreeEngineTest, ThreadsAndRunsOfRowsChangeNoBit) {
  const Example example = Example::make(3, 9000);
  const Pipeline& pipeline = example.pipeline;
  const auto scores = pipeline.raw_scores(example.rows, 1).value();
  const auto values = pipeline.explain(example.rows, 1).value();
  EXPECT_EQ(scores, pipeline.raw_scores(example.rows, 4).value());
  EXPECT_EQ(values, pipeline.explain(example.rows, 4).value());
  // As single requests ask for them, from several threads at once.
  const std::size_t width = example.shape.features;
  std::vector<double> again(scores.size());
  std::vector<double> values_again(values.size());
  parallel_blocks(9000, 100, 4, [&](std::size_t begin, std::size_t end) {
    for (std::size_t r = begin; r < end; ++r) {
      EXPECT_TRUE(pipeline.raw_scores(example.rows, {r, 1}, 1, std::span(again).subspan(r, 1)));
      EXPECT_TRUE(pipeline.explain(example.rows, {r, 1}, 1,
                                   std::span(values_again).subspan(r * width, width)));
    }
  });
  EXPECT_EQ(scores, again);
  EXPECT_EQ(values, values_again);
}

TEST(TreeEngineTest, InterventionalAndInteractionsAreTheSameOnAnyNumberOfThreads) {
  const Example example = Example::make(5, 3000);
  const Pipeline& pipeline = example.pipeline;
  const RowRange all{0, 3000};
  const auto run = [&](const PipelineExplainer& explainer, std::size_t threads) {
    std::vector<double> values(3000 * explainer.width());
    EXPECT_TRUE(explainer.explain(example.rows, all, threads, values));
    return values;
  };
  const auto one = pipeline.interventional(example.rows, 1).value();
  const auto four = pipeline.interventional(example.rows, 4).value();
  EXPECT_EQ(one.base_values()[0], four.base_values()[0]);
  EXPECT_EQ(run(one, 1), run(four, 4));
  EXPECT_EQ(run(pipeline.interactions(1).value(), 1), run(pipeline.interactions(4).value(), 4));
  EXPECT_EQ(pipeline.interactions(1)->width(), pipeline.interacting().size());
}

TEST(TreeEngineTest, BaseValuesAreThoseOfThePlainExplainer) {
  const Example example = Example::make(7, 1);
  const TreeExplainer plain(example.ensemble);
  EXPECT_EQ(example.pipeline.path_dependent(1).base_values()[0], plain.base_values()[0]);
}

/// Refuses missing and infinite numbers, as scikit-learn's trees do, and doubles the others.
class CheckedDoubles final : public Transformer {
 public:
  Result<std::vector<OutputColumn>> outputs(const std::vector<std::string>& names) const override {
    std::vector<OutputColumn> outputs;
    for (std::size_t i = 0; i < names.size(); ++i) outputs.push_back({names[i], {i}});
    return outputs;
  }
  std::optional<std::vector<CellRule>> cell_rules(
      const std::vector<std::string>& names) const override {
    if (!with_rules) return std::nullopt;
    std::vector<CellRule> rules(names.size());
    for (std::size_t i = 0; i < rules.size(); ++i) {
      rules[i].input = i;
      rules[i].limits = {true, INFINITY};
      rules[i].number = [](double x) { return 2 * x; };
    }
    return rules;
  }
  Result<Frame> transform(const Frame& input) const override {
    Frame out(input.rows());
    for (const Column& column : input.columns()) {
      std::vector<double> values(column.doubles().begin(), column.doubles().end());
      for (double& value : values) {
        if (!std::isfinite(value)) return fail(ErrorCode::kInput, "no number", column.name());
        value *= 2;
      }
      RETURN_IF_ERROR(out.add(Column::of_doubles(column.name(), std::move(values))));
    }
    return out;
  }

  explicit CheckedDoubles(bool rules) : with_rules(rules) {}
  bool with_rules;
};

TEST(TreeEngineTest, AScaledSumBehindAnEncoderIsTheSameByEngineAndWithout) {
  Random random(21);
  Shape shape;
  shape.features = 6;
  shape.trees = 12;
  shape.outputs = 3;
  const TreeEnsemble ensemble = random.ensemble(shape);
  constexpr std::size_t kRows = 300;
  Frame rows(kRows);
  std::vector<std::string> names;
  for (std::size_t f = 0; f < shape.features; ++f) {
    std::vector<double> values(kRows);
    for (double& value : values) value = 0.5 * static_cast<double>(random.below(8));
    names.emplace_back(1, 'f').append(std::to_string(f));
    ASSERT_TRUE(rows.add(Column::of_doubles(names.back(), values)));
  }
  const auto pipeline_of = [&](bool with_rules) {
    LinkedParts parts;
    parts.kind = "Forest";
    parts.classes = {"a", "b", "c"};
    parts.sum = make_tree_estimator(
                    {"Trees", {}, std::make_shared<const CheckedDoubles>(with_rules), ensemble})
                    .value();
    parts.divisor = 7;
    parts.factor = -0.5;
    parts.offset = 2;
    return Pipeline::build(names, {}, make_linked_estimator(std::move(parts)).value()).value();
  };
  const Pipeline engine = pipeline_of(true);
  const Pipeline plain = pipeline_of(false);
  ASSERT_TRUE(engine.interactions(1).has_value());
  ASSERT_FALSE(plain.interactions(1).has_value());
  EXPECT_EQ(engine.raw_scores(rows, 2).value(), plain.raw_scores(rows, 2).value());
  const auto fast = engine.explain(rows, 2).value();
  const auto slow = plain.explain(rows, 2).value();
  for (std::size_t i = 0; i < slow.size(); ++i) ASSERT_NEAR(fast[i], slow[i], 1e-12);
  const auto scores = engine.raw_scores(rows, 1).value();
  const auto check_sums = [&](const PipelineExplainer& explainer) {
    std::vector<double> values(kRows * 3 * shape.features);
    ASSERT_TRUE(explainer.explain(rows, {0, kRows}, 2, values));
    for (std::size_t i = 0; i < scores.size(); ++i) {
      double sum = explainer.base_values()[i % 3];
      for (std::size_t f = 0; f < shape.features; ++f) sum += values[i * shape.features + f];
      ASSERT_NEAR(sum, scores[i], 1e-12);
    }
  };
  check_sums(engine.path_dependent(1));
  check_sums(engine.interventional(rows.slice(0, 50), 1).value());
  const auto pairs = engine.interacting();
  const PipelineExplainer explainer = engine.interactions(1).value();
  std::vector<double> interactions(kRows * 3 * pairs.size());
  ASSERT_TRUE(explainer.explain(rows, {0, kRows}, 1, interactions));
  // Interactions are scaled as contributions are.
  const auto raw =
      make_tree_estimator({"Trees", {}, std::make_shared<const CheckedDoubles>(true), ensemble})
          .value();
  const Pipeline unscaled = Pipeline::build(names, {}, raw).value();
  std::vector<double> sums(interactions.size());
  ASSERT_TRUE(unscaled.interactions(1)->explain(rows, {0, kRows}, 1, sums));
  for (std::size_t i = 0; i < sums.size(); ++i) ASSERT_EQ(interactions[i], sums[i] / 7 * -0.5);

  // A cell that is refused is an error with and without the engine.
  std::vector<double> missing(kRows, 1);
  missing[77] = NAN;
  rows.replace(2, Column::of_doubles("f2", missing));
  EXPECT_EQ(engine.raw_scores(rows, 1).error().where, "f2");
  EXPECT_EQ(plain.raw_scores(rows, 1).error().where, "f2");
  EXPECT_EQ(engine.explain(rows, 1).error().where, "f2");
}

TEST(TreeEngineTest, WhatTheEngineDoesNotTakeIsRefusedAsBefore) {
  const Example example = Example::make(9, 10);
  Frame rows = example.rows;
  const std::vector<const char*> words(10, "word");
  rows.replace(4, Column::of_strings("f4", words));
  EXPECT_EQ(example.pipeline.raw_scores(rows, 1).error().where, "column f4");
  EXPECT_EQ(example.pipeline.explain(rows, 1).error().where, "column f4");
  EXPECT_EQ(example.pipeline.interventional(rows, 1).error().where, "column f4");
  rows.remove(2);
  EXPECT_EQ(example.pipeline.raw_scores(rows, 1).error().where, "column f2");
  EXPECT_EQ(example.pipeline.interventional(rows, 1).error().where, "column f2");
  EXPECT_EQ(example.pipeline.interventional(example.rows.slice(0, 0), 1).error().what,
            "a background without rows");
}

TEST(TreeEngineTest, MoreCategoriesThanCodesGoToThePlainTrees) {
  // A native feature whose 256 values all differ, beside missing.
  TreeEnsemble::Parts parts;
  parts.features = 1;
  parts.baseline = {0};
  parts.known_categories.resize(1);
  for (unsigned c = 0; c < 256; ++c) {
    parts.known_categories[0].insert(static_cast<std::uint8_t>(c));
    CategorySet only;
    only.insert(static_cast<std::uint8_t>(c));
    Tree tree(3);
    tree[0].kind = TreeNode::Kind::kCategorical;
    tree[0].category_set = c;
    tree[0].left = 1;
    tree[0].right = 2;
    tree[0].cover = 2;
    tree[1].cover = tree[2].cover = 1;
    tree[1].value = c + 1.0;
    parts.category_sets.push_back(only);
    parts.trees.push_back(tree);
  }
  const auto ensemble = TreeEnsemble::build(std::move(parts)).value();
  const std::vector<CellRule> rules(1);
  const std::vector<double> base{0.0};
  EXPECT_EQ(make_tree_engine(std::make_shared<const TreeEnsemble>(ensemble), rules, base), nullptr);
  const auto pipeline =
      Pipeline::build({"c"}, {}, make_tree_estimator({"Trees", {}, nullptr, ensemble}).value())
          .value();
  Frame rows;
  ASSERT_TRUE(rows.add(Column::of_doubles("c", {3, 255, NAN})));
  EXPECT_EQ(pipeline.raw_scores(rows, 1).value(), (std::vector<double>{4, 256, 0}));
  const auto values = pipeline.explain(rows, 1).value();
  EXPECT_NEAR(pipeline.path_dependent(1).base_values()[0] + values[0], 4, 1e-9);
  EXPECT_FALSE(pipeline.interactions(1).has_value());
  EXPECT_EQ(pipeline.interventional(rows, 1).error().code, ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace clairscore
