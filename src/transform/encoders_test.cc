#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "transform/lookup_encoder.h"
#include "transform/one_hot_encoder.h"

namespace clairscore {
namespace {

using ::testing::ElementsAre;

CategoryIndex letters() {
  return CategoryIndex::build(
             {Category::of_text("a"), Category::of_text("b"), Category::of_text("c")})
      .value();
}

Frame one_column(std::vector<const char*> cells) {
  Frame frame(cells.size());
  EXPECT_TRUE(frame.add(Column::of_strings("x", cells)));
  return frame;
}

TEST(OneHotEncoderTest, PutsEachCategoryInItsSlot) {
  const auto encoder =
      OneHotEncoder::build({{letters(), {kNoSlot, 0, 1}, kNoSlot, {"b", "c"}}}).value();
  const Frame out = encoder->transform(one_column({"c", "a", "b", "?", nullptr})).value();
  EXPECT_THAT(out.names(), ElementsAre("x_b", "x_c"));
  EXPECT_THAT(out.column(0).doubles(), ElementsAre(0, 0, 1, 0, 0));
  EXPECT_THAT(out.column(1).doubles(), ElementsAre(1, 0, 0, 0, 0));
}

TEST(OneHotEncoderTest, RefusesAnUnknownCategoryWithoutASlotForIt) {
  const auto encoder =
      OneHotEncoder::build({{letters(), {0, 1, 2}, std::nullopt, {"a", "b", "c"}}}).value();
  EXPECT_EQ(encoder->transform(one_column({"a", "?"})).error().where, "column x, row 2");
}

TEST(OneHotEncoderTest, RefusesTablesThatDoNotFit) {
  EXPECT_FALSE(OneHotEncoder::build({{letters(), {0, 1}, kNoSlot, {"a", "b"}}}));
  EXPECT_FALSE(OneHotEncoder::build({{letters(), {0, 1, 2}, kNoSlot, {"a", "b"}}}));
  EXPECT_FALSE(OneHotEncoder::build({{letters(), {0, -2, 1}, kNoSlot, {"a", "b"}}}));
  EXPECT_FALSE(OneHotEncoder::build({{letters(), {0, 0, 0}, 1, {"a"}}}));
  const auto encoder = OneHotEncoder::build({{letters(), {0, 0, 0}, 0, {"a"}}}).value();
  EXPECT_EQ(encoder->outputs({"x", "y"}).error().accepted,
            "1 columns, as the transformer was fitted on");
}

TEST(OneHotEncoderTest, KeepsOutputNamesUnique) {
  const auto text = [](const char* name) {
    return CategoryIndex::build({Category::of_text(name)}).value();
  };
  const auto encoder = OneHotEncoder::build({{text("b_c"), {0}, kNoSlot, {"b_c"}},
                                             {text("c"), {0}, kNoSlot, {"c"}},
                                             {text("c"), {0}, kNoSlot, {"c (2)"}}})
                           .value();
  const auto outputs = encoder->outputs({"a", "a_b", "a_b"}).value();
  EXPECT_EQ(outputs[0].name, "a_b_c");
  EXPECT_EQ(outputs[1].name, "a_b_c (2)");
  EXPECT_EQ(outputs[2].name, "a_b_c (2) (2)");
  EXPECT_THAT(outputs[2].inputs, ElementsAre(2));
}

TEST(LookupEncoderTest, GivesEachCategoryItsValues) {
  LookupEncoder::InputColumn classes{letters(), {"_no", "_yes"}, {1, 2, 3, 4, 5, 6}, {{7, 8}}};
  const auto encoder = LookupEncoder::build({std::nullopt, std::move(classes)}).value();
  Frame input = one_column({"b", nullptr, "a"});
  ASSERT_TRUE(input.add(Column::of_strings("y", std::vector<const char*>{"c", "a", "?"})));
  const Frame out = encoder->transform(input).value();
  EXPECT_THAT(out.names(), ElementsAre("x", "y_no", "y_yes"));
  EXPECT_EQ(out.column(0).text(0), "b");
  EXPECT_THAT(out.column(1).doubles(), ElementsAre(5, 1, 7));
  EXPECT_THAT(out.column(2).doubles(), ElementsAre(6, 2, 8));
}

TEST(LookupEncoderTest, RefusesAnUnknownCategoryWithoutAValueForIt) {
  const auto encoder =
      LookupEncoder::build({LookupEncoder::InputColumn{letters(), {""}, {0, 1, 2}, {}}}).value();
  EXPECT_EQ(encoder->transform(one_column({"?"})).error().what, "unknown category: '?'");
}

TEST(LookupEncoderTest, RefusesTablesThatDoNotFit) {
  EXPECT_FALSE(LookupEncoder::build({LookupEncoder::InputColumn{letters(), {""}, {0, 1}, {}}}));
  EXPECT_FALSE(
      LookupEncoder::build({LookupEncoder::InputColumn{letters(), {""}, {0, 1, 2}, {{1, 2}}}}));
}

}  // namespace
}  // namespace clairscore
