// Folders in, snapshot out: what is served, and what is said of shipped files that do not fit.

#include "service/asset_loader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "base/bytes.h"
#include "service/histogram.h"

namespace clairscore {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const fs::path kReference = fs::path(CLAIRSCORE_SOURCE_DIR) / "tests/fixtures/reference";

class AssetLoaderTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(data_);
    fs::copy(kReference / "hub60/application_test.csv", data_ / "application_test.csv");
  }
  void TearDown() override { fs::remove_all(data_); }

  void ship(const fs::path& joblib) const {
    fs::create_directories(data_ / "shap");
    fs::copy(kReference / "hub60" / joblib, data_ / "shap" / "shap_explanation.joblib");
  }
  void ship_picture(std::string_view content) const {
    fs::create_directories(data_ / "shap");
    std::ofstream(data_ / "shap" / "shap_beeswarm.png") << content;
  }

  Result<AssetsPtr> load(ExplanationSetting setting = ExplanationSetting::kAuto) {
    AssetOptions options;
    options.explanations = setting;
    options.threads = 2;
    options.on_warning = [this](const std::string& warning) { warnings_.push_back(warning); };
    return load_assets({kReference / "hub/model", data_, {}}, options);
  }

  /// Loads, expects success, and parses the model card.
  simdjson::dom::element card(const AssetsPtr& assets) {
    JsonWriter json;
    json.begin_object();
    assets->write_model_card(json);
    card_text_ = json.end_object().take();
    return parser_.parse(card_text_);
  }

  static double sum(const Explanation& explanation) {
    double total = explanation.base_value;
    for (const double value : explanation.values) total += value;
    return total;
  }

  fs::path data_ =
      fs::path(testing::TempDir()) /
      ("assets_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
  std::vector<std::string> warnings_;
  simdjson::dom::parser parser_;
  std::string card_text_;
};

TEST_F(AssetLoaderTest, ExplainsAgainstABackgroundWhereOneIsGiven) {
  AssetOptions options;
  AssetSources sources{kReference / "hub/model", data_, {}};
  const auto trained = load_assets(sources, options);
  ASSERT_TRUE(trained) << to_string(trained.error());
  sources.background = data_ / "application_test.csv";
  const auto against = load_assets(sources, options);
  ASSERT_TRUE(against) << to_string(against.error());
  const Explanation explanation = (*against)->explain(7).value();
  EXPECT_NEAR(sum(explanation), (*against)->score(7).raw, 1e-9);
  EXPECT_NE(explanation.base_value, (*trained)->explain(7)->base_value);
  EXPECT_EQ(std::string_view(card(*against)["explanations"]["method"]),
            "interventional TreeSHAP against 60 background rows, computed for each applicant");
  sources.background = data_ / "nothing.csv";
  EXPECT_EQ(load_assets(sources, options).error().code, ErrorCode::kNotFound);
}

/// Waits for what a thread of the snapshot's computes.
std::shared_ptr<const ContributionTable> computed(const Assets& assets) {
  std::shared_ptr<const ContributionTable> table = assets.contributions();
  while (!table) {
    std::this_thread::yield();
    table = assets.contributions();
  }
  return table;
}

TEST_F(AssetLoaderTest, ContributionsComputedAheadAreTheSameBits) {
  const auto assets = load();
  ASSERT_TRUE(assets) << to_string(assets.error());
  const auto table = computed(**assets);
  ASSERT_NE(table->features(), nullptr);
  ASSERT_EQ(table->features()->rows(), (*assets)->data().rows());
  EXPECT_TRUE((*assets)->explains_at_once());
  const Frame& inputs = (*assets)->data().inputs();
  for (std::size_t row = 0; row < inputs.rows(); ++row) {
    const auto now = (*assets)->explain_rows(inputs.slice(row, 1));
    ASSERT_TRUE(now) << to_string(now.error());
    const Explanation before = (*assets)->explain(row).value();
    EXPECT_EQ(before.base_value, now->front().base_value);
    EXPECT_EQ(before.values, now->front().values) << row;
  }
}

