// Small models that cover every option that is read, compared with what the library that made them
// answers (oracles/{sklearn,version,booster,skops}_models.py made the files): names and values of
// the transformed columns, raw scores, bit for bit where the file asks for it, probabilities to 2
// units in the last place, and LightGBM's and XGBoost's own contributions.

#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <cctype>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "frame/frame.h"
#include "mlflow/loaded_model.h"

namespace clairscore {
namespace {

constexpr std::uint64_t kMaxBytes = std::uint64_t{64} << 20U;

namespace dom = simdjson::dom;

std::filesystem::path fixtures() {
  return std::filesystem::path(CLAIRSCORE_SOURCE_DIR) / "tests/fixtures";
}

/// Paths below fixtures() of what the libraries answered, one file a model.
std::vector<std::string> scored_models() {
  std::vector<std::string> names;
  for (const char* folder : {"sklearn/scored", "versions"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(fixtures() / folder)) {
      if (entry.path().extension() != ".json" || !entry.is_regular_file()) continue;
      const std::string name = entry.path().lexically_relative(fixtures()).string();
      if (name.find(".model.json") == std::string::npos) names.push_back(name);
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string test_name(std::string path) {
  path.resize(path.size() - std::string_view(".json").size());
  std::replace_if(
      path.begin(), path.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return path;
}

std::string_view text(dom::element element) {
  return element.get_string().value();
}

/// null is NaN; "inf" and "-inf" are texts.
double number(dom::element element) {
  if (element.is_null()) return std::numeric_limits<double>::quiet_NaN();
  if (element.is_string()) {
    const double infinity = std::numeric_limits<double>::infinity();
    return text(element) == "inf" ? infinity : -infinity;
  }
  return static_cast<double>(element);
}

std::vector<double> numbers(dom::element list) {
  std::vector<double> values;
  for (const dom::element element : dom::array(list)) values.push_back(number(element));
  return values;
}

std::vector<std::string> texts(dom::element list) {
  std::vector<std::string> values;
  for (const dom::element element : dom::array(list)) {
    values.emplace_back(text(element));
  }
  return values;
}

Column column_of(dom::element description) {
  std::string name(text(description["name"].value()));
  const std::string_view type = text(description["type"].value());
  if (type == "double") {
    return Column::of_doubles(std::move(name), numbers(description["values"].value()));
  }
  if (type == "text") {
    std::vector<const char*> cells;
    for (const dom::element cell : dom::array(description["values"].value())) {
      cells.push_back(cell.is_null() ? nullptr : cell.get_c_str().value());
    }
    return Column::of_strings(std::move(name), cells);
  }
  std::vector<std::int64_t> cells;
  for (const dom::element cell : dom::array(description["values"].value())) {
    cells.push_back(cell.get_int64().value());
  }
  return type == "boolean" ? Column::of_booleans(std::move(name), std::move(cells))
                           : Column::of_integers(std::move(name), std::move(cells));
}

Frame frame_of(dom::element description) {
  Frame frame;
  for (const dom::element column : dom::array(description["columns"])) {
    const auto added = frame.add(column_of(column));
    EXPECT_TRUE(added) << to_string(added.error());
  }
  return frame;
}

/// The same bits, any NaN being NaN.
bool same(double a, double b) {
  return (std::isnan(a) && std::isnan(b)) ||
         std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

bool close(double a, double b, double tolerance) {
  if (same(a, b) || tolerance == 0) return same(a, b);
  return std::fabs(a - b) <= tolerance * std::max(1.0, std::fabs(b));
}

/// Units in the last place between two numbers of the same sign.
std::uint64_t ulps_between(double a, double b) {
  const auto x = std::bit_cast<std::uint64_t>(a);
  const auto y = std::bit_cast<std::uint64_t>(b);
  return x > y ? x - y : y - x;
}

class ScoredModelTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    const auto path = fixtures() / GetParam();
    const auto json = read_text_file(path, kMaxBytes);
    ASSERT_TRUE(json) << to_string(json.error());
    ASSERT_EQ(parser_.parse(*json).get(expected_), simdjson::SUCCESS);
    const auto file = path.parent_path() / text(expected_["file"].value());
    auto loaded = load_model(file);
    ASSERT_TRUE(loaded) << to_string(loaded.error());
    model_ = *loaded;
    rows_ = frame_of(expected_);
  }

  /// How far an answer may be from the recorded one, relative to the larger of 1 and that; 0: the
  /// same bits.
  double tolerance(const char* key) const {
    double allowed = 0;
    return expected_[key].get(allowed) == simdjson::SUCCESS ? allowed : 0;
  }

  bool has(const char* key) const { return expected_[key].error() == simdjson::SUCCESS; }

  dom::parser parser_;
  dom::element expected_;
  std::shared_ptr<const LoadedModel> model_;
  Frame rows_;
};

TEST_P(ScoredModelTest, TransformsAsScikitLearnDoes) {
  const auto transformed = model_->pipeline.transform(rows_);
  ASSERT_TRUE(transformed) << to_string(transformed.error());
  ASSERT_EQ(transformed->columns().size(), model_->pipeline.features().size());
  if (has("names") && GetParam() != "sklearn/scored/one_hot_same_names.json") {
    std::vector<std::string> names;
    for (const OutputColumn& feature : model_->pipeline.features()) names.push_back(feature.name);
    EXPECT_EQ(names, texts(expected_["names"].value()));
    EXPECT_EQ(transformed->names(), names);
  }
  if (!has("transformed")) return;
  const dom::array columns(expected_["transformed"]);
  ASSERT_EQ(columns.size(), transformed->columns().size());
  std::size_t c = 0;
  for (const dom::element column : columns) {
    const std::vector<double> values = numbers(column);
    const Column& found = transformed->column(c++);
    ASSERT_EQ(values.size(), found.size());
    ASSERT_NE(found.type(), ColumnType::kText) << found.name();
    for (std::size_t row = 0; row < values.size(); ++row) {
      EXPECT_TRUE(close(found.number(row), values[row], tolerance("transformed_tolerance")))
          << found.name() << ", row " << row << ": " << found.number(row) << " for " << values[row];
    }
  }
}

TEST_P(ScoredModelTest, ScoresAsScikitLearnDoes) {
  if (!has("raw")) {
    EXPECT_EQ(model_->pipeline.estimator(), nullptr);
    return;
  }
  const EstimatorPtr& estimator = model_->pipeline.estimator();
  ASSERT_NE(estimator, nullptr);
  EXPECT_EQ(estimator->classes(), texts(expected_["classes"].value()));
  EXPECT_EQ(estimator->has_probabilities(), has("probabilities"));
  EXPECT_EQ(model_->threshold, has("threshold") ? number(expected_["threshold"].value()) : 0.5);
  const auto scores = model_->pipeline.raw_scores(rows_, 2);
  ASSERT_TRUE(scores) << to_string(scores.error());
  const std::size_t outputs = estimator->outputs();
  std::size_t row = 0;
  for (const dom::element expected : dom::array(expected_["raw"])) {
    const std::vector<double> values = numbers(expected);
    ASSERT_EQ(values.size(), outputs);
    for (std::size_t k = 0; k < outputs; ++k) {
      EXPECT_TRUE(close((*scores)[row * outputs + k], values[k], tolerance("tolerance")))
          << "row " << row << ": " << (*scores)[row * outputs + k] << " for " << values[k];
    }
    ++row;
  }
  ASSERT_EQ(row, rows_.rows());
  if (!has("probabilities")) return;
  row = 0;
  std::vector<double> probabilities(estimator->classes().size());
  for (const dom::element expected : dom::array(expected_["probabilities"])) {
    const std::vector<double> values = numbers(expected);
    estimator->probabilities(std::span(*scores).subspan(row * outputs, outputs), probabilities);
    for (std::size_t k = 0; k < values.size(); ++k) {
      // 1 - p has lost its last digits where p is close to 1.
      const bool complement = outputs == 1 && k == 0;
      const double allowed = std::max(tolerance("tolerance"), complement ? 1e-15 : 0);
      EXPECT_TRUE(ulps_between(probabilities[k], values[k]) <= 2U ||
                  close(probabilities[k], values[k], allowed))
          << "row " << row << ": " << probabilities[k] << " for " << values[k];
    }
    ++row;
  }
}

TEST_P(ScoredModelTest, ContributionsAddUpToTheScore) {
  const EstimatorPtr& estimator = model_->pipeline.estimator();
  if (!estimator) {
    EXPECT_FALSE(has("raw"));
    return;
  }
  if (!estimator->explainable()) {
    EXPECT_FALSE(estimator->why_not().empty());
    EXPECT_TRUE(has("not_explained"));
    return;
  }
  EXPECT_FALSE(has("not_explained"));
  const auto scores = model_->pipeline.raw_scores(rows_, 1);
  const auto values = model_->pipeline.explain(rows_, 1);
  ASSERT_TRUE(scores && values);
  const std::size_t features = model_->pipeline.features().size();
  const std::size_t outputs = estimator->outputs();
  for (std::size_t i = 0; i < rows_.rows() * outputs; ++i) {
    double sum = estimator->base_values()[i % outputs];
    for (std::size_t f = 0; f < features; ++f) sum += (*values)[i * features + f];
    EXPECT_NEAR(sum, (*scores)[i], 1e-9 * std::max(1.0, std::fabs((*scores)[i])));
  }
  if (!has("contributions")) return;
  // The library's own, one row after the other: for each output the features, then the base value.
  std::size_t row = 0;
  for (const dom::element expected : dom::array(expected_["contributions"])) {
    const std::vector<double> own = numbers(expected);
    ASSERT_EQ(own.size(), outputs * (features + 1));
    for (std::size_t k = 0; k < outputs; ++k) {
      for (std::size_t f = 0; f <= features; ++f) {
        const double found = f == features ? estimator->base_values()[k]
                                           : (*values)[(row * outputs + k) * features + f];
        EXPECT_TRUE(close(found, own[k * (features + 1) + f], tolerance("contributions_tolerance")))
            << "row " << row << ", feature " << f << ": " << found << " for "
            << own[k * (features + 1) + f];
      }
    }
    ++row;
  }
}

/// The largest difference between what is computed and what the library answered, relative to the
/// larger of 1 and the answer; nothing when the model cannot be read.
std::optional<double> largest_difference(const std::string& fixture) {
  dom::parser parser;
  dom::element expected;
  const auto path = fixtures() / fixture;
  const auto json = read_text_file(path, kMaxBytes);
  if (!json || parser.parse(*json).get(expected) != simdjson::SUCCESS) return std::nullopt;
  const auto model = load_model(path.parent_path() / text(expected["file"].value()));
  if (!model) return std::nullopt;
  const Frame rows = frame_of(expected);
  double largest = 0;
  const auto note = [&](double found, double answer) {
    if (same(found, answer)) return;
    largest = std::max(largest, std::fabs(found - answer) / std::max(1.0, std::fabs(answer)));
  };
  dom::array raw;
  if (expected["raw"].get(raw) == simdjson::SUCCESS) {
    const auto scores = (*model)->pipeline.raw_scores(rows, 1);
    if (!scores) return std::nullopt;
    std::size_t i = 0;
    for (const dom::element row : raw) {
      for (const double answer : numbers(row)) note((*scores)[i++], answer);
    }
    return largest;
  }
  const auto transformed = (*model)->pipeline.transform(rows);
  if (!transformed) return std::nullopt;
  std::size_t c = 0;
  for (const dom::element column : dom::array(expected["transformed"])) {
    const Column& found = transformed->column(c++);
    std::size_t row = 0;
    for (const double answer : numbers(column)) note(found.number(row++), answer);
  }
  return largest;
}

/// "0", or the power of ten that the difference does not exceed.
std::string cell(std::optional<double> difference) {
  if (!difference) return "refused";
  if (*difference == 0) return "0";
  return "1e" + std::to_string(static_cast<int>(std::ceil(std::log10(*difference))));
}

/// Markdown: a table for each library, a line for each model, a column for each version.
std::string difference_tables() {
  std::map<std::string, std::set<std::string>> versions;  // of each library
  std::map<std::string, std::map<std::string, std::map<std::string, std::string>>> cells;
  for (const std::string& fixture : scored_models()) {
    const std::filesystem::path path(fixture);
    if (*path.begin() != "versions") continue;
    const std::string folder = path.parent_path().filename().string();
    const std::size_t dash = folder.rfind('-');
    const std::string library = folder.substr(0, dash);
    const std::string version = folder.substr(dash + 1);
    versions[library].insert(version);
    cells[library][path.stem().string()][version] = cell(largest_difference(fixture));
  }
  std::string out;
  for (const auto& [library, models] : cells) {
    out += "\n| " + library;
    for (const std::string& version : versions[library]) out += " | " + version;
    out += " |\n|---";
    for (std::size_t i = 0; i < versions[library].size(); ++i) out += "|---";
    out += "|\n";
    for (const auto& [model, by_version] : models) {
      out += "| " + model;
      for (const std::string& version : versions[library]) {
        const auto found = by_version.find(version);
        out += " | " + (found == by_version.end() ? "" : found->second);
      }
      out += " |\n";
    }
  }
  return out;
}

// CLAIRSCORE_WRITE_TABLES=1 writes the tables instead.
TEST(DocumentedDifferencesTest, AreTheMeasuredOnes) {
  const auto path = fixtures() / "../../docs/models.md";
  constexpr std::string_view kMark = "<!-- what follows is written by mlflow_test -->\n";
  const auto document = read_text_file(path, kMaxBytes);
  ASSERT_TRUE(document);
  const std::size_t begin = document->find(kMark);
  ASSERT_NE(begin, std::string::npos);
  const std::string kept = document->substr(0, begin + kMark.size());
  const std::string tables = difference_tables();
  if (const char* write = std::getenv("CLAIRSCORE_WRITE_TABLES"); write != nullptr) {
    ASSERT_TRUE(write_file_atomically(path, as_bytes(kept + tables)));
    return;
  }
  EXPECT_EQ(document->substr(kept.size()), tables);
}

INSTANTIATE_TEST_SUITE_P(All, ScoredModelTest, testing::ValuesIn(scored_models()),
                         [](const auto& model) { return test_name(model.param); });

}  // namespace
}  // namespace clairscore
