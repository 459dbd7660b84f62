#pragma once

// For tests: a small portfolio without a model. Contributions, histograms and the picture are made
// up, and can be made to fail.

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "service/assets.h"

namespace clairscore::api {

class FakeAssets final : public Assets {
 public:
  /// Columns ID, AGE (missing for the second applicant), INCOME and JOB.
  static std::shared_ptr<FakeAssets> make(const std::string& first_id = "7",
                                          const std::string& second_id = "-12") {
    const std::string csv = "ID,AGE,INCOME,JOB\n" + first_id + ",40.5,1000,\"a \"\"cook\"\"\"\n" +
                            second_id + ",,2000,\n" + "3000000000,18,1e300,poet\n";
    auto model = std::make_shared<LoadedModel>(
        LoadedModel{{},
                    {{{"AGE", SignatureType::kDouble},
                      {"INCOME", SignatureType::kDouble},
                      {"JOB", SignatureType::kString}}},
                    Pipeline::build({"AGE", "INCOME", "JOB"}, {}, nullptr).value(),
                    0.25});
    auto recipe = Recipe::parse(
        "recipe: 1\nname: fake\ndecimals: exact\nidentifier:\n  column: ID\n"
        "main_features: [JOB, AGE]\n",
        "fake");
    if (!recipe) throw std::runtime_error(to_string(recipe.error()));
    auto data =
        Dataset::load(as_bytes(csv), "fake.csv", **recipe, model->signature, OnBadRow::kRefuse, 1);
    if (!data) throw std::runtime_error(to_string(data.error()));
    return std::make_shared<FakeAssets>(std::move(model), std::move(*recipe), std::move(*data));
  }

  FakeAssets(std::shared_ptr<const LoadedModel> model, RecipePtr recipe, Dataset data)
      : model_(std::move(model)), recipe_(std::move(recipe)), data_(std::move(data)) {}

  const LoadedModel& model() const override { return *model_; }
  const Recipe& recipe() const override { return *recipe_; }
  const Dataset& data() const override { return data_; }
  const std::vector<std::string>& feature_names() const override { return features_; }
  const std::vector<std::string>& main_features() const override { return main_features_; }
  Score score(std::size_t row) const override {
    if (row < known_scores.size()) return known_scores[row];
    return {-1.0, row == 0 ? 0.25 : 0.125, row == 0};
  }
  Result<Explanation> explain(std::size_t row) const override {
    if (broken) return fail(ErrorCode::kInternal, "the secret is out");
    if (known_contributions) return Explanation{-1.5, *known_contributions};
    return Explanation{-1.5, {0.5, static_cast<double>(row)}};
  }
  bool explains_at_once() const override { return at_once; }
  std::span<const Score> scores() const override { return known_scores; }
  PointScale points() const override { return {{}, PointsOf::kLogOdds, 0.25}; }
  const InputDictionary& dictionary() const override { return *dictionary_; }
  std::span<const InputReference> references() const override { return references_; }
  std::shared_ptr<const ContributionTable> contributions() const override { return everybody; }
  void write_provenance(JsonWriter& json) const override { json.member("version", "fake"); }
  Result<std::vector<Explanation>> explain_rows(const Frame& inputs) const override {
    if (broken) return fail(ErrorCode::kInternal, "the secret is out");
    return std::vector<Explanation>(inputs.rows(), Explanation{-1.5, {0.5, 1}});
  }
  const std::vector<std::string>& plottable() const override { return plottable_; }
  std::vector<std::string> shipped_histograms() const override { return {"AGE"}; }
  Result<std::string> histogram_json(std::string_view feature) const override {
    if (broken) return fail(ErrorCode::kInternal, "the secret is out");
    if (feature == "AGE") return std::string(R"({"shipped": true})");
    return fail(ErrorCode::kNotFound, "Distribution not available for 'X'", {},
                "Available: ['AGE', 'INCOME']");
  }
  Result<std::shared_ptr<const Bytes>> global_importance_png(Language language) const override {
    if (broken) return fail(ErrorCode::kInternal, "the secret is out");
    if (!png) return fail(ErrorCode::kNotFound, "no picture");
    return language == Language::kEnglish && english_png ? english_png : png;
  }
  std::chrono::system_clock::time_point global_importance_time() const override {
    return std::chrono::system_clock::time_point(std::chrono::seconds(1'795'000'000));
  }
  std::string version() const override { return "fake"; }
  void write_model_card(JsonWriter& json) const override { json.member("card", 1); }

  bool broken = false;
  bool at_once = false;
  std::optional<std::vector<double>> known_contributions;  // of AGE, INCOME and JOB
  std::shared_ptr<const Bytes> png;
  std::shared_ptr<const Bytes> english_png;  // null: the same
  std::shared_ptr<const ContributionTable> everybody;
  std::vector<Score> known_scores = {{-1, 0.25, true}, {-1, 0.125, false}, {-1, 0.125, false}};

 private:
  std::shared_ptr<const LoadedModel> model_;
  RecipePtr recipe_;
  Dataset data_;
  std::vector<std::string> features_ = {"AGE", "JOB \"cook\""};
  std::vector<std::string> main_features_ = {"JOB", "AGE"};
  std::vector<std::string> plottable_ = {"AGE", "INCOME"};
  std::vector<InputReference> references_ = {{18.0, {}}, {2000.0, {}}, {{}, "poet"}};
  InputDictionaryPtr dictionary_ =
      InputDictionary::parse(
          "dictionary: 1\nname: fake\ninputs:\n  AGE: {label: {fr: Âge, en: Age}, format: years, "
          "review: protected}\n",
          "fake")
          .value();
};

}  // namespace clairscore::api
