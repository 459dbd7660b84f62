#include "transform/column_transformer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "transform/chain.h"
#include "transform/one_hot_encoder.h"
#include "transform/passthrough.h"

namespace clairscore {
namespace {

using ::testing::ElementsAre;

TransformerPtr passthrough() {
  return std::make_shared<const Passthrough>();
}

TransformerPtr one_hot() {
  auto index = CategoryIndex::build({Category::of_text("a"), Category::of_text("b")}).value();
  return OneHotEncoder::build({{std::move(index), {0, 1}, kNoSlot, {"a", "b"}}}).value();
}

/// Columns in the order given, one row: kind (text), x, y.
Frame frame(const std::vector<std::string>& order) {
  Frame rows(1);
  for (const std::string& name : order) {
    if (name == "kind") {
      EXPECT_TRUE(rows.add(Column::of_strings(name, std::vector<const char*>{"b"})));
    } else {
      EXPECT_TRUE(rows.add(Column::of_doubles(name, {name == "x" ? 1.0 : 2.0})));
    }
  }
  return rows;
}

ColumnTransformer::Parts example(std::vector<std::string> names) {
  return {3,
          std::move(names),
          {{"num", passthrough(), {2, 1}, 10.0, "num__", ""},
           {"cat", one_hot(), {0}, std::nullopt, "", ""}}};
}

TEST(ColumnTransformerTest, FindsColumnsByNameInAnyOrderAmongOthers) {
  const auto transformer = ColumnTransformer::build(example({"kind", "x", "y"})).value();
  for (const auto& order :
       std::vector<std::vector<std::string>>{{"kind", "x", "y"}, {"extra", "y", "x", "kind"}}) {
    const Frame out = transformer->transform(frame(order)).value();
    EXPECT_THAT(out.names(), ElementsAre("num__y", "num__x", "kind_a", "kind_b"));
    EXPECT_EQ(out.column(0).number(0), 20);
    EXPECT_EQ(out.column(1).number(0), 10);
    EXPECT_EQ(out.column(3).number(0), 1);
  }
  const auto outputs = transformer->outputs({"extra", "y", "x", "kind"}).value();
  EXPECT_THAT(outputs[0].inputs, ElementsAre(1));
  EXPECT_THAT(outputs[3].inputs, ElementsAre(3));
}

TEST(ColumnTransformerTest, FindsColumnsByPositionWhenItWasFittedWithoutNames) {
  const auto transformer = ColumnTransformer::build(example({})).value();
  EXPECT_EQ(transformer->transform(frame({"kind", "y", "x"})).value().column(0).number(0), 10);
  EXPECT_EQ(transformer->transform(frame({"kind", "x"})).error().accepted,
            "3 columns, as the transformer was fitted on");
}

TEST(ColumnTransformerTest, NamesAColumnThatIsMissing) {
  const auto transformer = ColumnTransformer::build(example({"kind", "x", "y"})).value();
  EXPECT_EQ(transformer->outputs({"kind", "x"}).error().where, "part num, column y");
}

TEST(ColumnTransformerTest, NamesThePartWhereARowIsRefused) {
  auto parts = example({"kind", "x", "y"});
  parts.parts[0].columns = {0};
  const auto transformer = ColumnTransformer::build(std::move(parts)).value();
  const auto refused = transformer->transform(frame({"kind", "x", "y"}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().where, "part num, column kind");
}

TEST(ColumnTransformerTest, RefusesSelectionsThatDoNotFit) {
  auto parts = example({"kind", "x", "y"});
  parts.parts[1].columns = {3};
  EXPECT_EQ(ColumnTransformer::build(std::move(parts)).error().where, "part cat");
  parts = example({"kind", "x", "y"});
  parts.parts[0].columns = {1, 1};
  EXPECT_EQ(ColumnTransformer::build(std::move(parts)).error().what,
            "column number 1 selected twice");
  EXPECT_FALSE(ColumnTransformer::build(example({"kind", "x"})));
}

TEST(ChainTest, FollowsColumnsThroughItsSteps) {
  const auto first = ColumnTransformer::build(example({"kind", "x", "y"})).value();
  const auto second =
      ColumnTransformer::build({4, {}, {{"last", passthrough(), {3, 0}, std::nullopt, "", ""}}})
          .value();
  const Chain chain({{"first", first}, {"second", second}});
  const auto outputs = chain.outputs({"kind", "x", "y"}).value();
  ASSERT_EQ(outputs.size(), 2U);
  EXPECT_EQ(outputs[0].name, "kind_b");
  EXPECT_THAT(outputs[0].inputs, ElementsAre(0));
  EXPECT_EQ(outputs[1].name, "num__y");
  EXPECT_THAT(outputs[1].inputs, ElementsAre(2));
  EXPECT_EQ(chain.transform(frame({"kind", "x", "y"})).value().column(1).number(0), 20);
  EXPECT_EQ(Chain({}).transform(frame({"x"})).value().column(0).number(0), 1);
}

}  // namespace
}  // namespace clairscore
