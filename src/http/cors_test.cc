#include "http/cors.h"

#include <gtest/gtest.h>

namespace clairscore::http {
namespace {

Request request(const std::string& method, const Fields& headers) {
  Request request;
  request.method = method;
  request.headers = headers;
  return request;
}

const Fields kPage = {{"origin", "https://a.example"}};
const Fields kQuestion = {{"origin", "https://a.example"},
                          {"access-control-request-method", "POST"}};

TEST(Cors, IsOffUnlessOriginsAreNamed) {
  for (const Cors& off : {Cors(), Cors::build("").value(), Cors::build(" , ").value()}) {
    Response response = Response::text("x");
    off.allow(request("GET", kPage), response);
    EXPECT_EQ(response.headers.size(), 1U);
    EXPECT_FALSE(off.preflight(request("OPTIONS", kQuestion)));
  }
}

TEST(Cors, NamesTheOriginThatMayRead) {
  const Cors cors = Cors::build("http://localhost:3000, https://a.example").value();
  Response response;
  cors.allow(request("GET", kPage), response);
  EXPECT_EQ(response.header("access-control-allow-origin"), "https://a.example");
  EXPECT_EQ(response.header("vary"), "origin");
  EXPECT_NE(response.header("access-control-expose-headers"), "");
  EXPECT_EQ(response.header("access-control-allow-credentials"), "");
  for (const Fields& other :
       {Fields{}, Fields{{"origin", "https://b.example"}},
        Fields{{"origin", "https://a.example.b.example"}}, Fields{{"origin", "null"}}}) {
    Response without;
    cors.allow(request("GET", other), without);
    EXPECT_EQ(without.header("access-control-allow-origin"), "");
    EXPECT_EQ(without.header("vary"), "origin");
  }
}

TEST(Cors, AnswersABrowserThatAsksFirst) {
  const Cors cors = Cors::build("https://a.example").value();
  const auto answer = cors.preflight(request("OPTIONS", kQuestion));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 204);
  EXPECT_NE(answer->header("access-control-allow-methods").find("POST"), std::string_view::npos);
  EXPECT_NE(answer->header("access-control-allow-headers").find("authorization"),
            std::string_view::npos);
  EXPECT_FALSE(cors.preflight(request("OPTIONS", kPage))) << "a plain OPTIONS is no question";
  EXPECT_FALSE(cors.preflight(request("GET", kQuestion)));
  EXPECT_FALSE(cors.preflight(request(
      "OPTIONS", {{"origin", "https://b.example"}, {"access-control-request-method", "POST"}})));
}

TEST(Cors, AStarIsEverybody) {
  const Cors cors = Cors::build("*").value();
  Response response;
  cors.allow(request("GET", kPage), response);
  EXPECT_EQ(response.header("access-control-allow-origin"), "*");
  EXPECT_EQ(response.header("vary"), "");
}

TEST(Cors, WhatIsNoOriginIsRefused) {
  for (const char* text : {"a.example", "https://a.example/", "https://", "ftp://a.example",
                           "https://A.example", "https://*.example", "null"}) {
    const auto cors = Cors::build(text);
    ASSERT_FALSE(cors) << text;
    EXPECT_EQ(cors.error().code, ErrorCode::kUsage);
    EXPECT_NE(cors.error().what.find(text), std::string::npos);
  }
}

}  // namespace
}  // namespace clairscore::http
