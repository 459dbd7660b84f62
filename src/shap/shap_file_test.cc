#include "shap/shap_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/numbers.h"

namespace clairscore {
namespace {

namespace dom = simdjson::dom;

const std::filesystem::path kFixtures =
    std::filesystem::path(CLAIRSCORE_SOURCE_DIR) / "tests/fixtures/shap";
const std::filesystem::path kReference =
    std::filesystem::path(CLAIRSCORE_SOURCE_DIR) / "tests/fixtures/reference";

double number_of(dom::element text) {
  return parse_double(std::string_view(text)).value();
}

class ShapFixtures : public testing::Test {
 protected:
  dom::parser parser_;
  dom::element expected_;
  void SetUp() override {
    expected_ = parser_.parse(read_text_file(kFixtures / "expected.json", 1 << 20).value());
  }
};

TEST_F(ShapFixtures, EveryFormHoldsTheSame) {
  int files = 0;
  for (const auto& [name, content] : dom::object(expected_["files"])) {
    SCOPED_TRACE(name);
    ++files;
    const auto file = ShapFile::open(kFixtures / name);
    ASSERT_TRUE(file) << to_string(file.error());
    const dom::array rows = content["values"];
    ASSERT_EQ(file->rows(), rows.size());
    ASSERT_EQ(file->features(), dom::array(rows.at(0)).size());
    for (std::size_t row = 0; row < rows.size(); ++row) {
      std::vector<double> wanted;
      for (const dom::element value : dom::array(rows.at(row))) wanted.push_back(number_of(value));
      EXPECT_EQ(file->row(row), wanted) << "row " << row;
      if (content["base_values"].is_null()) {
        EXPECT_FALSE(file->base_value(row));
      } else {
        EXPECT_EQ(file->base_value(row), number_of(content["base_values"].at(row)));
      }
    }
    EXPECT_EQ(file->has_base_values(), !content["base_values"].is_null());
    if (content["feature_names"].is_null()) {
      EXPECT_FALSE(file->feature_names());
    } else {
      std::vector<std::string> names;
      for (const dom::element feature : dom::array(content["feature_names"])) {
        names.emplace_back(std::string_view(feature));
      }
      EXPECT_EQ(file->feature_names(), names);
    }
  }
  EXPECT_EQ(files, 36);
}

TEST_F(ShapFixtures, RefusalsNameWhatIsWrong) {
  int files = 0;
  for (const auto& [name, what] : dom::object(expected_["refused"])) {
    SCOPED_TRACE(name);
    ++files;
    const auto file = ShapFile::open(kFixtures / name);
    ASSERT_FALSE(file);
    EXPECT_THAT(file.error().what, testing::HasSubstr(std::string_view(what)));
    EXPECT_THAT(file.error().where, testing::HasSubstr(std::string(name) + ", byte "));
  }
  EXPECT_EQ(files, 14);
}

TEST(ShapFile, NamesAFileThatIsNotThere) {
  const auto file = ShapFile::open(kFixtures / "none.joblib");
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, ErrorCode::kNotFound);
}

// The original's file, compressed, and a part of it that is not.
TEST(ShapFile, ReadsTheReferenceFiles) {
  const auto whole = ShapFile::open(kReference / "hub/data/shap/shap_explanation.joblib");
  ASSERT_TRUE(whole) << to_string(whole.error());
  const auto part = ShapFile::open(kReference / "hub60/shap/shap_explanation.joblib");
  ASSERT_TRUE(part) << to_string(part.error());
  EXPECT_EQ(whole->rows(), 1500U);
  EXPECT_EQ(part->rows(), 60U);
  ASSERT_EQ(whole->features(), part->features());
  EXPECT_EQ(whole->feature_names(), part->feature_names());
  for (std::size_t row = 0; row < part->rows(); ++row) {
    EXPECT_EQ(whole->row(row), part->row(row)) << row;
    EXPECT_EQ(whole->base_value(row), part->base_value(row)) << row;
  }
}

/// Resident kilobytes of the mapping of a file.
long resident_kilobytes(const std::string& path) {
  std::ifstream maps("/proc/self/smaps");
  std::string line;
  bool inside = false;
  long total = 0;
  while (std::getline(maps, line)) {
    if (line.find('-') < 17 && line.find(' ') > 16) inside = line.ends_with(path);
    if (inside && line.starts_with("Rss:")) total += std::stol(line.substr(4));
  }
  return total;
}

TEST(ShapFile, AScanLeavesNothingResident) {
  // Ten megabytes: the header of array.joblib with another shape would do, but a hand-made
  // protocol 4 pickle is plainer: numpy's _frombuffer of one long byte string.
  constexpr std::size_t rows = 12'800;
  constexpr std::size_t columns = 100;
  const auto path = std::filesystem::path(testing::TempDir()) / "shap_scan.pkl";
  std::vector<double> content(rows * columns);
  for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<double>(i);
  constexpr std::uint32_t byte_count = rows * columns * sizeof(double);
  std::string pickle =
      "\x80\x04"
      "cnumpy.core.numeric\n_frombuffer\n(B";
  pickle.append(reinterpret_cast<const char*>(&byte_count), 4);
  pickle.append(reinterpret_cast<const char*>(content.data()), byte_count);
  pickle +=
      "cnumpy\ndtype\n(\x8c\x02"
      "f8\x89\x88tRI12800\nI100\n\x86\x8c\x01"
      "CtR.";
  std::ofstream(path, std::ios::binary) << pickle;

  const auto file = ShapFile::open(path);
  ASSERT_TRUE(file) << to_string(file.error());
  double sum = 0;
  for (std::size_t row = 0; row < file->rows(); ++row) sum += file->row(row)[row % columns];
  EXPECT_GT(sum, 0);
  EXPECT_GT(resident_kilobytes(path.filename()), 9'000);
  file->release();
  EXPECT_LT(resident_kilobytes(path.filename()), 200);
  EXPECT_EQ(file->row(rows - 1)[columns - 1], content.back());
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace clairscore
