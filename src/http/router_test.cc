#include "http/router.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace clairscore::http {
namespace {

using testing::ElementsAre;
using testing::Pair;

Handler answers(const char* text) {
  return [text](const Request&) { return Response::text(text); };
}

Router example() {
  Router router;
  router.add({"GET", "/", Cost::kInline, answers("root")});
  router.add({"GET", "/customers", Cost::kInline, answers("customers")});
  router.add({"POST", "/customers", Cost::kInline, answers("new customer")});
  router.add({"GET", "/features/bivariate_data", Cost::kInline, answers("bivariate")});
  router.add({"GET", "/customer/{customer_id}/score", Cost::kInline, answers("score")});
  router.add({"GET", "/{kind}/{name}", Cost::kInline, answers("any two")});
  return router;
}

struct Outcome {
  Response response;
  Request request;
};

Outcome ask(const Router& router, const std::string& method, std::string_view target) {
  Outcome outcome;
  outcome.request.method = method;
  outcome.request.headers = {{"host", "example.org:81"}};
  EXPECT_TRUE(set_target(outcome.request, target).has_value());
  Router::Match match = router.match(outcome.request);
  outcome.response =
      match.route != nullptr ? match.route->handler(outcome.request) : std::move(match.answer);
  return outcome;
}

TEST(RouterTest, FindsARouteAndItsParameters) {
  const Router router = example();
  EXPECT_EQ(ask(router, "GET", "/").response.body, "root");
  EXPECT_EQ(ask(router, "GET", "/customers?x=1").response.body, "customers");
  EXPECT_EQ(ask(router, "POST", "/customers").response.body, "new customer");
  const Outcome outcome = ask(router, "GET", "/customer/%20a%2Bb/score");
  EXPECT_EQ(outcome.response.body, "score");
  EXPECT_EQ(outcome.request.path_parameter("customer_id"), " a+b");
  EXPECT_THROW(outcome.request.path_parameter("other"), std::out_of_range);
}

TEST(RouterTest, TakesTheFirstRouteThatFits) {
  const Router router = example();
  EXPECT_EQ(ask(router, "GET", "/features/bivariate_data").response.body, "bivariate");
  const Outcome outcome = ask(router, "GET", "/features/x");
  EXPECT_EQ(outcome.response.body, "any two");
  EXPECT_THAT(outcome.request.path_parameters,
              ElementsAre(Pair("kind", "features"), Pair("name", "x")));
}

TEST(RouterTest, AnEncodedSlashDividesSegments) {
  const Response response = ask(example(), "GET", "/customer/..%2f..%2fetc/score").response;
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.body, R"({"detail":"Not Found"})");
}

TEST(RouterTest, AParameterIsNeverEmpty) {
  EXPECT_EQ(ask(example(), "GET", "/customer//score").response.status, 404);
}

TEST(RouterTest, UnknownPathsAre404) {
  const Router router = example();
  for (const char* path : {"/nope", "/customer/", "/customer/1/score/x", "//customers"}) {
    EXPECT_EQ(ask(router, "GET", path).response.status, 404) << path;
  }
}

TEST(RouterTest, AnotherMethodIs405AndSaysWhatIsAllowed) {
  const Router router = example();
  const Response one = ask(router, "DELETE", "/customer/1/score").response;
  EXPECT_EQ(one.status, 405);
  EXPECT_EQ(one.header("allow"), "GET");
  EXPECT_EQ(one.body, R"({"detail":"Method Not Allowed"})");
  EXPECT_EQ(ask(router, "OPTIONS", "/customers").response.header("allow"), "GET, POST");
  EXPECT_EQ(ask(router, "get", "/customers").response.status, 405);
}

TEST(RouterTest, HeadIsAnsweredWhereGetIs) {
  const Router router = example();
  EXPECT_EQ(ask(router, "HEAD", "/customers").response.body, "customers");
}

TEST(RouterTest, SlashesTooManyAreRedirectedToTheHostAsked) {
  const Router router = example();
  const Response response = ask(router, "GET", "/customers/").response;
  EXPECT_EQ(response.status, 307);
  EXPECT_EQ(response.header("location"), "http://example.org:81/customers");
  EXPECT_TRUE(response.body.empty());
  EXPECT_EQ(ask(router, "PUT", "/customers///?a=%20b").response.header("location"),
            "http://example.org:81/customers?a=%20b");
  EXPECT_EQ(ask(router, "GET", "/customer/%0d%0aX:%201/score/").response.header("location"),
            "http://example.org:81/customer/%0D%0AX:%201/score");
}

TEST(RouterTest, AHostThatCouldMeanMoreIsNotRepeated) {
  const Router router = example();
  Request request;
  request.method = "GET";
  request.headers = {{"host", "evil.example/path?"}};
  ASSERT_TRUE(set_target(request, "/customers/").has_value());
  EXPECT_EQ(router.match(request).answer.header("location"), "/customers");
}

TEST(RouterTest, RefusesMalformedRoutes) {
  Router router;
  EXPECT_THROW(router.add({"GET", "", Cost::kInline, answers("")}), std::invalid_argument);
  EXPECT_THROW(router.add({"GET", "a", Cost::kInline, answers("")}), std::invalid_argument);
  EXPECT_THROW(router.add({"GET", "/a/", Cost::kInline, answers("")}), std::invalid_argument);
}

}  // namespace
}  // namespace clairscore::http
