#include "data/recipe.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/numbers.h"
#include "data/frame_text.h"

namespace clairscore {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

Frame frame_of(std::string_view csv) {
  auto table = read_csv(as_bytes(csv), "file.csv", {});
  EXPECT_TRUE(table) << to_string(table.error());
  return std::move(table->frame);
}

RecipePtr recipe_of(const std::string& rest) {
  auto recipe = Recipe::parse(std::string("recipe: 1\nname: test\n").append(rest), "recipe.yaml");
  EXPECT_TRUE(recipe) << to_string(recipe.error());
  return recipe ? *recipe : Recipe::none();
}

/// What the steps make of a file, as text; or the error.
std::string prepared(const std::string& steps, std::string_view csv) {
  const auto frame =
      recipe_of(std::string("steps:\n").append(steps))->apply(frame_of(csv), {"file.csv", {}});
  return frame ? frame_text(*frame) : to_string(frame.error());
}

std::string refusal(const std::string& yaml) {
  const auto recipe = Recipe::parse(yaml, "recipe.yaml");
  return recipe ? "accepted" : to_string(recipe.error());
}

/// The refusal of a recipe that starts well; the rest begins on line 3.
std::string refusal_of(const std::string& rest) {
  return refusal(std::string("recipe: 1\nname: test\n").append(rest));
}

TEST(RecipeTest, HomeCreditIsBuiltIn) {
  const auto recipe = Recipe::built_in("home_credit");
  ASSERT_TRUE(recipe) << to_string(recipe.error());
  EXPECT_EQ((*recipe)->name(), "home_credit");
  EXPECT_EQ((*recipe)->decimals(), DecimalMode::kPandas2);
  EXPECT_EQ((*recipe)->columns().size(), 52U);
  EXPECT_EQ((*recipe)->identifier(), "SK_ID_CURR");
  EXPECT_EQ((*recipe)->identifier_type(), ColumnType::kInteger);
  EXPECT_EQ((*recipe)->outputs().size(), 56U);
  EXPECT_THAT((*recipe)->main_features(),
              ElementsAre("EXT_SOURCE_3", "EXT_SOURCE_2", "DAYS_EMPLOYED", "OWN_CAR_AGE"));
  const auto& types = (*recipe)->declared_types();
  EXPECT_EQ(types.at("SK_ID_CURR"), ColumnType::kInteger);
  EXPECT_EQ(types.at("FLAG_MOBIL"), ColumnType::kInteger);
  EXPECT_EQ(types.at("REGION_RATING_CLIENT_W_CITY"), ColumnType::kInteger);
  EXPECT_EQ(types.at("AMT_CREDIT"), ColumnType::kDouble);
  EXPECT_EQ(types.at("CODE_GENDER"), ColumnType::kText);
  EXPECT_FALSE(types.contains("EXT_SOURCE_1")) << "no step needs it to be anything";
}

TEST(RecipeTest, UnknownBuiltInNamesThoseThereAre) {
  const auto recipe = Recipe::built_in("german_credit");
  ASSERT_FALSE(recipe);
  EXPECT_EQ(to_string(recipe.error()),
            "no built-in recipe named german_credit, home_credit, none, or a file");
}

TEST(RecipeTest, NoneChangesNothing) {
  const RecipePtr none = Recipe::none();
  EXPECT_EQ(none->name(), "none");
  EXPECT_TRUE(none->identifier().empty());
  const Frame frame = frame_of("a,b\n1,x\n");
  EXPECT_EQ(frame_text(*none->apply(frame)), frame_text(frame));
}

/// The n-th block of the guide that is fenced as `language`.
std::string block(const std::string& guide, const std::string& language, int n) {
  std::size_t begin = 0;
  const std::string fence = fmt::format("```{}\n", language);
  for (int i = 0; i < n; ++i) begin = guide.find(fence, begin) + fence.size();
  return guide.substr(begin, guide.find("```", begin) - begin);
}

TEST(RecipeTest, TheGuidesExampleDoesWhatItSays) {
  const auto guide = read_text_file(CLAIRSCORE_SOURCE_DIR "/docs/recipe.md", 1 << 20);
  ASSERT_TRUE(guide);
  const auto recipe = Recipe::parse(block(*guide, "yaml", 1), "recipe.yaml");
  ASSERT_TRUE(recipe) << to_string(recipe.error());
  const std::string raw = block(*guide, "csv", 1);
  CsvOptions options;
  options.decimals = (*recipe)->decimals();
  options.columns = (*recipe)->columns();
  auto table = read_csv(as_bytes(raw), "loans.csv", options);
  ASSERT_TRUE(table) << to_string(table.error());
  const Column identifiers = *table->frame.find("loan");
  const auto frame = (*recipe)->apply(std::move(table->frame));
  ASSERT_TRUE(frame) << to_string(frame.error());
  std::string written = "loan";
  for (const std::string& name : frame->names()) written.append(",").append(name);
  for (std::size_t row = 0; row < frame->rows(); ++row) {
    written.append("\n").append(std::to_string(identifiers.integers()[row]));
    for (const Column& column : frame->columns()) {
      written += ",";
      if (column.is_missing(row)) continue;
      if (column.type() == ColumnType::kText) {
        written += column.text(row);
      } else {
        written += double_to_text(column.doubles()[row]);
      }
    }
  }
  EXPECT_EQ(written + "\n", block(*guide, "csv", 2));
  EXPECT_THAT((*recipe)->outputs(), ElementsAre("age", "job", "owns_car", "region", "salary",
                                                "loan_amount", "debt_ratio"));
  EXPECT_EQ((*recipe)->raw_name("loan_amount"), "amount");
  EXPECT_EQ((*recipe)->raw_name("age"), "age");
  EXPECT_EQ((*recipe)->raw_name("debt_ratio"), std::nullopt);
  EXPECT_EQ((*recipe)->raw_name("region"), std::nullopt) << "it holds texts of the recipe";
}

// --- steps ---

TEST(RecipeTest, MarkersBecomeMissing) {
  const std::string steps = "- missing_markers: {n: 365243, t: [XNA, none], d: 0.5}\n";
  EXPECT_EQ(prepared(steps, "n,t,d\n365243,XNA,0.5\n-4,x,1\n"),
            "2 rows\n"
            "n double: missing c010000000000000\n"
            "t text: missing 'x'\n"
            "d double: missing 3ff0000000000000\n");
  EXPECT_EQ(prepared(steps, "n,t,d\n1,x,2\n"), "1 rows\nn integer: 1\nt text: 'x'\nd integer: 2\n")
      << "without a marker a column keeps its type";
  EXPECT_EQ(prepared(steps, "n,t,d\n365243.0,5,true\n"),
            "1 rows\nn double: missing\nt integer: 5\nd boolean: 1\n")
      << "a text marks no number, a number no boolean";
}

TEST(RecipeTest, MissingCellsAreFilled) {
  EXPECT_EQ(prepared("- fill_missing: {t: Unknown, n: 7}\n", "t,n\nx,\n,1.5\n"),
            "2 rows\nt text: 'x' 'Unknown'\nn double: 401c000000000000 3ff8000000000000\n");
  EXPECT_EQ(prepared("- fill_missing: {t: Unknown, n: 7}\n", "t,n\nUnknown,1\nx,2\n"),
            "2 rows\nt text: 'Unknown' 'x'\nn integer: 1 2\n");
  EXPECT_EQ(prepared("- fill_missing: {t: Unknown}\n", "t,n\n,1\nNA,2\n"),
            "2 rows\nt text: 'Unknown' 'Unknown'\nn integer: 1 2\n");
  EXPECT_EQ(prepared("- fill_missing: {t: Unknown}\n", "t\n1\nNA\n"),
            "a missing number cannot be filled with text, file.csv:2:t, a column of text");
  EXPECT_EQ(prepared("- fill_missing: {t: 0}\n", "t\nx\nNA\n"),
            "missing text cannot be filled with a number, file.csv:2:t, a column of numbers");
}

TEST(RecipeTest, AbsoluteValuesOfNumbers) {
  EXPECT_EQ(prepared("- absolute: [i, d, b]\n",
                     "i,d,b\n-3,-0.5,true\n-9223372036854775808,,false\n4,2,true\n"),
            "3 rows\n"
            "i integer: 3 -9223372036854775808 4\n"
            "d double: 3fe0000000000000 missing 4000000000000000\n"
            "b boolean: 1 0 1\n");
  EXPECT_EQ(prepared("- absolute: [t]\n", "t\n-3\nabc\n"),
            "'abc' in a column of numbers, file.csv:2:t, a number");
}

TEST(RecipeTest, NumbersAreReplaced) {
  EXPECT_EQ(prepared("- replace: {i: {-1: 2, 2: 3}, d: {-1: 2}, t: {5: 6}, e: {1: 0.5}}\n",
                     "i,d,t,e\n-1,-1,5,1\n2,0.5,x,4\n"),
            "2 rows\n"
            "i integer: 2 3\n"
            "d double: 4000000000000000 3fe0000000000000\n"
            "t text: '5' 'x'\n"
            "e double: 3fe0000000000000 4010000000000000\n");
}

TEST(RecipeTest, ValuesAreMappedByKeysOfTheColumnsType) {
  const std::string integer_keys = "- map: {columns: [c], values: {1: yes, 0: no}}\n";
  EXPECT_EQ(prepared(integer_keys, "c\n1\n0\n7\n"), "3 rows\nc text: 'yes' 'no' '7'\n");
  EXPECT_EQ(prepared(integer_keys, "c\n1\n\n0.0\n"),
            "2 rows\nc double: 3ff0000000000000 0000000000000000\n");
  EXPECT_EQ(prepared(integer_keys, "c\n3\n4\n"), "2 rows\nc integer: 3 4\n");
  EXPECT_EQ(prepared(integer_keys, "c\n1\nx\n"), "2 rows\nc text: '1' 'x'\n");
  EXPECT_EQ(prepared(integer_keys, "c\ntrue\nfalse\n"), "2 rows\nc boolean: 1 0\n");
  const std::string text_keys = "- map: {columns: [c], values: {M: male, XNA: male, \"1\": one}}\n";
  EXPECT_EQ(prepared(text_keys, "c,d\nM,0\nXNA,0\n,0\nF,0\n1,0\n"),
            "5 rows\nc text: 'male' 'male' missing 'F' 'one'\nd integer: 0 0 0 0 0\n");
  EXPECT_EQ(prepared(text_keys, "c\n1\n"), "1 rows\nc integer: 1\n");
}

TEST(RecipeTest, MappedTextsShareACode) {
  const auto frame = recipe_of("steps: [{map: {columns: [c], values: {M: male, XNA: male}}}]\n")
                         ->apply(frame_of("c\nM\nXNA\nmale\n"));
  ASSERT_TRUE(frame);
  const Column& column = frame->column(0);
  EXPECT_EQ(column.dictionary().size(), 1U);
  EXPECT_THAT(column.codes(), ElementsAre(0, 0, 0));
}

TEST(RecipeTest, RatiosAreMissingWhereTheyCannotBe) {
  EXPECT_EQ(
      prepared("- ratio: {r: {numerator: a, denominator: b}}\n", "a,b\n1,4\n1,0\n0,0\n,2\n3,\n"),
      "5 rows\n"
      "a double: 3ff0000000000000 3ff0000000000000 0000000000000000 missing "
      "4008000000000000\n"
      "b double: 4010000000000000 0000000000000000 0000000000000000 4000000000000000 "
      "missing\n"
      "r double: 3fd0000000000000 missing missing missing missing\n");
  EXPECT_EQ(prepared("- ratio: {r: {numerator: a, denominator: b}}\n", "a,b\n1,x\n"),
            "'x' in a column of numbers, file.csv:1:b, a number");
  EXPECT_EQ(prepared("- ratio: {a: {numerator: b, denominator: b}}\n", "a,b\n1,2\n"),
            "two columns of the same name, column a, each name once");
}

TEST(RecipeTest, NumbersBecomeDoubles) {
  EXPECT_EQ(prepared("- to_double: all_numbers\n", "i,b,t\n1,true,x\n"),
            "1 rows\ni double: 3ff0000000000000\nb boolean: 1\nt text: 'x'\n");
  EXPECT_EQ(prepared("- to_double: [b]\n", "i,b,t\n1,true,x\n"),
            "1 rows\ni integer: 1\nb double: 3ff0000000000000\nt text: 'x'\n");
  EXPECT_EQ(prepared("- to_double: [t]\n", "t\n1\nx\n"),
            "'x' in a column of numbers, file.csv:2:t, a number");
}

TEST(RecipeTest, ColumnsAreKeptDroppedAndRenamed) {
  EXPECT_EQ(prepared("- keep: [c, a]\n", "a,b,c\n1,2,3\n"), "1 rows\nc integer: 3\na integer: 1\n");
  EXPECT_EQ(prepared("- drop: [b]\n- rename: {a: b}\n", "a,b,c\n1,2,3\n"),
            "1 rows\nb integer: 1\nc integer: 3\n");
  EXPECT_EQ(prepared("- rename: {a: b}\n", "a,b\n1,2\n"),
            "cannot rename a: there is a column b, file.csv, a name that is free");
  EXPECT_EQ(prepared("- absolute: [salery]\n", "salary\n1\n"),
            "missing column salery, file.csv, a file with it (nearest: salary)");
}

TEST(RecipeTest, TheIdentifierTakesNoPart) {
  const RecipePtr recipe = recipe_of("identifier: id\nsteps:\n- to_double: all_numbers\n");
  EXPECT_EQ(frame_text(*recipe->apply(frame_of("id,a\n5,1\n"))),
            "1 rows\na double: 3ff0000000000000\n");
}

TEST(RecipeTest, RowsOfMessagesAreThoseOfTheFile) {
  const auto frame =
      recipe_of("steps: [{absolute: [t]}]\n")->apply(frame_of("t\n1\nx\n"), {"f.csv", {3, 9}});
  ASSERT_FALSE(frame);
  EXPECT_EQ(frame.error().where, "f.csv:9:t");
}

// --- refusals ---

TEST(RecipeTest, RefusesWhatIsNoRecipe) {
  EXPECT_THAT(refusal(""), StartsWith("the recipe is empty, recipe.yaml:1, recipe, name"));
  EXPECT_EQ(refusal("- a\n"), "the recipe is a list, recipe.yaml:1, a table of key: value");
  EXPECT_THAT(refusal("a: [1\nb: 2\n"), HasSubstr("recipe.yaml:2, YAML"));
  EXPECT_EQ(refusal("a: 1\n---\nb: 2\n"), "more than one YAML document, recipe.yaml, one document");
  EXPECT_EQ(refusal("a: \xE9\n"),
            "the recipe is not UTF-8 text, recipe.yaml, a file saved as UTF-8");
  EXPECT_EQ(refusal(std::string((1U << 20U) + 1, ' ')),
            "recipe too large, recipe.yaml, at most 1048576 bytes");
  EXPECT_THAT(refusal(std::string(100'000, '[')), StartsWith("no YAML ("));
  EXPECT_FALSE(Recipe::load("/nowhere/recipe.yaml"));
}

TEST(RecipeTest, RefusesAWrongHead) {
  EXPECT_EQ(refusal("name: x\n"),
            "the version of the recipe language is missing, recipe.yaml:1, recipe: 1");
  EXPECT_EQ(refusal("recipe: 2\nname: x\n"),
            "version '2' of the recipe language, recipe.yaml:1, recipe: 1");
  EXPECT_EQ(refusal("recipe: 1\n"), "the recipe has no name, recipe.yaml:1, name: text");
  EXPECT_EQ(refusal_of("main_feature: [a]\n"),
            "unknown key main_feature in the recipe, recipe.yaml:3, recipe, name, description, "
            "decimals, identifier, columns, steps, main_features and protected_inputs (nearest: "
            "main_features)");
  EXPECT_EQ(refusal_of("name: b\n"),
            "name stands twice in the recipe, recipe.yaml:3, each key once");
  EXPECT_EQ(refusal_of("decimals: pandas\n"),
            "decimals is 'pandas', recipe.yaml:3, exact or pandas2");
  EXPECT_EQ(refusal_of("identifier: {type: text}\n"),
            "the identifier names no column, recipe.yaml:3, identifier: {column: NAME}");
  EXPECT_EQ(refusal_of("identifier: {column: a, type: number}\n"),
            "type is 'number', recipe.yaml:3, integer or text");
  EXPECT_EQ(refusal_of("identifier: {column: a, without: skip}\n"),
            "without is 'skip', recipe.yaml:3, refuse or number_rows");
  EXPECT_EQ(refusal_of("columns: a\n"), "columns is 'a', recipe.yaml:3, a list of columns: [A, B]");
  EXPECT_EQ(refusal_of("columns: [a, b, a]\n"),
            "a stands twice in columns, recipe.yaml:3, each column once");
  EXPECT_EQ(refusal_of("columns: []\n"), "columns is empty, recipe.yaml:3, at least one column");
  EXPECT_EQ(refusal_of("columns: [null]\n"),
            "a column of columns is nothing, recipe.yaml:3, a name (quote one like null)");
  EXPECT_EQ(refusal_of("columns: [a]\nmain_features: [b]\n"),
            "b is no column after the steps, recipe.yaml:4, one of those (nearest: a)");
}

TEST(RecipeTest, RefusesWrongSteps) {
  const auto step = [](const std::string& text) {
    return refusal_of(
        fmt::format("identifier: id\ncolumns: [credit, job, flag]\nsteps:\n- {}\n", text));
  };
  EXPECT_EQ(
      step("{absolut: [credit]}"),
      "unknown key absolut in a step, recipe.yaml:6, missing_markers, fill_missing, absolute, "
      "replace, map, ratio, to_double, keep and 2 more (nearest: absolute)");
  EXPECT_EQ(step("{keep: [credit], drop: [job]}"),
            "2 keys in one step, recipe.yaml:6, one step for each dash");
  EXPECT_EQ(step("absolute"), "a step is 'absolute', recipe.yaml:6, a table of key: value");
  EXPECT_EQ(step("absolute: [credits]"),
            "no column credits at this step, recipe.yaml:6, a column that is read or made before "
            "(nearest: credit)");
  EXPECT_EQ(step("absolute: [id]"), "id is the identifier, recipe.yaml:6, steps on other columns");
  EXPECT_EQ(step("missing_markers: {job: [1, a]}"),
            "numbers and text among the markers of job, recipe.yaml:6, one or the other; quotes "
            "make a number text");
  EXPECT_EQ(step("missing_markers: {job: !!str 1}"),
            "the marker of job has the tag tag:yaml.org,2002:str, recipe.yaml:6, no tag; quotes "
            "make a number text");
  EXPECT_EQ(step("missing_markers: {job: }"),
            "the marker of job is nothing, recipe.yaml:6, a number or text (quote one like null)");
  EXPECT_EQ(step("replace: {credit: {1: a}}"),
            "the replacement of 1 is 'a', recipe.yaml:6, a number");
  EXPECT_EQ(step("replace: {credit: {}}"),
            "nothing to replace in credit, recipe.yaml:6, {old: new}");
  EXPECT_EQ(step("map: {columns: [flag]}"),
            "map has no values, recipe.yaml:6, map: {columns: [A, B], values: {1: yes, 0: no}}");
  EXPECT_EQ(step("map: {columns: [flag], values: {1: yes, N: no}}"),
            "integers and text among the keys of values, recipe.yaml:6, one or the other; quotes "
            "make a number text");
  EXPECT_EQ(step("map: {columns: [flag], values: {1: 2}}"),
            "the value of 1 is the number 2, recipe.yaml:6, text; quotes make a number text");
  EXPECT_EQ(step("map: {columns: [flag], values: {1.5: a}}"),
            "the key 1.5 of values is a decimal, recipe.yaml:6, integers or text; quotes make a "
            "number text");
  EXPECT_EQ(step("map: {columns: [flag], values: {1: a, 01: b}}"),
            "01 stands twice in values, recipe.yaml:6, each key once");
  EXPECT_EQ(step("ratio: {r: {numerator: credit}}"),
            "the ratio r has no denominator, recipe.yaml:6, {numerator: A, denominator: B}");
  EXPECT_EQ(step("ratio: {job: {numerator: credit, denominator: flag}}"),
            "there is a column job already, recipe.yaml:6, a name that is free");
  EXPECT_EQ(step("to_double: everything"),
            "to_double is 'everything', recipe.yaml:6, all_numbers, or a list of columns");
  EXPECT_EQ(step("rename: {job: flag}"),
            "there is a column flag already, recipe.yaml:6, a name that is free");
  EXPECT_EQ(step("drop: [job]\n- fill_missing: {job: x}"),
            "no column job at this step, recipe.yaml:7, a column that is read or made before");
  EXPECT_EQ(step("fill_missing: {job: x}\n- absolute: [job]"),
            "column job is used as numbers here and as text before, recipe.yaml:7, one or the "
            "other");
  EXPECT_EQ(step("map: {columns: [flag], values: {1: a}}\n- absolute: [flag]"),
            "column flag is used as numbers here and as text before, recipe.yaml:7, one or the "
            "other");
  EXPECT_EQ(step("map: {columns: [flag], values: {1: a}}\n- fill_missing: {flag: b}"), "accepted");

  // Other rows would decide whether a row is mapped.
  const std::string map = "\n- map: {columns: [flag], values: {1: a}}";
  const std::string refusal =
      "the cells of flag decide whether it is integers here: a step before may leave missing cells "
      "or decimals in it, recipe.yaml:7, the map before that step";
  EXPECT_EQ(step("missing_markers: {flag: -1}" + map), refusal);
  EXPECT_EQ(step("replace: {flag: {-1: 0.5}}" + map), refusal);
  EXPECT_EQ(step("replace: {flag: {-1: 0}}" + map), "accepted");
  EXPECT_EQ(step("missing_markers: {credit: -1}" + map), "accepted");
}

TEST(RecipeTest, FollowsColumnsThroughKeepAndRename) {
  const RecipePtr recipe = recipe_of(
      "steps:\n- rename: {a: b}\n- absolute: [b]\n- ratio: {r: {numerator: b, denominator: c}}\n"
      "- keep: [r, b, d]\n");
  EXPECT_THAT(recipe->outputs(), ElementsAre("r", "b", "d"));
  EXPECT_EQ(recipe->raw_name("b"), "a");
  EXPECT_EQ(recipe->raw_name("d"), "d");
  EXPECT_EQ(recipe->raw_name("c"), std::nullopt);
  EXPECT_EQ(recipe->declared_types().at("a"), ColumnType::kDouble);
  EXPECT_EQ(recipe->declared_types().at("c"), ColumnType::kDouble);
  EXPECT_THAT(refusal_of("steps:\n- rename: {a: b}\n- absolute: [a]\n"),
              HasSubstr("no column a at this step, recipe.yaml:5"));
}

RC_GTEST_PROP(RecipeProperty, AnyTextIsReadOrRefused, ()) {
  const auto piece =
      rc::gen::elementOf(std::vector<std::string>{"recipe: 1\n", "name: x\n", "steps:\n",
                                                  "- ",          "map: ",     "columns: ",
                                                  "[",           "]",         "{",
                                                  "}",           "a",         ": ",
                                                  ", ",          "\n",        "  ",
                                                  "1",           "\"",        "'",
                                                  "&a ",         "*a",        "!!str ",
                                                  "null",        "keep: ",    "ratio: ",
                                                  "values: ",    "|",         ">",
                                                  "%",           "---",       "? ",
                                                  "<<: ",        "\t",        "identifier: ",
                                                  "#",           "é"});
  std::string yaml;
  for (const std::string& text : *rc::gen::container<std::vector<std::string>>(piece)) yaml += text;
  const auto recipe = Recipe::parse(yaml, "r");
  RC_ASSERT(recipe.has_value() || !recipe.error().what.empty());
}

}  // namespace
}  // namespace clairscore
