// The four reference models, end to end: CSV -> recipe -> pipeline -> scores and contributions,
// against what scikit-learn, shap and the brute-force oracle answered.

#include <gtest/gtest.h>
#include <simdjson.h>

#include <bit>
#include <cmath>
#include <filesystem>

#include "data/choose_recipe.h"
#include "data/dataset.h"
#include "mlflow/loaded_model.h"

namespace clairscore {
namespace {

const std::filesystem::path kReference =
    std::filesystem::path(CLAIRSCORE_SOURCE_DIR) / "tests/fixtures/reference";

std::vector<double> doubles(simdjson::dom::array array) {
  std::vector<double> values;
  for (const simdjson::dom::element element : array) values.push_back(element.get_double());
  return values;
}

/// Units in the last place between two doubles of the same sign.
std::int64_t ulps(double a, double b) {
  return std::abs(std::bit_cast<std::int64_t>(a) - std::bit_cast<std::int64_t>(b));
}

class ReferenceTest : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    const auto folder = kReference / GetParam();
    const auto csv = kReference / "hub/data/application_test.csv";
    auto model = load_model(folder / "model");
    ASSERT_TRUE(model) << to_string(model.error());
    model_ = *model;
    auto recipe = choose_recipe("", *model_, read_csv_header(csv).value());
    ASSERT_TRUE(recipe) << to_string(recipe.error());
    auto data = Dataset::load(csv, **recipe, model_->signature, OnBadRow::kRefuse, 2);
    ASSERT_TRUE(data) << to_string(data.error());
    data_.emplace(std::move(*data));
    ASSERT_EQ(parser_.load((folder / "expected.json").string()).get(expected_), simdjson::SUCCESS);
  }

  simdjson::dom::parser parser_;
  simdjson::dom::element expected_;
  std::shared_ptr<const LoadedModel> model_;
  std::optional<Dataset> data_;
};

TEST_P(ReferenceTest, ScoresAreThoseOfScikitLearnBitForBit) {
  const auto ids = expected_["ids"].get_array().value();
  ASSERT_EQ(ids.size(), data_->rows());
  std::size_t row = 0;
  for (const simdjson::dom::element id : ids) {
    ASSERT_EQ(id.get_int64().value(), data_->identifiers().integers()[row++]);
  }
  const auto raw = model_->pipeline.raw_scores(data_->inputs(), 2);
  ASSERT_TRUE(raw) << to_string(raw.error());
  const auto expected = doubles(expected_["raw"]);
  const auto expected_probability = doubles(expected_["probability_pos"]);
  std::vector<double> probabilities(2);
  for (std::size_t r = 0; r < raw->size(); ++r) {
    ASSERT_EQ(std::bit_cast<std::uint64_t>((*raw)[r]), std::bit_cast<std::uint64_t>(expected[r]))
        << "row " << r;
    model_->pipeline.estimator()->probabilities(std::span(&(*raw)[r], 1), probabilities);
    ASSERT_LE(ulps(probabilities[1], expected_probability[r]), 2) << "row " << r;
  }
}

TEST_P(ReferenceTest, FeaturesAreNamedAsScikitLearnNamesThem) {
  std::vector<std::string> names;
  for (const OutputColumn& feature : model_->pipeline.features()) names.push_back(feature.name);
  std::vector<std::string> expected;
  for (const simdjson::dom::element name : expected_["feature_names"].get_array()) {
    expected.emplace_back(name.get_string().value());
  }
  EXPECT_EQ(names, expected);
}

TEST_P(ReferenceTest, ContributionsAreThoseOfTheOracleAndAddUpOnEveryRow) {
  const auto values = model_->pipeline.explain(data_->inputs(), 2);
  ASSERT_TRUE(values) << to_string(values.error());
  const auto raw = model_->pipeline.raw_scores(data_->inputs(), 2).value();
  const std::size_t features = model_->pipeline.features().size();
  const double base = model_->pipeline.estimator()->base_values()[0];
  for (std::size_t r = 0; r < data_->rows(); ++r) {
    double sum = base;
    for (std::size_t f = 0; f < features; ++f) sum += (*values)[r * features + f];
    ASSERT_NEAR(sum, raw[r], 1e-9) << "row " << r;
  }
  const auto compare = [&](simdjson::dom::array rows) {
    std::size_t r = 0;
    for (const simdjson::dom::element row : rows) {
      const auto expected = doubles(row);
      ASSERT_EQ(expected.size(), features);
      for (std::size_t f = 0; f < features; ++f) {
        ASSERT_NEAR((*values)[r * features + f], expected[f], 1e-12) << "row " << r << ", " << f;
      }
      ++r;
    }
    ASSERT_GT(r, 0U);
  };
  ASSERT_NEAR(base, expected_["oracle"]["base_value"].get_double().value(), 1e-12);
  compare(expected_["oracle"]["path_dependent"]);
  // The shap package misreads native categorical splits, so that model has no values of it.
  simdjson::dom::array shap;
  if (expected_["shap_first"].get(shap) == simdjson::SUCCESS) compare(shap);
}

INSTANTIATE_TEST_SUITE_P(Models, ReferenceTest,
                         testing::Values("hub", "infrequent", "target", "native"),
                         [](const auto& test) { return std::string(test.param); });

}  // namespace
}  // namespace clairscore
