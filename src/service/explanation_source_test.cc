#include "service/explanation_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace clairscore {
namespace {

using testing::HasSubstr;

constexpr std::size_t kRows = 1000;

/// Row r: live contributions (r, 1) on base 0.5; shipped ones differ from `from` on.
class FakeFile final : public ShippedContributions {
 public:
  FakeFile(std::size_t from, double shift_first, double shift_second)
      : from_(from), shift_{shift_first, shift_second} {}
  std::size_t rows() const override { return rows_; }
  std::size_t features() const override { return 2; }
  double read(std::size_t row, std::span<double> values) const override {
    const bool shifted = row >= from_;
    values[0] = static_cast<double>(row) + (shifted ? shift_[0] : 0);
    values[1] = 1 + (shifted ? shift_[1] : 0);
    return 0.5;
  }
  std::size_t rows_ = kRows;

 private:
  std::size_t from_;
  double shift_[2];
};

struct Made {
  Result<std::unique_ptr<ExplanationSource>> source;
  std::shared_ptr<std::vector<std::string>> warnings;
};

Made make(std::shared_ptr<const ShippedContributions> file,
          ExplanationSetting setting = ExplanationSetting::kAuto) {
  auto warnings = std::make_shared<std::vector<std::string>>();
  ExplanationSource::Parts parts;
  parts.file = std::move(file);
  parts.setting = setting;
  parts.rows = kRows;
  parts.features = 2;
  parts.live = [](std::size_t row) -> Result<Explanation> {
    return Explanation{0.5, {static_cast<double>(row), 1}};
  };
  parts.score = [](std::size_t row) { return Score{static_cast<double>(row) + 1.5, 0.5, false}; };
  parts.customer = [](std::size_t row) { return std::to_string(100000 + row); };
  parts.customer_in_log = [](std::size_t row) { return "hash:" + std::to_string(row); };
  parts.on_warning = [warnings](const std::string& warning) { warnings->push_back(warning); };
  return {ExplanationSource::create(std::move(parts)), warnings};
}

TEST(ExplanationSourceTest, WithoutAFileContributionsAreLive) {
  const auto made = make(nullptr);
  const auto report = (*made.source)->report();
  EXPECT_EQ(report.status, ParityStatus::kNoFile);
  EXPECT_FALSE(report.file_served);
  EXPECT_EQ((*made.source)->explain(7)->values, (std::vector<double>{7, 1}));
  EXPECT_TRUE(made.warnings->empty());
}

TEST(ExplanationSourceTest, AnEqualFileChangesNothing) {
  const auto made = make(std::make_shared<FakeFile>(kRows, 0, 0));
  EXPECT_TRUE((*made.source)->report().checking);
  (*made.source)->start_background();
  (*made.source)->wait();
  const auto report = (*made.source)->report();
  EXPECT_EQ(report.status, ParityStatus::kEqual);
  EXPECT_FALSE(report.checking);
  EXPECT_FALSE(report.file_served);
  EXPECT_EQ(report.rows_checked, kRows);
}

TEST(ExplanationSourceTest, AnotherMethodIsServedFromTheFile) {
  const auto made = make(std::make_shared<FakeFile>(0, +0.25, -0.25));
  EXPECT_TRUE((*made.source)->report().file_served);
  EXPECT_EQ((*made.source)->explain(7)->values, (std::vector<double>{7.25, 0.75}));
  EXPECT_TRUE(made.warnings->empty());
}

TEST(ExplanationSourceTest, AFileMadeForOtherRowsGivesWayAndTheFirstCustomerIsNamed) {
  const auto made = make(std::make_shared<FakeFile>(0, 1, 0));
  EXPECT_FALSE((*made.source)->report().file_served);
  EXPECT_EQ((*made.source)->explain(7)->values, (std::vector<double>{7, 1}));
  ASSERT_EQ(made.warnings->size(), 1U);
  EXPECT_THAT(made.warnings->front(), HasSubstr("customer hash:0 do not add up"));
}

TEST(ExplanationSourceTest, TheFullComparisonNamesTheFirstCustomer) {
  // Rows 998 and 999 are stale; the sample holds 999 only.
  const auto made = make(std::make_shared<FakeFile>(998, 1, 0));
  EXPECT_THAT((*made.source)->report().warning, HasSubstr("customer 100999"));
  (*made.source)->start_background();
  (*made.source)->wait();
  const auto report = (*made.source)->report();
  EXPECT_EQ(report.status, ParityStatus::kNotAdditive);
  EXPECT_THAT(report.warning, HasSubstr("customer 100998"));
}

/// Only row 502 is stale; 502 is not in the sample.
class OneStaleRow final : public ShippedContributions {
 public:
  explicit OneStaleRow(bool other_method) : other_method_(other_method) {}
  std::size_t rows() const override { return kRows; }
  std::size_t features() const override { return 2; }
  double read(std::size_t row, std::span<double> values) const override {
    values[0] = static_cast<double>(row) + (row == 502 ? 9 : 0) + (other_method_ ? 1 : 0);
    values[1] = other_method_ ? 0 : 1;
    return 0.5;
  }

 private:
  bool other_method_;
};

TEST(ExplanationSourceTest, ALaterFailureSwitchesToLive) {
  for (const std::size_t row : spread_rows(kRows, 256)) ASSERT_NE(row, 502U);
  const auto made = make(std::make_shared<OneStaleRow>(true));
  EXPECT_TRUE((*made.source)->report().file_served);
  EXPECT_TRUE((*made.source)->report().checking);
  (*made.source)->start_background();
  (*made.source)->wait();
  const auto report = (*made.source)->report();
  EXPECT_FALSE(report.file_served);
  EXPECT_EQ((*made.source)->explain(7)->values, (std::vector<double>{7, 1}));
  ASSERT_EQ(made.warnings->size(), 1U);
  EXPECT_THAT(made.warnings->front(), HasSubstr("customer hash:502"));
}

TEST(ExplanationSourceTest, OtherCountsAreAnotherFile) {
  auto file = std::make_shared<FakeFile>(kRows, 0, 0);
  file->rows_ = 999;
  const auto made = make(file);
  EXPECT_EQ((*made.source)->report().status, ParityStatus::kOtherShape);
  ASSERT_EQ(made.warnings->size(), 1U);
  EXPECT_THAT(made.warnings->front(), HasSubstr("999 rows of 2 features"));
}

TEST(ExplanationSourceTest, TheSettingFileIsObeyedOrRefused) {
  const auto equal = make(std::make_shared<FakeFile>(kRows, 0, 0), ExplanationSetting::kFile);
  EXPECT_TRUE((*equal.source)->report().file_served);
  EXPECT_FALSE(make(std::make_shared<FakeFile>(0, 1, 0), ExplanationSetting::kFile).source);
  EXPECT_FALSE(make(nullptr, ExplanationSetting::kFile).source);
  const auto live = make(std::make_shared<FakeFile>(0, +1, -1), ExplanationSetting::kLive);
  EXPECT_FALSE((*live.source)->report().file_served);
  EXPECT_EQ((*live.source)->explain(7)->values, (std::vector<double>{7, 1}));
}

TEST(ExplanationSourceTest, EndsItsThreadWhenDestroyed) {
  auto made = make(std::make_shared<FakeFile>(kRows, 0, 0));
  (*made.source)->start_background();
  made.source->reset();
  EXPECT_TRUE(made.warnings->empty());
}

}  // namespace
}  // namespace clairscore
