#include "data/dictionary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include "data/recipe.h"

namespace clairscore {
namespace {

using testing::HasSubstr;

const std::string kHead = "dictionary: 1\nname: test\n";

InputDictionaryPtr home_credit() {
  const RecipePtr recipe = Recipe::built_in("home_credit").value();
  return InputDictionary::choose(std::nullopt, recipe->outputs()).value();
}

TEST(InputDictionary, HomeCreditIsCompleteForItsRecipe) {
  const RecipePtr recipe = Recipe::built_in("home_credit").value();
  const InputDictionaryPtr dictionary = home_credit();
  EXPECT_EQ(dictionary->name(), "home_credit");
  EXPECT_EQ(dictionary->size(), 56U);
  EXPECT_EQ(recipe->outputs().size(), 56U);
  for (const std::string& input : recipe->outputs()) {
    const InputEntry* entry = dictionary->find(input);
    ASSERT_NE(entry, nullptr) << input;
    EXPECT_FALSE(entry->definition.fr.empty()) << input;
    EXPECT_FALSE(entry->definition.en.empty()) << input;
    const bool text = entry->format == ValueFormat::kText;
    EXPECT_EQ(entry->low.has_value(), !text) << input;
    EXPECT_EQ(entry->high.has_value(), !text) << input;
    EXPECT_EQ(entry->missing.has_value(), !text) << input;
  }
  for (const std::string& input : recipe->protected_inputs()) {
    EXPECT_EQ(dictionary->find(input)->review, Review::kProtected) << input;
  }
  for (const char* input : {"WEEKDAY_APPR_PROCESS_START", "HOUR_APPR_PROCESS_START"}) {
    EXPECT_EQ(dictionary->find(input)->review, Review::kUnrelated) << input;
  }
  for (const std::string& input : dictionary->request()) {
    EXPECT_NE(dictionary->find(input), nullptr) << input;
  }
  EXPECT_EQ(dictionary->request().size(), 3U);
  EXPECT_EQ(dictionary->find("DAYS_EMPLOYED")->missing->en, "No current employment declared");
}

TEST(InputDictionary, AnotherPortfolioIsShownUnderItsOwnNames) {
  const std::vector<std::string> inputs = {"AGE", "CODE_GENDER", "x"};
  const auto dictionary = InputDictionary::choose(std::nullopt, inputs);
  ASSERT_TRUE(dictionary);
  EXPECT_EQ((*dictionary)->name(), "none");
  JsonWriter json;
  const std::vector<InputDictionary::Asked> asked = {{"AGE", false, true}, {"x", true, false}};
  (*dictionary)->write_inputs(json, asked);
  simdjson::dom::parser parser;
  const std::string text = json.take();
  const simdjson::dom::element inputs_json = parser.parse(text);
  EXPECT_EQ(std::string_view(inputs_json["AGE"]["label"]["en"]), "AGE");
  EXPECT_EQ(std::string_view(inputs_json["AGE"]["format"]), "number");
  EXPECT_EQ(std::string_view(inputs_json["AGE"]["review"]), "protected");
  EXPECT_EQ(std::string_view(inputs_json["x"]["format"]), "text");
  EXPECT_TRUE(inputs_json["x"]["missing"].is_null());
}

TEST(InputDictionary, ReadsEveryKey) {
  const auto dictionary = InputDictionary::parse(
      kHead +
          "values:\n  a b: {fr: Ah, en: Oh}\ninputs:\n  A:\n    label: {fr: L, en: M}\n"
          "    format: money\n    direction: lower_is_better\n    definition: {fr: D, en: E}\n"
          "    review: unrelated\n    changeable: true\n    low: {fr: b, en: l}\n"
          "    high: {fr: h, en: i}\n    missing: {fr: m, en: n}\n",
      "d.yaml");
  ASSERT_TRUE(dictionary) << to_string(dictionary.error());
  const InputEntry* entry = (*dictionary)->find("A");
  ASSERT_NE(entry, nullptr);
  EXPECT_EQ(entry->label.en, "M");
  EXPECT_EQ(entry->format, ValueFormat::kMoney);
  EXPECT_EQ(entry->direction, Direction::kLowerIsBetter);
  EXPECT_EQ(entry->review, Review::kUnrelated);
  EXPECT_TRUE(entry->changeable);
  EXPECT_EQ(entry->low->fr, "b");
  EXPECT_EQ(entry->high->en, "i");
  EXPECT_EQ(entry->missing->fr, "m");
  JsonWriter json;
  (*dictionary)->write_values(json);
  EXPECT_EQ(json.text(), R"({"a b":{"fr":"Ah","en":"Oh"}})");
}

struct Refused {
  std::string yaml;
  std::string where;
  std::string said;
};

class InputDictionaryRefuses : public testing::TestWithParam<Refused> {};

TEST_P(InputDictionaryRefuses, NamingTheLine) {
  const auto dictionary = InputDictionary::parse(GetParam().yaml, "d.yaml");
  ASSERT_FALSE(dictionary);
  EXPECT_EQ(dictionary.error().where, GetParam().where);
  EXPECT_THAT(to_string(dictionary.error()), HasSubstr(GetParam().said));
}

INSTANTIATE_TEST_SUITE_P(
    All, InputDictionaryRefuses,
    testing::Values(
        Refused{"name: x\n", "d.yaml:1", "no version"},
        Refused{"dictionary: 2\n", "d.yaml:1", "another version"},
        Refused{kHead + "input: {}\n", "d.yaml:3", "nearest: inputs"},
        Refused{kHead + "request: AMT\n", "d.yaml:3", "no list"},
        Refused{kHead + "inputs: []\n", "d.yaml:3", "inputs is no table"},
        Refused{kHead + "inputs:\n  A: {format: days}\n", "d.yaml:4", "has no label"},
        Refused{kHead + "inputs:\n  A: {label: {fr: x}}\n", "d.yaml:4", "not there in English"},
        Refused{kHead + "inputs:\n  A: {label: {fr: x, de: y}}\n", "d.yaml:4", "'de'"},
        Refused{kHead + "inputs:\n  A:\n    label: {fr: x, en: y}\n    format: day\n", "d.yaml:6",
                "nearest: days"},
        Refused{kHead + "inputs:\n  A: {label: {fr: x, en: y}, changeable: si}\n", "d.yaml:4",
                "neither true nor false"},
        Refused{
            kHead + "inputs:\n  A: {label: {fr: x, en: y}, format: text, low: {fr: a, en: b}}\n",
            "d.yaml:4", "neither low nor high"},
        Refused{kHead + "inputs:\n  A: {label: {fr: x, en: y}, values: {b: {fr: a, en: b}}}\n",
                "d.yaml:4", "format: text"},
        Refused{kHead + "values: {a: {fr: 1, en: 2}, a: {fr: 1, en: 2}}\n", "d.yaml:3",
                "stands twice"},
        Refused{kHead + "inputs: {A: [\n", "d.yaml:4", "YAML"},
        Refused{"dictionary: 1\nname: \"\xff\"\n", "d.yaml", "not UTF-8"}));

TEST(InputDictionary, TooLargeIsRefused) {
  const auto dictionary = InputDictionary::parse(std::string((1U << 20U) + 1, '#'), "d.yaml");
  ASSERT_FALSE(dictionary);
  EXPECT_EQ(dictionary.error().code, ErrorCode::kLimit);
}

}  // namespace
}  // namespace clairscore
