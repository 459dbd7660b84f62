#include "base/log.h"

#include <gtest/gtest.h>

#include <string>

namespace clairscore {
namespace {

TEST(LogTest, WritesOneLineOfTheLevelsAskedFor) {
  testing::internal::CaptureStderr();
  auto log = make_stderr_log(LogLevel::kInfo);
  log->debug("unseen");
  log->warning("a\nb {} \x1b[0m");
  log.reset();
  const std::string text = testing::internal::GetCapturedStderr();
  ASSERT_GT(text.size(), 25U);
  EXPECT_EQ(text[4], '-');
  EXPECT_EQ(text[10], 'T');
  EXPECT_EQ(text[23], 'Z');
  EXPECT_EQ(text.substr(24), " warning a?b {} ?[0m\n");
}

TEST(LogTest, FieldsFollowTheMessage) {
  testing::internal::CaptureStderr();
  const LogField fields[] = {{"route", "/a"}, {"text", "two words"}, {"none", ""}};
  make_stderr_log(LogLevel::kInfo)->write_with(LogLevel::kInfo, "answered", fields);
  EXPECT_EQ(testing::internal::GetCapturedStderr().substr(24),
            " info answered route=/a text=\"two words\" none=\"\"\n");
}

TEST(LogTest, JsonLinesHoldFieldsAsMembers) {
  testing::internal::CaptureStderr();
  const LogField fields[] = {{"route", "/a\"b"}, {"ms", "0.125", true}};
  make_stderr_log(LogLevel::kInfo, LogFormat::kJson)
      ->write_with(LogLevel::kWarning, "two\nlines", fields);
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_EQ(text.substr(0, 9), R"({"time":")");
  EXPECT_EQ(text.substr(text.find(R"(","level")")),
            R"(","level":"warning","message":"two\nlines","route":"/a\"b","ms":0.125})"
            "\n");
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
