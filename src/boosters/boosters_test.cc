// Hostile and broken models of the boosting libraries: every refusal says what and where, no bytes
// crash a reader, and none takes memory or time that the file does not pay for. That models are
// read right is shown by mlflow_test, with files of the libraries themselves.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "boosters/catboost.h"
#include "boosters/city_hash.h"
#include "boosters/document.h"
#include "boosters/lightgbm.h"
#include "boosters/xgboost.h"

namespace clairscore {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

Result<Booster> read(ByteSpan bytes) {
  if (is_lightgbm_text(as_text(bytes))) return read_lightgbm(as_text(bytes), "model");
  if (is_catboost_bytes(bytes)) {
    std::vector<std::string> labels;
    return read_catboost(bytes, "model", labels);
  }
  return read_xgboost(bytes, "model");
}

/// Files of the libraries, the shortest of each kind.
std::vector<std::string> models() {
  std::vector<std::string> found;
  const auto folder = std::filesystem::path(CLAIRSCORE_SOURCE_DIR) / "tests/fixtures/versions";
  for (const char* name :
       {"lightgbm-4.7.0/binary_text.txt", "lightgbm-4.7.0/pandas_categories_text.txt",
        "xgboost-3.4.1/binary_ubj.ubj", "xgboost-3.4.1/binary_json.model.json",
        "xgboost-3.4.1/categories_ubj.ubj", "xgboost-3.4.1/linear_json.model.json",
        "catboost-1.2.10/binary_cbm.cbm", "catboost-1.2.10/multiclass.cbm",
        "catboost-1.2.10/one_hot_cbm.cbm"}) {
    auto text = read_text_file(folder / name, std::uint64_t{1} << 20U);
    EXPECT_TRUE(text) << name;
    if (text) found.push_back(std::move(*text));
  }
  return found;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  if (at != std::string::npos) text.replace(at, from.size(), to);
  return text;
}

TEST(BoostersTest, EveryModelIsRead) {
  for (const std::string& model : models()) {
    auto booster = read(as_bytes(model));
    ASSERT_TRUE(booster) << to_string(booster.error());
    const std::size_t classes = booster->classes;
    const auto finished = finish_booster(std::move(*booster), {});
    ASSERT_TRUE(finished) << to_string(finished.error());
    EXPECT_EQ(finished->estimator->classes().size(), classes);
  }
}

TEST(BoostersTest, AModelThatIsCutShortIsRefused) {
  for (const std::string& model : models()) {
    // LightGBM's text goes on after its trees: what follows may be missing.
    const std::size_t end = std::min(model.find("end of trees"), model.size() - 1);
    for (std::size_t size = 0; size < end; size += 1 + end / 97) {
      const auto booster = read(as_bytes(std::string_view(model).substr(0, size)));
      ASSERT_FALSE(booster) << size << " of " << model.size();
      EXPECT_FALSE(booster.error().what.empty());
      EXPECT_THAT(booster.error().where, HasSubstr("model"));
    }
  }
}

TEST(BoostersTest, ChangedBytesAreRefusedOrGiveAModelThatScores) {
  std::mt19937 random(7);
  for (const std::string& model : models()) {
    for (int round = 0; round < 300; ++round) {
      std::string changed = model;
      for (int i = 0; i < 3; ++i) {
        changed[random() % changed.size()] = static_cast<char>(random() % 256);
      }
      auto booster = read(as_bytes(changed));
      if (!booster || booster->features.size() > 100) continue;
      Frame rows(1);
      for (std::size_t f = 0; f < booster->features.size(); ++f) {
        const std::string name = std::string("x").append(std::to_string(f));
        const bool text = booster->features[f].is_text;
        const std::vector<const char*> cell = {"chef"};
        ASSERT_TRUE(rows.add(text ? Column::of_strings(name, cell)
                                  : Column::of_doubles(name, {std::nan("")})));
      }
      const auto finished = finish_booster(std::move(*booster), {});
      if (!finished) continue;
      std::vector<double> scores(finished->estimator->outputs());
      const auto scored = finished->estimator->raw_scores(rows, scores);
      EXPECT_TRUE(scored || !scored.error().what.empty());
    }
  }
}

TEST(LightgbmTest, SaysWhatItDoesNotRead) {
  const std::string model = models().front();
  const auto error = [](const std::string& text) {
    const auto booster = read_lightgbm(text, "model.txt");
    return booster ? std::string("accepted") : to_string(booster.error());
  };
  EXPECT_THAT(error(replaced(model, "is_linear=0", "is_linear=1")),
              HasSubstr("a tree with linear models in its leaves"));
  EXPECT_THAT(error(replaced(model, "objective=binary sigmoid:1", "objective=poisson")),
              HasSubstr("the objective 'poisson'"));
  EXPECT_THAT(error(replaced(model, "max_feature_idx=3", "max_feature_idx=99999999999")),
              HasSubstr("max_feature_idx is no count of features, model.txt:"));
  EXPECT_THAT(error(replaced(model, "left_child=1", "left_child=77")),
              HasSubstr("a child that is out of range"));
  // Minus one, after rounding, of what is no reference of a leaf.
  EXPECT_THAT(error(replaced(model, "left_child=1", "left_child=-2e-35")),
              HasSubstr("a child that is out of range"));
  EXPECT_THAT(
      error(replaced(models()[1], "\"nurse\"", "\"clerk\"")),
      AllOf(HasSubstr("the category 'clerk' is listed twice, model.txt:"), HasSubstr("feature ")));
  EXPECT_THAT(error(replaced(model, "left_child=1", "left_child=x")),
              HasSubstr("left_child holds 'x'"));
  EXPECT_THAT(error(replaced(model, "num_leaves=7", "num_leaves=8")), HasSubstr("has 7 values"));
  EXPECT_THAT(error("tree\nversion=v4\n"), HasSubstr("the text ends before its trees do"));
}

TEST(XgboostTest, RefusesObjectivesWhoseAnswersAreNoProbabilities) {
  const auto folder = std::filesystem::path(CLAIRSCORE_SOURCE_DIR) / "tests/fixtures/versions";
  const auto model =
      read_text_file(folder / "xgboost-3.4.1/binary_json.model.json", std::uint64_t{1} << 20U);
  ASSERT_TRUE(model);
  const std::string raw = replaced(*model, "binary:logistic", "binary:logitraw");
  const auto booster = read_xgboost(as_bytes(raw), "model.json");
  ASSERT_FALSE(booster);
  EXPECT_EQ(booster.error().code, ErrorCode::kUnsupported);
  EXPECT_THAT(booster.error().what, HasSubstr("the objective 'binary:logitraw'"));
  EXPECT_THAT(booster.error().accepted, HasSubstr("binary:logistic, multi:softprob"));
}

TEST(LightgbmTest, ATreeThatComesBackToItselfIsRefused) {
  const std::string model = replaced(models().front(), "left_child=1", "left_child=0");
  auto booster = read_lightgbm(model, "model.txt");
  ASSERT_TRUE(booster);
  const auto finished = finish_booster(std::move(*booster), {});
  ASSERT_FALSE(finished);
  EXPECT_THAT(finished.error().what, HasSubstr("reached twice"));
}

TEST(DocumentTest, LimitsDepthAndSizes) {
  const std::string deep(10'000, '[');
  EXPECT_FALSE(Document::read_ubjson(as_bytes(deep), "deep"));
  EXPECT_THAT(Document::read_ubjson(as_bytes(deep), "deep").error().what,
              HasSubstr("nested too deeply"));
  EXPECT_FALSE(Document::read_json(deep + std::string(10'000, ']'), "deep"));
  // "[$d#L" and 2^62 elements.
  std::string lie = "[$d#L";
  lie += std::string("\x40\0\0\0\0\0\0\0", 8);
  EXPECT_THAT(Document::read_ubjson(as_bytes(lie), "lie").error().what,
              HasSubstr("a size of more than the file holds"));
  std::string many = "[";
  for (int i = 0; i < 1000; ++i) many += "Z";
  const auto few = Document::read_ubjson(as_bytes(many + "]"), "many", {.max_values = 100});
  ASSERT_FALSE(few);
  EXPECT_EQ(few.error().code, ErrorCode::kLimit);
}

TEST(DocumentTest, ReadsBothForms) {
  const auto json =
      Document::read_json(R"({"a": [1, 2.5], "b": {"c": "[5E-1]"}, "d": [1, "x"]})", "m");
  ASSERT_TRUE(json);
  EXPECT_THAT(json->root().find("a")->numbers, testing::ElementsAre(1, 2.5));
  EXPECT_EQ(json->root().at({"b", "c"})->as_number(), 0.5);
  EXPECT_EQ(json->root().find("d")->items.size(), 2U);
  EXPECT_EQ(json->root().at({"b", "x"}), nullptr);
  const std::string bytes = std::string("{i\1a[$l#i\2\0\0\0\1\xFF\xFF\xFF\xFFi\1bSi\2xy}", 27);
  const auto binary = Document::read_ubjson(as_bytes(bytes), "m");
  ASSERT_TRUE(binary) << to_string(binary.error());
  EXPECT_THAT(binary->root().find("a")->numbers, testing::ElementsAre(1, -1));
  EXPECT_EQ(binary->root().find("b")->text, "xy");
}

TEST(CatboostTest, SaysWhatItDoesNotRead) {
  std::vector<std::string> labels;
  const auto empty = read_catboost(as_bytes("CBM1"), "model.cbm", labels);
  ASSERT_FALSE(empty);
  EXPECT_EQ(empty.error().where, "model.cbm");
  const std::string zeros = "CBM1" + std::string(60, '\0');
  EXPECT_THAT(read_catboost(as_bytes(zeros), "model.cbm", labels).error().what,
              HasSubstr("an offset out of range"));
}

std::filesystem::path catboost_fixtures() {
  return std::filesystem::path(CLAIRSCORE_SOURCE_DIR) / "tests/fixtures/versions/catboost-1.2.10";
}

TEST(CatboostTest, NamesTheFeaturesThatAreNotRead) {
  const auto error = [](const char* file) {
    const auto bytes = read_text_file(catboost_fixtures() / "refused" / file, 1U << 20U);
    EXPECT_TRUE(bytes) << file;
    std::vector<std::string> labels;
    const auto booster = read_catboost(as_bytes(*bytes), file, labels);
    EXPECT_FALSE(booster) << file;
    return booster ? std::string("accepted") : to_string(booster.error());
  };
  EXPECT_THAT(error("ctr.cbm"),
              AllOf(HasSubstr("a model with statistics of categories (CTR): a categorical feature "
                              "of more values than one_hot_max_size"),
                    HasSubstr("ctr.cbm, byte ")));
  EXPECT_THAT(error("not_oblivious.cbm"), HasSubstr("trees that are not oblivious (grow_policy)"));
  EXPECT_THAT(error("embedding.cbm"), HasSubstr("a model with estimated features"));
}

TEST(CatboostTest, HashesCategoriesAsCatBoostDoes) {
  const auto recorded = read_text_file(catboost_fixtures() / "category_hashes.tsv", 1U << 20U);
  ASSERT_TRUE(recorded);
  std::istringstream lines(*recorded);
  std::string line;
  std::size_t longest = 0;
  std::size_t count = 0;
  while (std::getline(lines, line)) {
    const std::size_t tab = line.find('\t');
    ASSERT_NE(tab, std::string::npos);
    const std::string text = line.substr(tab + 1);
    EXPECT_EQ(std::to_string(static_cast<std::uint32_t>(city_hash(text))), line.substr(0, tab))
        << text;
    longest = std::max(longest, text.size());
    ++count;
  }
  EXPECT_GE(count, 150U);
  EXPECT_GT(longest, 600U);
}

/// Cells for the features of one_hot_cbm.cbm, "code" as given.
Frame one_hot_row(Column code) {
  Frame row(1);
  for (const char* number : {"age", "income", "rate", "count"}) {
    EXPECT_TRUE(row.add(Column::of_doubles(number, {1})));
  }
  EXPECT_TRUE(row.add(Column::of_strings("job", std::vector<const char*>{"chef"})));
  EXPECT_TRUE(row.add(std::move(code)));
  EXPECT_TRUE(row.add(Column::of_booleans("owner", {1})));
  EXPECT_TRUE(row.add(Column::of_strings("same", std::vector<const char*>{"x"})));
  return row;
}

TEST(CatboostTest, ACategoryIsItsTextAndNeverMissing) {
  const auto bytes = read_text_file(catboost_fixtures() / "one_hot_cbm.cbm", 1U << 20U);
  ASSERT_TRUE(bytes);
  std::vector<std::string> labels;
  auto booster = read_catboost(as_bytes(*bytes), "model", labels);
  ASSERT_TRUE(booster) << to_string(booster.error());
  ASSERT_EQ(booster->features.size(), 8U);
  EXPECT_TRUE(booster->features[5].is_text);
  const auto finished = finish_booster(std::move(*booster), labels);
  ASSERT_TRUE(finished) << to_string(finished.error());
  const auto score = [&](Column code) -> Result<double> {
    double raw = 0;
    RETURN_IF_ERROR(finished->estimator->raw_scores(one_hot_row(std::move(code)), {&raw, 1}));
    return raw;
  };
  const auto error = [&](Column code) {
    const auto raw = score(std::move(code));
    return raw ? std::string("accepted") : to_string(raw.error());
  };
  const auto integer = score(Column::of_integers("code", {40}));
  ASSERT_TRUE(integer) << to_string(integer.error());
  EXPECT_EQ(*integer, *score(Column::of_doubles("code", {40})));
  EXPECT_EQ(*integer, *score(Column::of_strings("code", std::vector<const char*>{"40"})));
  EXPECT_NE(*integer, *score(Column::of_strings("code", std::vector<const char*>{"40.0"})));
  EXPECT_THAT(error(Column::of_doubles("code", {std::nan("")})),
              HasSubstr("a missing value where CatBoost needs a category, column code, row 1"));
  EXPECT_THAT(error(Column::of_strings("code", std::vector<const char*>{nullptr})),
              HasSubstr("a missing value where CatBoost needs a category"));
  EXPECT_THAT(error(Column::of_doubles("code", {40.5})),
              HasSubstr("the number 40.5 where CatBoost needs a category"));
  EXPECT_THAT(error(Column::of_doubles("code", {1e300})), HasSubstr("CatBoost needs a category"));
}

}  // namespace
}  // namespace clairscore