TEST_F(AssetLoaderTest, InPointsEverythingAddsUpForEveryApplicant) {
  const auto assets = load();
  ASSERT_TRUE(assets) << to_string(assets.error());
  const PointScale points = (*assets)->points();
  EXPECT_EQ(points.scale(), PointsOf::kLogOdds);
  const Frame& inputs = (*assets)->data().inputs();
  const auto columns = columns_of_features((*assets)->model().pipeline, inputs);
  const auto table = computed(**assets);
  ASSERT_EQ(table->inputs(), inputs.columns().size());
  for (std::size_t row = 0; row < inputs.rows(); ++row) {
    const Explanation explanation = (*assets)->explain(row).value();
    const InputContributions sums =
        sum_by_input(columns, inputs.columns().size(), explanation.values);
    EXPECT_EQ(sums.shared, 0);
    double total = points.at(explanation.base_value);
    for (std::size_t input = 0; input < sums.values.size(); ++input) {
      total += points.of(sums.values[input]);
      EXPECT_NEAR(table->of(input)[row], sums.values[input], 1e-6) << row;
    }
    EXPECT_NEAR(total, points.at((*assets)->score(row)), 1e-6) << row;
  }
  EXPECT_EQ((*assets)->references().size(), inputs.columns().size());
  EXPECT_EQ((*assets)->dictionary().name(), "home_credit");
}

TEST_F(AssetLoaderTest, PointsAreAsTheSettingsSay) {
  AssetOptions options;
  options.points = {1000, 50, 5};
  const auto assets = load_assets({kReference / "hub/model", data_, {}}, options);
  ASSERT_TRUE(assets) << to_string(assets.error());
  const simdjson::dom::element points = card(*assets)["points"];
  EXPECT_EQ(double(points["threshold"]), 1000);
  EXPECT_EQ(double(points["doubling"]), 50);
  EXPECT_EQ(double(points["review_zone"]), 5);
  EXPECT_EQ((*assets)->points().rule().at_threshold, 1000);
}

TEST_F(AssetLoaderTest, ADictionaryBesideTheModelWins) {
  const fs::path model = data_ / "model";
  fs::copy(kReference / "hub/model", model, fs::copy_options::recursive);
  fs::path beside;
  for (const auto& entry : fs::recursive_directory_iterator(model)) {
    if (entry.path().filename() == "MLmodel") beside = entry.path().parent_path();
  }
  std::ofstream(beside / "dictionary.yaml") << "dictionary: 1\nname: ours\n";
  const auto assets = load_assets({model, data_, {}}, {});
  ASSERT_TRUE(assets) << to_string(assets.error());
  EXPECT_EQ((*assets)->dictionary().name(), "ours");
  std::ofstream(beside / "dictionary.yaml") << "dictionary: 1\nname: []\n";
  const auto broken = load_assets({model, data_, {}}, {});
  ASSERT_FALSE(broken);
  EXPECT_THAT(broken.error().where, HasSubstr("dictionary.yaml:2"));
}

TEST_F(AssetLoaderTest, ABuiltInRecipeForColumnsThatWouldDoIsSaid) {
  std::ifstream file(fs::path(CLAIRSCORE_SOURCE_DIR) /
                     "tests/fixtures/versions/lightgbm-4.7.0/binary_text.txt");
  std::string text((std::istreambuf_iterator<char>(file)), {});
  const std::string names = "age income rate count";
  ASSERT_NE(text.find(names), std::string::npos);
  text.replace(text.find(names), names.size(), "EXT_SOURCE_2 AMT_CREDIT EXT_SOURCE_3 AMT_ANNUITY");
  std::ofstream(data_ / "model.txt") << text;
  AssetOptions options;
  options.on_warning = [this](const std::string& warning) { warnings_.push_back(warning); };
  const auto said = testing::Contains(HasSubstr("the built-in recipe home_credit prepares them"));

  AssetSources sources{data_ / "model.txt", data_, {}};
  const auto prepared = load_assets(sources, options);
  ASSERT_TRUE(prepared) << to_string(prepared.error());
  EXPECT_EQ((*prepared)->recipe().name(), "home_credit");
  EXPECT_THAT(warnings_, said);

  warnings_.clear();
  sources.recipe = "none";
  const auto asked = load_assets(sources, options);
  ASSERT_TRUE(asked) << to_string(asked.error());
  EXPECT_THAT(warnings_, testing::Not(said));
}

TEST_F(AssetLoaderTest, ServesAFolderThatHoldsOnlyACsv) {
  const auto assets = load();
  ASSERT_TRUE(assets) << to_string(assets.error());
  EXPECT_EQ((*assets)->data().rows(), 60U);
  EXPECT_THAT((*assets)->main_features(),
              ElementsAre("EXT_SOURCE_3", "EXT_SOURCE_2", "DAYS_EMPLOYED", "OWN_CAR_AGE"));
  EXPECT_EQ((*assets)->plottable().size(), 28U);
  EXPECT_THAT((*assets)->shipped_histograms(), IsEmpty());
  for (std::size_t row = 0; row < 60; ++row) {
    const auto explanation = (*assets)->explain(row);
    ASSERT_TRUE(explanation);
    ASSERT_NEAR(sum(*explanation), (*assets)->score(row).raw, 1e-9);
  }
  EXPECT_THAT(warnings_, ElementsAre(HasSubstr("no shap/shap_beeswarm.png")));
}

