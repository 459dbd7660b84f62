// `clairscore hub prepare`, run as a user runs it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "cli/process_test_util.h"

namespace clairscore {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class PrepareTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(folder_ / "data");
    fs::copy(source_ / "hub/model", folder_ / "gradient_boosting", fs::copy_options::recursive);
    fs::copy(source_ / "hub60/application_test.csv", folder_ / "data" / "application_test.csv");
  }
  void TearDown() override { fs::remove_all(folder_); }

  const fs::path source_ = fs::path(CLAIRSCORE_SOURCE_DIR) / "tests/fixtures/reference";
  const fs::path folder_ = fs::path(testing::TempDir()) / "prepare";
};

TEST_F(PrepareTest, TellsWhatWillServeAndWritesWhatIsMissing) {
  const Finished dry = run_clairscore({"hub", "prepare", folder_.string(), "--dry-run"});
  EXPECT_EQ(dry.exit_code, 0) << dry.err;
  EXPECT_FALSE(fs::exists(folder_ / "data/plots"));
  const Finished ended = run_clairscore({"hub", "prepare", folder_.string()});
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_THAT(ended.out, AllOf(HasSubstr("HistGradientBoostingClassifier, 163 features"),
                               HasSubstr("60 applicants, recipe home_credit"),
                               HasSubstr("hf upload ORG/MODEL"), HasSubstr("gradient_boosting\n"),
                               HasSubstr("--repo-type dataset")));
  for (const char* name : {"EXT_SOURCE_2", "EXT_SOURCE_3", "DAYS_EMPLOYED", "OWN_CAR_AGE"}) {
    EXPECT_TRUE(fs::exists(folder_ / "data/plots" / (std::string(name) + "_hist_data.json")));
  }
  EXPECT_TRUE(fs::exists(folder_ / "data/shap/shap_beeswarm.png"));
  const Finished again = run_clairscore({"hub", "prepare", folder_.string()});
  EXPECT_THAT(again.out, Not(HasSubstr("written"))) << "nothing is missing any more";
}

TEST_F(PrepareTest, WhatWouldNotServeIsRefused) {
  std::ofstream(folder_ / "data/application_test.csv") << "SK_ID_CURR\n1\n";
  const Finished columns = run_clairscore({"hub", "prepare", folder_.string()});
  EXPECT_EQ(columns.exit_code, 3);
  EXPECT_THAT(columns.err, HasSubstr("application_test.csv"));
  fs::remove(folder_ / "gradient_boosting/MLmodel");
  const Finished model = run_clairscore({"hub", "prepare", folder_.string()});
  EXPECT_EQ(model.exit_code, 3);
  EXPECT_THAT(model.err, HasSubstr("no folder with MLmodel"));
}

}  // namespace
}  // namespace clairscore
