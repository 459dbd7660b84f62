#include "transform/category_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

namespace clairscore {
namespace {

using ::testing::HasSubstr;
using Codes = std::vector<std::int32_t>;

CategoryIndex index_of(const std::vector<Category>& categories) {
  return CategoryIndex::build(categories).value();
}

Column texts(std::vector<const char*> cells) {
  return Column::of_strings("job", cells);
}

TEST(CategoryIndexTest, FindsTextsByteForByte) {
  const CategoryIndex index =
      index_of({Category::of_text("core"), Category::of_text("Core"), Category::of_text("")});
  EXPECT_EQ(index.codes(texts({"Core", "core", "", "CORE", "core "})).value(),
            (Codes{1, 0, 2, kUnknownCategory, kUnknownCategory}));
}

TEST(CategoryIndexTest, AMissingCellIsNanAndNeverNone) {
  const Column cells = texts({"a", nullptr});
  EXPECT_EQ(
      index_of({Category::of_text("a"), Category::none(), Category::nan()}).codes(cells).value(),
      (Codes{0, 2}));
  EXPECT_EQ(index_of({Category::of_text("a"), Category::none()}).codes(cells).value(),
            (Codes{0, kUnknownCategory}));
  EXPECT_EQ(index_of({Category::of_text("a")}).codes(cells).value(), (Codes{0, kUnknownCategory}));
  const Column numbers = Column::of_doubles("x", {2, NAN});
  EXPECT_EQ(index_of({Category::of_number(2), Category::nan()}).codes(numbers).value(),
            (Codes{0, 1}));
}

TEST(CategoryIndexTest, ComparesNumbersAsDoubles) {
  const CategoryIndex index =
      index_of({Category::of_number(-1.5), Category::of_number(0), Category::of_number(3)});
  EXPECT_EQ(index.codes(Column::of_doubles("x", {3, -0.0, -1.5, 1e300, NAN})).value(),
            (Codes{2, 1, 0, kUnknownCategory, kUnknownCategory}));
  EXPECT_EQ(index.codes(Column::of_integers("x", {3, 4, 0})).value(),
            (Codes{2, kUnknownCategory, 1}));
}

TEST(CategoryIndexTest, FindsBooleansInBooleanNumberAndTextColumns) {
  const CategoryIndex index =
      index_of({Category::of_boolean(false), Category::of_boolean(true), Category::nan()});
  EXPECT_EQ(index.codes(Column::of_booleans("x", {1, 0})).value(), (Codes{1, 0}));
  EXPECT_EQ(index.codes(Column::of_doubles("x", {0, 1, NAN})).value(), (Codes{0, 1, 2}));
  EXPECT_EQ(index.codes(texts({"True", "False", nullptr, "true"})).value(),
            (Codes{1, 0, 2, kUnknownCategory}));
}

TEST(CategoryIndexTest, ATextIsNeverANumber) {
  EXPECT_EQ(index_of({Category::of_number(1)}).codes(texts({"1"})).value(),
            (Codes{kUnknownCategory}));
}

TEST(CategoryIndexTest, RefusesANumberAmongTextsButTakesAColumnOfMissingCells) {
  const CategoryIndex index = index_of({Category::of_text("a"), Category::nan()});
  const auto refused = index.codes(Column::of_doubles("job", {NAN, 7.25}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInput);
  EXPECT_EQ(refused.error().what, "the number 7.25 where a text is needed");
  EXPECT_EQ(refused.error().where, "column job, row 2");
  EXPECT_EQ(index.codes(Column::of_doubles("job", {NAN, NAN})).value(), (Codes{1, 1}));
}

TEST(CategoryIndexTest, RefusesInfinitiesAsScikitLearnDoes) {
  const CategoryIndex index = index_of({Category::of_number(1)});
  const auto refused =
      index.codes(Column::of_doubles("x", {1, -std::numeric_limits<double>::infinity()}));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().what, HasSubstr("infinity"));
  EXPECT_EQ(refused.error().where, "column x, row 2");
}

TEST(CategoryIndexTest, NamesTheUnknownCategoryAndWhatIsKnown) {
  const CategoryIndex index = index_of({Category::of_text("a"), Category::of_text("b")});
  const auto refused = index.known_codes(texts({"a", "c"}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().what, "unknown category: 'c'");
  EXPECT_EQ(refused.error().where, "column job, row 2");
  EXPECT_EQ(refused.error().accepted, "one of 'a', 'b'");
  EXPECT_EQ(index.known_codes(texts({"b"})).value(), (Codes{1}));
  const auto missing = index.known_codes(texts({nullptr}));
  EXPECT_EQ(missing.error().what, "unknown category: a missing cell");
}

TEST(CategoryIndexTest, ShortensLongTextsInMessagesAtACharacter) {
  const std::string text = std::string(59, 'x') + "é and more";
  const auto refused = index_of({Category::of_text("a")}).known_codes(texts({text.c_str()}));
  EXPECT_EQ(refused.error().what, "unknown category: '" + std::string(59, 'x') + "…'");
}

TEST(CategoryIndexTest, RefusesACategoryListedTwice) {
  EXPECT_EQ(CategoryIndex::build({Category::nan(), Category::nan()}).error().code,
            ErrorCode::kInput);
  EXPECT_EQ(CategoryIndex::build({Category::of_number(1), Category::of_boolean(true)}).error().what,
            "the category 1.0 is listed twice");
  EXPECT_EQ(CategoryIndex::build({Category::of_text("a"), Category::of_text("a")}).error().what,
            "the category 'a' is listed twice");
}

}  // namespace
}  // namespace clairscore