TEST_F(AssetLoaderTest, AnEqualFileIsSaidToBeEqualAndLiveValuesAreServed) {
  ship("shap/shap_explanation.joblib");
  const auto assets = load().value();
  const auto json = card(assets)["explanations"];
  EXPECT_EQ(json["served"].get_string().value(), "live");
  EXPECT_EQ(json["shipped_file"]["parity"].get_string().value(), "equal");
  EXPECT_TRUE(json["shipped_file"]["warning"].is_null());
}

TEST_F(AssetLoaderTest, AnotherMethodIsServedFromItsFile) {
  ship("variants/interventional.joblib");
  const auto assets = load().value();
  const auto json = card(assets)["explanations"];
  EXPECT_EQ(json["served"].get_string().value(), "file");
  EXPECT_EQ(json["scale"].get_string().value(), "log-odds");
  EXPECT_EQ(json["shipped_file"]["parity"].get_string().value(), "different");
  EXPECT_NEAR(sum(assets->explain(7).value()), assets->score(7).raw, 1e-4);
}

TEST_F(AssetLoaderTest, AFileInProbabilityIsServedAndItsScaleIsNamed) {
  ship("variants/probability.joblib");
  const auto assets = load().value();
  const auto json = card(assets)["explanations"];
  EXPECT_EQ(json["served"].get_string().value(), "file");
  EXPECT_EQ(json["scale"].get_string().value(), "probability");
  EXPECT_NEAR(sum(assets->explain(7).value()), assets->score(7).probability_pos, 1e-4);
}

TEST_F(AssetLoaderTest, AFileMadeForOtherRowsGivesWayToLiveValues) {
  ship("variants/other_rows.joblib");
  const auto assets = load().value();
  const auto json = card(assets)["explanations"];
  EXPECT_EQ(json["served"].get_string().value(), "live");
  EXPECT_EQ(json["shipped_file"]["parity"].get_string().value(), "not_additive");
  const auto first = std::to_string(assets->data().identifiers().integers()[0]);
  EXPECT_THAT(std::string(json["shipped_file"]["warning"].get_string().value()),
              HasSubstr("customer " + first));
  EXPECT_NEAR(sum(assets->explain(7).value()), assets->score(7).raw, 1e-9);
  EXPECT_THAT(warnings_, testing::Contains(HasSubstr("made for other rows")));
}

TEST_F(AssetLoaderTest, OtherCountsGiveWayToLiveValues) {
  for (const char* file : {"variants/fewer_rows.joblib", "variants/fewer_features.joblib"}) {
    fs::remove_all(data_ / "shap");
    ship(file);
    const auto assets = load().value();
    const auto json = card(assets)["explanations"];
    EXPECT_EQ(json["served"].get_string().value(), "live") << file;
    EXPECT_EQ(json["shipped_file"]["parity"].get_string().value(), "other_shape") << file;
  }
}

TEST_F(AssetLoaderTest, TheFileMayHaveAnotherNameAndTheFirstOneCounts) {
  for (const char* name : {"shap_values.pkl", "shap_values.joblib", "shap_explanation.pkl"}) {
    fs::create_directories(data_ / "shap");
    fs::copy(kReference / "hub60/variants/interventional.joblib", data_ / "shap" / name);
    const auto json = card(load().value())["explanations"];
    EXPECT_EQ(json["served"].get_string().value(), "file") << name;
    fs::remove_all(data_ / "shap");
  }
  ship("shap/shap_explanation.joblib");
  std::ofstream(data_ / "shap" / "shap_values.pkl") << "not a pickle";
  EXPECT_EQ(card(load().value())["explanations"]["shipped_file"]["parity"].get_string().value(),
            "equal");
}

TEST_F(AssetLoaderTest, AnUnreadableFileGivesWayToLiveValues) {
  fs::create_directories(data_ / "shap");
  std::ofstream(data_ / "shap" / "shap_explanation.joblib") << "not a pickle";
  const auto assets = load().value();
  EXPECT_EQ(card(assets)["explanations"]["shipped_file"]["parity"].get_string().value(),
            "unreadable");
  EXPECT_THAT(warnings_, testing::Contains(HasSubstr("shap_explanation.joblib")));
}

