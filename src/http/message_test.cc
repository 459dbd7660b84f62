#include "http/message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace clairscore::http {
namespace {

using testing::ElementsAre;
using testing::Pair;

Request request_for(std::string_view target) {
  Request request;
  EXPECT_TRUE(set_target(request, target).has_value()) << target;
  return request;
}

TEST(MessageTest, SplitsAndDecodesATarget) {
  const Request request = request_for("/customer/%20100%2f?feat_x=a+b%20c&feat_y&&z==1=&%66=%zz%4");
  EXPECT_EQ(request.path, "/customer/ 100/");
  EXPECT_THAT(request.query, ElementsAre(Pair("feat_x", "a b c"), Pair("feat_y", ""),
                                         Pair("z", "=1="), Pair("f", "%zz%4")));
}

TEST(MessageTest, APlusInAPathIsAPlus) {
  EXPECT_EQ(request_for("/customer/+100285/score").path, "/customer/+100285/score");
}

TEST(MessageTest, AnAbsoluteTargetIsItsPath) {
  EXPECT_EQ(request_for("http://example.org:80/a?b=c").target, "/a?b=c");
  EXPECT_EQ(request_for("https://example.org").path, "/");
  EXPECT_EQ(request_for("http://example.org?x=1").query.front().first, "x");
}

TEST(MessageTest, LeavesOutAFragment) {
  const Request request = request_for("/a?b=c#d?e");
  EXPECT_EQ(request.path, "/a");
  EXPECT_THAT(request.query, ElementsAre(Pair("b", "c")));
}

TEST(MessageTest, RefusesATargetThatIsNoPath) {
  Request request;
  EXPECT_FALSE(set_target(request, "*").has_value());
  EXPECT_FALSE(set_target(request, "example.org:443").has_value());
  EXPECT_FALSE(set_target(request, "ftp://example.org/").has_value());
}

TEST(MessageTest, TheLastQueryValueCounts) {
  const Request request = request_for("/?a=1&b=2&a=3");
  ASSERT_NE(request.query_value("a"), nullptr);
  EXPECT_EQ(*request.query_value("a"), "3");
  EXPECT_EQ(request.query_value("c"), nullptr);
}

TEST(MessageTest, DetailIsJson) {
  const Response response = Response::detail(404, "no \"x\"");
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.body, R"({"detail":"no \"x\""})");
  EXPECT_EQ(response.header("content-type"), "application/json");
}

RC_GTEST_PROP(MessageProperty, DecodingUndoesEncoding, (const std::string& path)) {
  const std::string encoded = percent_encode_path(path);
  RC_ASSERT(percent_decode(encoded, false) == path);
  for (const char c : encoded) RC_ASSERT(c > 0x20 && c < 0x7F && c != '?' && c != '#');
}

RC_GTEST_PROP(MessageProperty, AnyTextIsReadOrRefused, (const std::string& target)) {
  Request request;
  const bool read = set_target(request, target).has_value();

  if (read) RC_ASSERT(!request.path.empty() && request.path.front() == '/');
}

}  // namespace
}  // namespace clairscore::http
