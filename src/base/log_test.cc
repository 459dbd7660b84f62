#include "base/log.h"

#include <gtest/gtest.h>

#include <string>

namespace clairscore {
namespace {

TEST(LogTest, WritesOneLineOfTheLevelsAskedFor) {
  testing::internal::CaptureStderr();
  const auto log = make_stderr_log(LogLevel::kInfo);
  log->debug("unseen");
  log->warning("a\nb {} \x1b[0m");
  const std::string text = testing::internal::GetCapturedStderr();
  ASSERT_GT(text.size(), 25U);
  EXPECT_EQ(text[4], '-');
  EXPECT_EQ(text[10], 'T');
  EXPECT_EQ(text[23], 'Z');
  EXPECT_EQ(text.substr(24), " warning a?b {} ?[0m\n");
}

TEST(LogTest, KnowsTheNamesOfItsLevels) {
  EXPECT_EQ(parse_log_level("debug"), LogLevel::kDebug);
  EXPECT_EQ(parse_log_level("info"), LogLevel::kInfo);
  EXPECT_EQ(parse_log_level("warning"), LogLevel::kWarning);
  EXPECT_EQ(parse_log_level("error"), LogLevel::kError);
  EXPECT_FALSE(parse_log_level("loud").has_value());
}

}  // namespace
}  // namespace clairscore
