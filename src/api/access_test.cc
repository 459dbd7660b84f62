#include "api/access.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace clairscore::api {
namespace {

using http::Request;
using http::Response;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kTokens =
    "reader:read-read-read-read, scorer:score-score-score,operator:operate-operate-1";

Request with(const std::string& name, const std::string& value) {
  Request request;
  request.headers = {{name, value}};
  return request;
}

int status(const Access& access, Role needed, const Request& request) {
  const auto handler = access.guard(needed, [](const Request&) { return Response::text("done"); });
  return handler(request).status;
}

TEST(AccessTest, WithoutTokensEveryoneReadsAndScoresAndNobodyOperates) {
  const Access open;
  EXPECT_EQ(status(open, Role::kReader, {}), 200);
  EXPECT_EQ(status(open, Role::kScorer, {}), 200);
  EXPECT_EQ(status(open, Role::kOperator, {}), 404);
  EXPECT_EQ(status(open, Role::kOperator, with("authorization", "Bearer x")), 404);
}

TEST(AccessTest, ARoleMayWhatThoseBeforeItMay) {
  const Access access = Access::build(kTokens, "").value();
  const auto as = [&](const std::string& secret, Role needed) {
    return status(access, needed, with("authorization", "Bearer " + secret));
  };
  EXPECT_EQ(as("read-read-read-read", Role::kReader), 200);
  EXPECT_EQ(as("read-read-read-read", Role::kScorer), 403);
  EXPECT_EQ(as("score-score-score", Role::kReader), 200);
  EXPECT_EQ(as("score-score-score", Role::kScorer), 200);
  EXPECT_EQ(as("score-score-score", Role::kOperator), 403);
  EXPECT_EQ(as("operate-operate-1", Role::kOperator), 200);
  EXPECT_EQ(as("operate-operate-2", Role::kReader), 401);
  EXPECT_EQ(status(access, Role::kReader, {}), 401);
  EXPECT_EQ(status(access, Role::kReader, with("authorization", "Basic eA==")), 401);
  EXPECT_EQ(status(access, Role::kReader, with("authorization", "bearer score-score-score")), 200);
  EXPECT_EQ(status(access, Role::kNobody, {}), 200) << "what is open stays open";
}

TEST(AccessTest, ARefusalSaysWhetherAnotherTokenWouldHelp) {
  const Access access = Access::build(kTokens, "").value();
  const auto handler =
      access.guard(Role::kScorer, [](const Request&) { return Response::text("done"); });
  const auto challenge = [&](const Request& request) {
    return std::string(handler(request).header("www-authenticate"));
  };
  EXPECT_EQ(challenge({}), "Bearer");
  EXPECT_EQ(challenge(with("authorization", "Bearer nonsense")), "Bearer error=\"invalid_token\"");
  EXPECT_EQ(challenge(with("authorization", "Bearer read-read-read-read")),
            "Bearer error=\"insufficient_scope\"");
}

TEST(AccessTest, ATokenForOperatorsAloneLeavesReadingOpen) {
  const Access access = Access::build("operator:operate-operate-1", "").value();
  EXPECT_FALSE(access.restricts());
  EXPECT_EQ(status(access, Role::kReader, {}), 200);
  EXPECT_EQ(status(access, Role::kOperator, {}), 401);
  EXPECT_EQ(status(access, Role::kOperator, with("authorization", "Bearer nonsense")), 401);
  EXPECT_EQ(status(access, Role::kOperator, with("authorization", "Bearer operate-operate-1")),
            200);
}

TEST(AccessTest, ATrustedProxySpeaksForTheCaller) {
  const Access access = Access::build("", "x-forwarded-user").value();
  EXPECT_EQ(status(access, Role::kReader, {}), 403) << "no token would help";
  EXPECT_EQ(status(access, Role::kReader, with("authorization", "Bearer nonsense")), 403);
  EXPECT_EQ(status(access, Role::kScorer, with("x-forwarded-user", "ada")), 200);
  EXPECT_EQ(status(access, Role::kOperator, with("x-forwarded-user", "ada")), 404);
}

TEST(AccessTest, RefusalsNameNoSecret) {
  for (const char* tokens :
       {"reader", "boss:0123456789abcdef", "reader:short-secret", "reader:0123456789 abcdef"}) {
    const auto access = Access::build(tokens, "");
    ASSERT_FALSE(access) << tokens;
    EXPECT_EQ(access.error().code, ErrorCode::kUsage);
    EXPECT_THAT(to_string(access.error()), HasSubstr("setting tokens"));
    EXPECT_THAT(to_string(access.error()), Not(HasSubstr("0123456789")));
    EXPECT_THAT(to_string(access.error()), Not(HasSubstr("short-secret")));
  }
}

}  // namespace
}  // namespace clairscore::api
