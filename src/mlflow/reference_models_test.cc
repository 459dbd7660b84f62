// The four reference models, read from their MLflow folders.

#include <gtest/gtest.h>
#include <simdjson.h>

#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "data/dataset.h"
#include "data/recipe.h"
#include "mlflow/loaded_model.h"

namespace clairscore {
namespace {

constexpr std::uint64_t kMaxBytes = std::uint64_t{64} << 20U;

std::string reference(const std::string& name) {
  return std::string(CLAIRSCORE_SOURCE_DIR) + "/tests/fixtures/reference/" + name;
}

class ReferenceModelTest : public testing::TestWithParam<const char*> {};

TEST_P(ReferenceModelTest, HasTheFeaturesAndTheBaseValueOfTheOriginal) {
  const auto loaded = load_model(reference(GetParam()) + "/model");
  ASSERT_TRUE(loaded) << to_string(loaded.error());
  const LoadedModel& model = **loaded;
  simdjson::dom::parser parser;
  simdjson::dom::element expected;
  const auto text = read_text_file(reference(GetParam()) + "/expected.json", kMaxBytes);
  ASSERT_TRUE(text) << to_string(text.error());
  ASSERT_EQ(parser.parse(*text).get(expected), simdjson::SUCCESS);
  simdjson::dom::array features;
  ASSERT_EQ(expected["feature_names"].get(features), simdjson::SUCCESS);

  std::vector<std::string> names;
  for (const OutputColumn& feature : model.pipeline.features()) names.push_back(feature.name);
  std::vector<std::string> expected_names;
  for (const simdjson::dom::element name : features) {
    expected_names.emplace_back(std::string_view(name));
  }
  EXPECT_EQ(names, expected_names);
  ASSERT_NE(model.pipeline.estimator(), nullptr);
  EXPECT_NEAR(model.pipeline.estimator()->base_values()[0],
              double(expected["oracle"]["base_value"]), 1e-12);
}

TEST_P(ReferenceModelTest, HasTheSignatureAndTheThresholdOfTheFolder) {
  const auto loaded = load_model(reference(GetParam()) + "/model");
  ASSERT_TRUE(loaded) << to_string(loaded.error());
  const LoadedModel& model = **loaded;
  EXPECT_EQ(model.threshold, 0.5064);
  EXPECT_TRUE(model.threshold_from_model);
  EXPECT_EQ(model.signature.inputs.size(), 56U);
  std::size_t texts = 0;
  for (const SignatureColumn& column : model.signature.inputs) texts += column.is_text() ? 1 : 0;
  EXPECT_EQ(texts, 28U);
  EXPECT_EQ(model.pipeline.estimator()->classes(), (std::vector<std::string>{"0", "1"}));
  EXPECT_EQ(model.card.flavor, "sklearn");
  EXPECT_EQ(model.card.file, "model.pkl");
  EXPECT_EQ(model.card.library_version, "1.6.1");
  EXPECT_EQ(model.card.mlflow_version, "2.22.5");
  EXPECT_EQ(model.card.python_version, "3.12.1");
  EXPECT_EQ(model.card.serialization_format, "cloudpickle");
  EXPECT_EQ(model.card.sha256.size(), 64U);
  EXPECT_FALSE(model.recipe_path.has_value());
}

/// Distance in units in the last place of two positive numbers.
std::uint64_t ulps_between(double a, double b) {
  const auto x = std::bit_cast<std::uint64_t>(a);
  const auto y = std::bit_cast<std::uint64_t>(b);
  return x > y ? x - y : y - x;
}

TEST_P(ReferenceModelTest, ScoresEveryApplicantAsTheOriginal) {
  const auto loaded = load_model(reference(GetParam()) + "/model");
  ASSERT_TRUE(loaded) << to_string(loaded.error());
  const LoadedModel& model = **loaded;
  const auto recipe = Recipe::built_in("home_credit");
  ASSERT_TRUE(recipe) << to_string(recipe.error());
  const auto data = Dataset::load(reference("hub") + "/data/application_test.csv", **recipe,
                                  model.signature, OnBadRow::kRefuse, 2);
  ASSERT_TRUE(data) << to_string(data.error());
  const auto scores = model.pipeline.raw_scores(data->inputs(), 2);
  ASSERT_TRUE(scores) << to_string(scores.error());

  simdjson::dom::parser parser;
  simdjson::dom::element expected;
  const auto text = read_text_file(reference(GetParam()) + "/expected.json", kMaxBytes);
  ASSERT_TRUE(text) << to_string(text.error());
  ASSERT_EQ(parser.parse(*text).get(expected), simdjson::SUCCESS);
  simdjson::dom::array raw;
  simdjson::dom::array probabilities;
  ASSERT_EQ(expected["raw"].get(raw), simdjson::SUCCESS);
  ASSERT_EQ(expected["probability_pos"].get(probabilities), simdjson::SUCCESS);
  ASSERT_EQ(raw.size(), 1500U);
  ASSERT_EQ(scores->size(), raw.size());
  std::size_t row = 0;
  for (const simdjson::dom::element value : raw) {
    EXPECT_EQ(std::bit_cast<std::uint64_t>((*scores)[row]),
              std::bit_cast<std::uint64_t>(double(value)))
        << "row " << row;
    ++row;
  }
  row = 0;
  for (const simdjson::dom::element value : probabilities) {
    std::array<double, 2> found{};
    model.pipeline.estimator()->probabilities(std::span(*scores).subspan(row, 1), found);
    EXPECT_LE(ulps_between(found[1], double(value)), 2U) << "row " << row;
    ++row;
  }
}

INSTANTIATE_TEST_SUITE_P(All, ReferenceModelTest,
                         testing::Values("hub", "infrequent", "target", "native"),
                         [](const auto& model) { return std::string(model.param); });

}  // namespace
}  // namespace clairscore
