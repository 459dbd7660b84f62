#include "model/pipeline.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/tree_estimator.h"

namespace clairscore {
namespace {

/// Puts out "sum", the first two columns added, and passes the last one through; refuses 13.
class SumTransformer final : public Transformer {
 public:
  Result<std::vector<OutputColumn>> outputs(
      const std::vector<std::string>& input_names) const override {
    if (input_names.size() < 2) return fail(ErrorCode::kInput, "too few columns");
    return std::vector<OutputColumn>{{"sum", {0, 1}},
                                     {input_names.back(), {input_names.size() - 1}}};
  }
  Result<Frame> transform(const Frame& input) const override {
    std::vector<double> sums;
    for (std::size_t r = 0; r < input.rows(); ++r) {
      sums.push_back(input.column(0).number(r) + input.column(1).number(r));
      if (sums.back() == 13) return fail(ErrorCode::kInput, "thirteen");
    }
    Frame out(input.rows());
    RETURN_IF_ERROR(out.add(Column::of_doubles("sum", std::move(sums))));
    RETURN_IF_ERROR(out.add(input.columns().back()));
    return out;
  }
};

/// One stump on feature 0: below or at 10 scores -1, above +1.
EstimatorPtr stump(std::size_t features, std::vector<std::string> classes) {
  TreeEnsemble::Parts parts;
  parts.features = features;
  parts.baseline = {0};
  Tree tree(3);
  tree[0].kind = TreeNode::Kind::kNumeric;
  tree[0].threshold = 10;
  tree[0].left = 1;
  tree[0].right = 2;
  tree[0].cover = 4;
  tree[1].value = -1;
  tree[1].cover = 1;
  tree[2].value = 1;
  tree[2].cover = 3;
  parts.trees = {tree};
  return make_tree_estimator(
             {"Stump", std::move(classes), nullptr, TreeEnsemble::build(std::move(parts)).value()})
      .value();
}

Frame rows(std::size_t count) {
  std::vector<double> a(count);
  std::vector<std::int64_t> b(count);
  for (std::size_t i = 0; i < count; ++i) {
    a[i] = static_cast<double>(i % 9);
    b[i] = static_cast<std::int64_t>(i % 4);
  }
  Frame frame(count);
  EXPECT_TRUE(frame.add(Column::of_integers("b", b)));
  EXPECT_TRUE(frame.add(Column::of_doubles("unused", std::vector<double>(count))));
  EXPECT_TRUE(frame.add(Column::of_doubles("a", a)));
  return frame;
}

Pipeline example() {
  return Pipeline::build({"a", "b"}, {{"sum", std::make_shared<SumTransformer>()}},
                         stump(2, {"0", "1"}))
      .value();
}

TEST(PipelineTest, FindsInputsByNameAndTracesFeaturesToThem) {
  const Pipeline pipeline = example();
  ASSERT_EQ(pipeline.features().size(), 2U);
  EXPECT_EQ(pipeline.features()[0].name, "sum");
  EXPECT_EQ(pipeline.features()[0].inputs, (std::vector<std::size_t>{0, 1}));
  EXPECT_EQ(pipeline.features()[1].inputs, (std::vector<std::size_t>{1}));
  const Frame features = pipeline.transform(rows(5)).value();
  EXPECT_EQ(features.names(), (std::vector<std::string>{"sum", "b"}));
  EXPECT_EQ(features.column(0).doubles()[4], 4.0);
}

TEST(PipelineTest, ScoresAndExplainsTheSameOnAnyNumberOfThreads) {
  const Pipeline pipeline = example();
  const Frame input = rows(5000);
  const auto scores = pipeline.raw_scores(input, 1).value();
  const auto values = pipeline.explain(input, 1).value();
  EXPECT_EQ(scores, pipeline.raw_scores(input, 3).value());
  EXPECT_EQ(values, pipeline.explain(input, 3).value());
  const double base = pipeline.estimator()->base_values()[0];
  EXPECT_EQ(base, 0.5);
  for (std::size_t r = 0; r < 5000; ++r) {
    const double sum = static_cast<double>(r % 9) + static_cast<double>(r % 4);
    ASSERT_EQ(scores[r], sum <= 10 ? -1 : 1);
    ASSERT_EQ(base + values[2 * r] + values[2 * r + 1], scores[r]);
  }
}

TEST(PipelineTest, ProbabilitiesOfTwoClasses) {
  const auto estimator = stump(1, {"0", "1"});
  std::vector<double> out(2);
  estimator->probabilities(std::vector<double>{0}, out);
  EXPECT_EQ(out, (std::vector<double>{0.5, 0.5}));
  estimator->probabilities(std::vector<double>{-800}, out);
  EXPECT_EQ(out[1], 0.0);
  estimator->probabilities(std::vector<double>{800}, out);
  EXPECT_EQ(out[1], 1.0);
}

TEST(PipelineTest, SaysWhichColumnIsMissing) {
  Frame frame;
  ASSERT_TRUE(frame.add(Column::of_doubles("a", {1})));
  EXPECT_EQ(example().transform(frame).error().where, "column b");
}

TEST(PipelineTest, RefusesStepsThatDoNotFit) {
  const auto narrow =
      Pipeline::build({"a"}, {{"sum", std::make_shared<SumTransformer>()}}, nullptr);
  ASSERT_FALSE(narrow);
  EXPECT_EQ(to_string(narrow.error()), "too few columns, step sum");
  const auto wide = Pipeline::build({"a", "b"}, {{"sum", std::make_shared<SumTransformer>()}},
                                    stump(3, {"0", "1"}));
  ASSERT_FALSE(wide);
  EXPECT_EQ(wide.error().what, "the steps put out 2 columns and Stump expects 3");
}

TEST(PipelineTest, AnErrorInAnyBlockIsTheAnswer) {
  Frame frame;
  std::vector<double> a(3000, 1);
  a[2999] = 12;
  ASSERT_TRUE(frame.add(Column::of_doubles("a", a)));
  ASSERT_TRUE(frame.add(Column::of_doubles("b", std::vector<double>(3000, 1))));
  EXPECT_EQ(example().raw_scores(frame, 2).error().what, "thirteen");
}

TEST(TreeEstimatorTest, ClassesAndOutputsMustFit) {
  TreeEnsemble::Parts parts;
  parts.features = 1;
  parts.baseline = {0, 0};
  const auto made =
      make_tree_estimator({"X", {"0", "1"}, nullptr, TreeEnsemble::build(parts).value()});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().what, "2 outputs for 2 classes");
}

TEST(TreeEstimatorTest, SoftmaxOfSeveralClasses) {
  TreeEnsemble::Parts parts;
  parts.features = 1;
  parts.baseline = {0, 0, 0};
  const auto estimator =
      make_tree_estimator({"X", {"a", "b", "c"}, nullptr, TreeEnsemble::build(parts).value()})
          .value();
  std::vector<double> out(3);
  estimator->probabilities(std::vector<double>{1000, 1000, -1000}, out);
  EXPECT_EQ(out, (std::vector<double>{0.5, 0.5, 0}));
}

}  // namespace
}  // namespace clairscore