TEST_F(AssetLoaderTest, TheSettingFileRefusesAFileThatDoesNotFit) {
  EXPECT_EQ(load(ExplanationSetting::kFile).error().code, ErrorCode::kInput);
  ship("variants/other_rows.joblib");
  const auto refused = load(ExplanationSetting::kFile);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().what, HasSubstr("do not add up"));
}

TEST_F(AssetLoaderTest, ShippedHistogramsAreServedAsTheyAreAndBadOnesReplaced) {
  fs::create_directories(data_ / "plots");
  const std::string shipped =
      R"({"feature": "EXT_SOURCE_3", "counts": [60], "bin_edges": [0, 1], "median": 0.5})";
  std::ofstream(data_ / "plots" / "EXT_SOURCE_3_hist_data.json") << shipped;
  std::ofstream(data_ / "plots" / "EXT_SOURCE_2_hist_data.json") << shipped;
  std::ofstream(data_ / "plots" / "OWN_CAR_AGE_hist_data.json") << "{";
  const auto assets = load().value();
  EXPECT_THAT(assets->shipped_histograms(), ElementsAre("EXT_SOURCE_3"));
  EXPECT_EQ(assets->histogram_json("EXT_SOURCE_3").value(), shipped);
  EXPECT_THAT(assets->histogram_json("EXT_SOURCE_2").value(),
              HasSubstr(R"("feature":"EXT_SOURCE_2")"));
  EXPECT_THAT(warnings_, testing::Contains(HasSubstr("OWN_CAR_AGE_hist_data.json")));
  EXPECT_THAT(warnings_,
              testing::Contains(HasSubstr("of EXT_SOURCE_3 in the file of EXT_SOURCE_2")));
  const auto unknown = assets->histogram_json("CODE_GENDER");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(unknown.error().accepted, HasSubstr("'EXT_SOURCE_1', 'EXT_SOURCE_2'"));
}

// numpy made the shipped histograms of the reference data: ours of the same rows are the same.
TEST_F(AssetLoaderTest, LiveHistogramsAreThoseOfNumpy) {
  AssetOptions options;
  const auto assets =
      load_assets({kReference / "hub/model", kReference / "hub/data", {}}, options).value();
  for (const std::string& feature : assets->shipped_histograms()) {
    simdjson::dom::parser parsers[2];
    const std::string live =
        to_json(make_histogram(feature, assets->data().inputs().find(feature)->doubles(), 30));
    const std::string text = assets->histogram_json(feature).value();
    const simdjson::dom::element a = parsers[0].parse(text);
    const simdjson::dom::element b = parsers[1].parse(live);
    EXPECT_EQ(a["median"].get_double().value(), b["median"].get_double().value()) << feature;
    for (const char* key : {"counts", "bin_edges"}) {
      ASSERT_EQ(a[key].get_array().size(), b[key].get_array().size()) << feature;
      for (std::size_t i = 0; i < a[key].get_array().size(); ++i) {
        EXPECT_EQ(a[key].at(i).get<double>().value(), b[key].at(i).get<double>().value())
            << feature << ' ' << key << ' ' << i;
      }
    }
  }
  EXPECT_EQ(assets->shipped_histograms().size(), 4U);
}

TEST_F(AssetLoaderTest, AShippedPictureIsServedAndAForeignOneIsNot) {
  const std::string png = "\x89PNG\r\n\x1a\n and so on";
  ship_picture(png);
  for (const Language language : {Language::kFrench, Language::kEnglish}) {
    EXPECT_EQ(as_text(*load().value()->global_importance_png(language).value()), png);
  }
  ship_picture("GIF89a");
  const auto assets = load().value();
  EXPECT_THAT(warnings_, testing::Contains(HasSubstr("not a PNG picture")));
  const auto drawn = assets->global_importance_png(Language::kFrench);
  ASSERT_TRUE(drawn) << to_string(drawn.error());
  EXPECT_TRUE(as_text(**drawn).starts_with("\x89PNG"));
  EXPECT_EQ(*drawn, assets->global_importance_png(Language::kFrench).value())
      << "drawn once, then kept";
  const auto english = assets->global_importance_png(Language::kEnglish);
  ASSERT_TRUE(english) << to_string(english.error());
  EXPECT_NE(**english, **drawn);
}

TEST_F(AssetLoaderTest, AFolderWithSeveralCsvFilesIsRefused) {
  fs::rename(data_ / "application_test.csv", data_ / "a.csv");
  EXPECT_EQ(load().value()->data().rows(), 60U);
  fs::copy(data_ / "a.csv", data_ / "b.csv");
  EXPECT_THAT(load().error().what, HasSubstr("2 CSV files"));
}

}  // namespace
}  // namespace clairscore
