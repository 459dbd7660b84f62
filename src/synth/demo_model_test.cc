// The demonstration's model on the demonstration's applicants, through the code any model goes
// through, against what scikit-learn answered (oracles/demo_model.py).

#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <filesystem>
#include <optional>
#include <ranges>

#include "data/choose_recipe.h"
#include "data/dataset.h"
#include "mlflow/loaded_model.h"
#include "synth/demo_assets.h"
#include "synth/synth.h"

namespace clairscore {
namespace {

const std::filesystem::path kRoot = CLAIRSCORE_SOURCE_DIR;
constexpr std::size_t kRows = 150;

class DemoModel : public testing::Test {
 protected:
  void SetUp() override {
    auto model = load_model(kRoot / "demo/gradient_boosting");
    ASSERT_TRUE(model) << to_string(model.error());
    model_ = *model;
    const auto csv = kRoot / "tests/fixtures/demo/applicants.csv";
    auto recipe = choose_recipe("", *model_, read_csv_header(csv).value());
    ASSERT_TRUE(recipe) << to_string(recipe.error());
    auto data = Dataset::load(csv, **recipe, model_->signature, OnBadRow::kRefuse, 1);
    ASSERT_TRUE(data) << to_string(data.error());
    data_.emplace(std::move(*data));
    ASSERT_EQ(data_->rows(), kRows);
    const auto json = read_text_file(kRoot / "tests/fixtures/demo/expected.json", 1 << 20);
    ASSERT_TRUE(json) << to_string(json.error());
    ASSERT_EQ(parser_.parse(*json).get(expected_), simdjson::SUCCESS);
  }

  std::vector<double> expected(const char* key) {
    std::vector<double> values;
    for (const simdjson::dom::element element : expected_[key].get_array()) {
      values.push_back(element.get_double());
    }
    return values;
  }

  simdjson::dom::parser parser_;
  simdjson::dom::element expected_;
  std::shared_ptr<const LoadedModel> model_;
  std::optional<Dataset> data_;
};

TEST_F(DemoModel, ApplicantsAreTheFirstOfTheDemonstration) {
  std::string csv;
  const SynthOptions options{.rows = kRows, .seed = kDemoSeed, .with_target = true};
  ASSERT_TRUE(synthesize(options, [&](std::string_view text) -> Result<void> {
    csv += text;
    return {};
  }));
  const auto committed = read_text_file(kRoot / "tests/fixtures/demo/applicants.csv", 1 << 20);
  ASSERT_TRUE(committed);
  EXPECT_TRUE(csv == *committed);
}

TEST_F(DemoModel, ScoresAreThoseOfScikitLearnBitForBit) {
  const auto raw = model_->pipeline.raw_scores(data_->inputs(), 1);
  ASSERT_TRUE(raw) << to_string(raw.error());
  const std::vector<double> wanted = expected("raw");
  ASSERT_EQ(raw->size(), wanted.size());
  for (std::size_t row = 0; row < wanted.size(); ++row) {
    EXPECT_EQ(std::bit_cast<std::uint64_t>((*raw)[row]), std::bit_cast<std::uint64_t>(wanted[row]))
        << "row " << row;
  }
}

TEST_F(DemoModel, SomeAreRefusedAndMostAreNot) {
  const std::vector<double> probabilities = expected("probability_pos");
  const auto refused =
      std::ranges::count_if(probabilities, [&](double p) { return p >= model_->threshold; });
  EXPECT_TRUE(model_->threshold_from_model);
  EXPECT_GT(refused, 20);
  EXPECT_LT(refused, 75);
}

// What the screen shows first must matter to the model.
TEST_F(DemoModel, TheMainFeaturesAreAmongTheMostImportant) {
  const auto contributions = model_->pipeline.explain(data_->inputs(), 2);
  ASSERT_TRUE(contributions) << to_string(contributions.error());
  const std::vector<OutputColumn>& features = model_->pipeline.features();
  std::vector<std::pair<double, std::string>> importance;
  for (std::size_t f = 0; f < features.size(); ++f) {
    double sum = 0;
    for (std::size_t row = 0; row < kRows; ++row) {
      sum += std::fabs((*contributions)[row * features.size() + f]);
    }
    importance.emplace_back(sum, features[f].name);
  }
  std::ranges::sort(importance, std::greater<>{});
  const auto place = [&](const char* name) {
    return std::ranges::find(importance, name, &std::pair<double, std::string>::second) -
           importance.begin();
  };
  EXPECT_LT(place("EXT_SOURCE_3"), 3);
  EXPECT_LT(place("EXT_SOURCE_2"), 3);
  EXPECT_LT(place("DAYS_EMPLOYED"), 5);
  EXPECT_LT(place("OWN_CAR_AGE"), 20);
}

}  // namespace
}  // namespace clairscore
