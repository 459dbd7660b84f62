#include "api/routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <map>
#include <set>

#include "api/fake_assets.h"
#include "api/screen.h"
#include "http/negotiate.h"

namespace clairscore::api {
namespace {

using http::Request;
using http::Response;
using testing::HasSubstr;

class FixedClock final : public Clock {
 public:
  std::chrono::system_clock::time_point now() const override {
    return std::chrono::system_clock::time_point(std::chrono::microseconds(1'795'000'000'000'123));
  }
};

class RoutesTest : public testing::Test {
 protected:
  Response ask(std::string_view target, const http::Fields& headers = {},
               const std::string& method = "GET") const {
    return ask(*router_, target, headers, method);
  }
  static Response ask(const http::Router& router, std::string_view target,
                      const http::Fields& headers = {}, const std::string& method = "GET") {
    Request request;
    request.method = method;
    request.headers = headers;
    request.headers.emplace_back("host", "test");
    EXPECT_TRUE(http::set_target(request, target).has_value());
    http::Router::Match match = router.match(request);
    return match.route == nullptr ? std::move(match.answer) : match.route->handler(request);
  }

  State state_;
  FixedClock clock_;
  Actions actions_;
  std::shared_ptr<FakeAssets> assets_ = FakeAssets::make();
  std::shared_ptr<const http::Router> router_ = make_router(state_, clock_, actions_, true);
};

TEST_F(RoutesTest, BeforeASnapshotOnlyTheServiceItselfAnswers) {
  state_.set_step("reading \"x.csv\"");
  for (const char* path :
       {"/customers", "/customer/7/score", "/customer/abc/score", "/customer/7/features",
        "/customer/7/shap", "/customer/7/dashboard", "/api/v1/customers/7/inputs",
        "/features/bivariate_data", "/features/AGE/distribution", "/shap/global",
        "/api/v1/importance/picture", "/api/v1/model", "/api/v1/customers", "/api/v1/customers/7",
        "/api/v1/dictionary", "/api/v1/importance", "/api/v1/inputs/AGE/distribution",
        "/api/v1/inputs/AGE/dependence"}) {
    const Response response = ask(path);
    EXPECT_EQ(response.status, 503) << path;
    EXPECT_EQ(response.content(), R"({"detail":"Service is unavailable."})") << path;
  }
  EXPECT_EQ(ask("/livez").status, 200);
  const Response loading = ask("/readyz");
  EXPECT_EQ(loading.status, 503);
  EXPECT_EQ(loading.content(), R"({"status":"loading","step":"reading \"x.csv\""})");
  for (const char* path : {"/", "/docs", "/openapi.json"}) EXPECT_EQ(ask(path).status, 200) << path;

  state_.publish(assets_);
  EXPECT_EQ(ask("/readyz").status, 200);
  EXPECT_EQ(ask("/customer/7/score").status, 200);
}

TEST_F(RoutesTest, AnswersAboutACustomer) {
  state_.publish(assets_);
  EXPECT_EQ(ask("/customers").content(), R"({"customer_ids":[7,-12,3000000000]})");
  EXPECT_EQ(ask("/customer/7/score").content(),
            R"({"probability_pos":0.25,"threshold":0.25,"decision":"refused"})");
  EXPECT_EQ(ask("/customer/-12/score").content(),
            R"({"probability_pos":0.125,"threshold":0.25,"decision":"accepted"})");
  EXPECT_EQ(ask("/customer/7/features").content(), R"({"JOB":"a \"cook\"","AGE":40.5})");
  EXPECT_EQ(ask("/customer/-12/features").content(), R"({"JOB":null,"AGE":null})");
  EXPECT_EQ(ask("/customer/3000000000/shap").content(),
            R"({"base_value":-1.5,"values":[0.5,2.0],"feature_names":["AGE","JOB \"cook\""]})");
  EXPECT_EQ(
      ask("/customer/7/dashboard").content(),
      R"({"score":{"probability_pos":0.25,"threshold":0.25,"decision":"refused"},)"
      R"("features":{"JOB":"a \"cook\"","AGE":40.5},)"
      R"("shap":{"base_value":-1.5,"values":[0.5,0.0],"feature_names":["AGE","JOB \"cook\""]},)"
      R"("metadata":{"timestamp":"2026-11-18T11:06:40.000123+00:00"}})");
  EXPECT_EQ(ask("/api/v1/customers/-12/inputs").content(),
            R"({"inputs":{"AGE":null,"INCOME":2000.0,"JOB":null}})");
  for (const char* path : {"/customers", "/customer/7/score", "/customer/7/dashboard",
                           "/features/bivariate_data?feat_x=AGE&feat_y=AGE"}) {
    EXPECT_EQ(ask(path).header("cache-control"), "private, no-cache") << path;
  }
}

TEST_F(RoutesTest, IdentifiersMayBeText) {
  state_.publish(FakeAssets::make("A/b c", "007"));
  EXPECT_EQ(ask("/customers").content(), R"({"customer_ids":["A/b c","007","3000000000"]})");
  EXPECT_EQ(ask("/customer/007/score").status, 200);
  const Response absent = ask("/customer/7/score");
  EXPECT_EQ(absent.status, 404);
  EXPECT_EQ(absent.content(), R"({"detail":"Customer ID 7 not found."})");
  EXPECT_EQ(ask("/customer/%20%22x/score").content(),
            R"({"detail":"Customer ID  \"x not found."})");
}

TEST_F(RoutesTest, BivariateTakesTheRowsThatHaveBoth) {
  state_.publish(assets_);
  EXPECT_EQ(ask("/features/bivariate_data?feat_x=AGE&feat_y=INCOME").content(),
            R"({"x_data":[40.5,18.0],"y_data":[1000.0,1e+300]})");
  EXPECT_EQ(ask("/features/bivariate_data?feat_x=INCOME&feat_y=INCOME").content(),
            R"({"x_data":[1000.0,2000.0,1e+300],"y_data":[1000.0,2000.0,1e+300]})");
  for (const char* unknown : {"NOPE", "JOB", "ID"}) {
    const Response response =
        ask("/features/bivariate_data?feat_x=AGE&feat_y=" + std::string(unknown));
    EXPECT_EQ(response.status, 404) << unknown;
    EXPECT_THAT(std::string(response.content()), HasSubstr("['AGE', 'INCOME']")) << unknown;
  }
}

TEST_F(RoutesTest, PlotsOfThePortfolio) {
  state_.publish(assets_);
  const Response shipped = ask("/features/AGE/distribution");
  EXPECT_EQ(shipped.content(), R"({"shipped": true})");
  EXPECT_EQ(shipped.header("cache-control"), "public, max-age=86400");
  const Response unknown = ask("/features/X/distribution");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(unknown.content(),
            R"({"detail":"Distribution not available for 'X'. Available: ['AGE', 'INCOME']"})");
  EXPECT_EQ(unknown.header("cache-control"), "");

  EXPECT_EQ(ask("/shap/global").status, 404);
  assets_->png = std::make_shared<const Bytes>(Bytes(3, std::byte{'p'}));
  const Response picture = ask("/shap/global?version=1");
  EXPECT_EQ(picture.content(), "ppp");
  EXPECT_EQ(picture.header("content-type"), "image/png");
  EXPECT_EQ(picture.header("cache-control"), "public, max-age=86400");
  EXPECT_EQ(picture.header("etag").size(), 34U);
  EXPECT_EQ(picture.header("last-modified"), "Wed, 18 Nov 2026 11:06:40 GMT");
  EXPECT_EQ(ask("/shap/global").header("etag"), picture.header("etag"));

  const Response same = ask("/api/v1/importance/picture?language=en");
  EXPECT_EQ(same.content(), "ppp");
  EXPECT_EQ(same.header("cache-control"), "no-cache");
  EXPECT_EQ(same.header("etag"), picture.header("etag"));
  EXPECT_EQ(ask("/api/v1/importance/picture?language=de").status, 422);
  EXPECT_THAT(std::string(ask("/api/v1/model").content()),
              HasSubstr(R"({"card":1,"updates":{"follows_hub":false,)"));
}

TEST_F(RoutesTest, ADrawnPictureSpeaksTheLanguageThatIsAsked) {
  state_.publish(assets_);
  EXPECT_EQ(ask("/api/v1/importance/picture").status, 404);
  assets_->png = std::make_shared<const Bytes>(Bytes(3, std::byte{'f'}));
  assets_->english_png = std::make_shared<const Bytes>(Bytes(3, std::byte{'e'}));
  const Response french = ask("/api/v1/importance/picture");
  const Response english = ask("/api/v1/importance/picture?language=en");
  EXPECT_EQ(french.content(), "fff");
  EXPECT_EQ(english.content(), "eee");
  EXPECT_EQ(ask("/api/v1/importance/picture?language=fr").header("etag"), french.header("etag"));
  EXPECT_NE(english.header("etag"), french.header("etag"));
  // The original's route is as it was.
  EXPECT_EQ(ask("/shap/global?language=en").content(), "fff");
}

TEST_F(RoutesTest, WhatFailsInsideIsThrownForTheServerToLog) {
  assets_->broken = true;
  state_.publish(assets_);
  for (const char* path :
       {"/customer/7/shap", "/customer/7/dashboard", "/features/AGE/distribution", "/shap/global",
        "/api/v1/importance/picture"}) {
    EXPECT_THROW(ask(path), std::runtime_error) << path;
  }
}

TEST_F(RoutesTest, LargeAnswersAreCompressedOnceAndKept) {
  std::string csv = "ID,AGE,INCOME,JOB\n";
  for (int i = 0; i < 20'000; ++i) csv += std::to_string(i) + ",1.5," + std::to_string(i) + ",x\n";
  const auto data = Dataset::load(as_bytes(csv), "large.csv", assets_->recipe(),
                                  assets_->model().signature, OnBadRow::kRefuse, 1);
  ASSERT_TRUE(data) << to_string(data.error());
  state_.publish(
      std::make_shared<FakeAssets>(std::shared_ptr<const LoadedModel>(assets_, &assets_->model()),
                                   RecipePtr(assets_, &assets_->recipe()), *data));
  for (const char* path : {"/customers", "/features/bivariate_data?feat_x=AGE&feat_y=INCOME"}) {
    const Response plain = ask(path);
    EXPECT_EQ(plain.header("content-encoding"), "") << path;
    const Response first = ask(path, {{"accept-encoding", "gzip"}});
    EXPECT_EQ(first.header("content-encoding"), "gzip") << path;
    EXPECT_EQ(first.header("vary"), "accept-encoding") << path;
    EXPECT_EQ(http::gunzip(first.content(), 10'000'000).value(), plain.content()) << path;
    const Response second = ask(path, {{"accept-encoding", "gzip"}});
    EXPECT_EQ(second.content().data(), first.content().data()) << path;
  }
  const Response list = ask("/customers");
  EXPECT_TRUE(http::not_modified(
      [&] {
        Request request;
        request.headers = {{"if-none-match", std::string(list.header("etag"))}};
        return request;
      }(),
      list));
}

TEST_F(RoutesTest, WhoeverAsksAgainIsToldWhenNothingHasChanged) {
  state_.publish(assets_);
  assets_->everybody = std::make_shared<const ContributionTable>(
      std::vector<std::vector<float>>(3, std::vector<float>(3, 0.5F)));
  std::set<std::string> etags;
  std::size_t asked = 0;
  for (const char* path : {"/customers",
                           "/customer/7/score",
                           "/customer/-12/score",
                           "/customer/7/features",
                           "/customer/7/shap",
                           "/features/AGE/distribution",
                           "/features/bivariate_data?feat_x=AGE&feat_y=INCOME",
                           "/features/bivariate_data?feat_x=INCOME&feat_y=AGE",
                           "/api/v1/customers/7/inputs",
                           "/api/v1/customers",
                           "/api/v1/customers/7",
                           "/api/v1/dictionary",
                           "/api/v1/importance",
                           "/api/v1/inputs/AGE/distribution",
                           "/api/v1/inputs/AGE/dependence",
                           "/api/v1/model",
                           "/api/v1/portfolio/scores.csv",
                           "/openapi.json",
                           "/docs",
                           "/docs/style.css",
                           "/"}) {
    const Response first = ask(path);
    ASSERT_EQ(first.status, 200) << path;
    const std::string etag(first.header("etag"));
    EXPECT_EQ(etag.substr(0, 3), "W/\"") << path << ": it stands for the compressed form, too";
    etags.insert(etag);
    ++asked;
    EXPECT_EQ(ask(path).header("etag"), etag) << path;
    Request again;
    again.headers = {{"if-none-match", etag}};
    const auto unchanged = http::not_modified(again, ask(path));
    ASSERT_TRUE(unchanged) << path;
    EXPECT_EQ(unchanged->status, 304);
    EXPECT_EQ(unchanged->header("cache-control"), first.header("cache-control")) << path;
    EXPECT_NE(first.header("cache-control"), "") << path;
  }
  EXPECT_EQ(etags.size(), asked) << "no two answers have the same";
  // What is another answer each time has none, and is not kept.
  EXPECT_EQ(ask("/customer/7/dashboard").header("etag"), "");
  for (const char* path : {"/metrics", "/readyz", "/livez"}) {
    EXPECT_EQ(ask(path).header("etag"), "") << path;
  }
}

TEST_F(RoutesTest, TheScreenIsOnItsPortOnly) {
  const auto api_only = make_router(state_, clock_, actions_, false);
  const Response absent = ask(*api_only, "/");
  EXPECT_EQ(absent.status, 404);
  EXPECT_EQ(absent.content(), R"({"detail":"Not Found"})");
  EXPECT_EQ(ask(*api_only, "/docs").status, 200);
  EXPECT_EQ(ask(*api_only, "/docs/style.css").status, 200);

  state_.publish(assets_);  // the page asks for data ahead of its script
  const Response page = ask("/", {{"accept-encoding", "gzip"}});
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.header("cache-control"), "no-cache");
  EXPECT_EQ(page.header("content-encoding"), "gzip");
  const std::string html(ask("/").content());
  EXPECT_EQ(http::gunzip(page.content(), 1'000'000).value(), html);
  // Everything the page names is there, and nothing in it is inline.
  std::size_t files = 0;
  for (std::size_t at = html.find("=\"/"); at != std::string::npos;
       at = html.find("=\"/", at + 1)) {
    const std::string path = html.substr(at + 2, html.find('"', at + 2) - at - 2);
    const Response file = ask(path);
    EXPECT_EQ(file.status, 200) << path;
    if (path.starts_with("/assets/")) {
      EXPECT_THAT(std::string(file.header("cache-control")), HasSubstr("immutable")) << path;
      ++files;
    }
  }
  EXPECT_GE(files, 2U);
  EXPECT_EQ(html.find("<style"), std::string::npos);
  EXPECT_EQ(html.find("<script>"), std::string::npos);
}

TEST_F(RoutesTest, ThePageNamesWhatItWillAskFor) {
  EXPECT_EQ(ask("/").header("link"), "") << "nothing is served yet";
  state_.publish(assets_);
  const auto links = [&](const std::string& target, const std::string& language) {
    return std::string(ask(target, {{"accept-language", language}}).header("link"));
  };
  const std::string first = links("/", "en-GB,fr;q=0.5");
  for (const char* path : {"/customers", "/api/v1/model", "/api/v1/dictionary"}) {
    EXPECT_THAT(first,
                HasSubstr("<" + std::string(path) + ">; rel=preload; as=fetch; crossorigin"));
  }
  // Every address in it answers, and the words are those of the browser's language.
  std::size_t count = 0;
  for (std::size_t at = first.find('<'); at != std::string::npos; at = first.find('<', at + 1)) {
    const std::string path = first.substr(at + 1, first.find('>', at) - at - 1);
    EXPECT_EQ(ask(path).status, 200) << path;
    ++count;
  }
  EXPECT_EQ(count, 5U);
  EXPECT_THAT(first, HasSubstr("</assets/en-"));
  EXPECT_THAT(links("/", "de, fr"), HasSubstr("</assets/fr-"));
  EXPECT_THAT(links("/?lang=en", "fr"), HasSubstr("</assets/en-"));
  EXPECT_THAT(links("/", ""), HasSubstr("</assets/fr-"));

  // Another customer is another page to the cache; one there is not is not asked for.
  EXPECT_THAT(links("/?client=-012", ""), HasSubstr("</api/v1/customers/-12>"));
  EXPECT_NE(ask("/").header("etag"), ask("/?client=-12").header("etag"));
  for (const char* client : {"8", "x", "%3E%3B", "99999999999999999999"}) {
    EXPECT_EQ(links("/?client=" + std::string(client), "").find("/api/v1/customers/"),
              std::string::npos)
        << client;
  }
}

TEST_F(RoutesTest, ThePageNamesTheDistributionOfTheStrongestReason) {
  state_.publish(assets_);
  const auto links = [&](const std::string& target) {
    return std::string(ask(target).header("link"));
  };
  EXPECT_EQ(links("/").find("/distribution"), std::string::npos) << "not known at once";
  assets_->at_once = true;
  EXPECT_THAT(links("/?client=7"), HasSubstr("</api/v1/inputs/AGE/distribution>; rel=preload"));
  EXPECT_THAT(links("/?client=-12"), HasSubstr("</api/v1/inputs/INCOME/distribution>"));
  // What the page was told to show it asks for itself; who is not there has no reasons.
  EXPECT_EQ(links("/?client=7&distribution=A").find("/distribution"), std::string::npos);
  EXPECT_EQ(links("/?client=8").find("/distribution"), std::string::npos);
  assets_->broken = true;
  EXPECT_EQ(links("/?client=7").find("/distribution"), std::string::npos);
}

TEST_F(RoutesTest, WhereTokensAreAskedForThePageIsOpenAndNamesNothing) {
  state_.publish(assets_);
  actions_.access = Access::build("reader:read-read-read-read", "").value();
  const auto router = make_router(state_, clock_, actions_, true);
  const auto status = [&](const std::string& target, const http::Fields& headers) {
    return ask(*router, target, headers).status;
  };
  const Response page = ask(*router, "/");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.header("link"), "");
  for (const ScreenAsset& asset : screen_assets()) {
    EXPECT_EQ(status(std::string(asset.path), {}), 200) << asset.path;
  }
  for (const char* open : {"/livez", "/readyz", "/docs"}) EXPECT_EQ(status(open, {}), 200) << open;
  for (const char* closed : {"/customers", "/api/v1/model", "/metrics"}) {
    EXPECT_EQ(status(closed, {}), 401) << closed;
    EXPECT_EQ(status(closed, {{"authorization", "Bearer read-read-read-read"}}), 200) << closed;
  }
  // These assets have no picture.
  EXPECT_EQ(status("/shap/global", {}), 401);
  EXPECT_EQ(status("/shap/global", {{"authorization", "Bearer read-read-read-read"}}), 404);
}

TEST_F(RoutesTest, TheDocumentationNeedsNothingThatThePolicyForbids) {
  const std::string html(ask("/docs").content());
  for (const char* forbidden : {"<script", "<style", " style=", "http://", "https://"}) {
    EXPECT_EQ(html.find(forbidden), std::string::npos) << forbidden;
  }
  for (const RouteSpec& route : make_routes(state_, clock_, actions_)) {
    EXPECT_THAT(html, HasSubstr("id=\"" + route.operation_id + "\"")) << route.path;
  }
  const Response redoc = ask("/redoc");
  EXPECT_EQ(redoc.status, 307);
  EXPECT_EQ(redoc.header("location"), "/docs");
}

TEST_F(RoutesTest, SecurityHeadersAreStrict) {
  std::map<std::string, std::string> headers;
  for (const auto& [name, value] : security_headers()) headers[name] = value;
  const std::string& policy = headers["content-security-policy"];
  EXPECT_THAT(policy, HasSubstr("default-src 'self'; img-src 'self' blob:;"));
  EXPECT_THAT(policy,
              HasSubstr("frame-ancestors 'self' https://huggingface.co https://*.hf.space"));
  EXPECT_EQ(policy.find("unsafe"), std::string::npos);
  EXPECT_EQ(headers["x-content-type-options"], "nosniff");
  EXPECT_EQ(headers["referrer-policy"], "no-referrer");
  EXPECT_EQ(headers.count("access-control-allow-origin"), 0U);
}

/// The names in braces of a path.
std::set<std::string> names_in(const std::string& path) {
  std::set<std::string> names;
  for (std::size_t at = path.find('{'); at != std::string::npos; at = path.find('{', at + 1)) {
    names.insert(path.substr(at + 1, path.find('}', at) - at - 1));
  }
  return names;
}

TEST_F(RoutesTest, TheDocumentAndTheTableSayTheSame) {
  const RouteTable table = make_routes(state_, clock_, actions_);
  simdjson::dom::parser parser;
  const simdjson::dom::element document = parser.parse(openapi_json(table));
  EXPECT_EQ(std::string_view(document["openapi"]), "3.1.0");
  std::set<std::pair<std::string, std::string>> described;
  std::set<std::string> operations;
  for (const auto [path, item] : document["paths"].get_object()) {
    for (const auto [method, operation] : item.get_object()) {
      described.emplace(path, method);
      operations.emplace(std::string_view(operation["operationId"]));
    }
  }
  std::set<std::pair<std::string, std::string>> routes;
  for (const RouteSpec& route : table) {
    const std::map<std::string, std::string> lower = {
        {"GET", "get"}, {"POST", "post"}, {"DELETE", "delete"}};
    routes.emplace(route.path, lower.at(route.method));
    std::set<std::string> parameters;
    for (const Parameter& parameter : route.parameters) {
      if (parameter.in == Parameter::In::kPath) parameters.insert(parameter.name);
    }
    EXPECT_EQ(parameters, names_in(route.path)) << route.path;
    EXPECT_FALSE(route.summary.empty()) << route.path;
    EXPECT_FALSE(route.answers.empty()) << route.path;
    EXPECT_TRUE(route.handler) << route.path;
  }
  EXPECT_EQ(described, routes);
  EXPECT_EQ(operations.size(), table.size());
}

TEST_F(RoutesTest, TheDocumentTellsOfRefusalsBeforeTheHandler) {
  simdjson::dom::parser parser;
  const auto document = [&] {
    return simdjson::dom::element(
        parser.parse(openapi_json(make_routes(state_, clock_, actions_))));
  };
  const auto has = [&](const char* pointer) { return !document().at_pointer(pointer).error(); };
  const std::string answers = "/paths/~1customer~1{customer_id}~1score/get/responses/";
  EXPECT_TRUE(has((answers + "414").c_str()));
  EXPECT_FALSE(has("/paths/~1customers/get/responses/414")) << "its address has one length";
  EXPECT_TRUE(has("/paths/~1v2~1models~1{model}~1infer/post/responses/503"));
  EXPECT_FALSE(has((answers + "401").c_str())) << "nobody is asked for a token";
  EXPECT_FALSE(has("/components/securitySchemes"));

  actions_.access = Access::build("reader:read-read-read-read", "").value();
  EXPECT_TRUE(has((answers + "401").c_str()));
  EXPECT_TRUE(has((answers + "403").c_str()));
  EXPECT_TRUE(has("/paths/~1customers/get/security/0/token"));
  EXPECT_TRUE(has("/components/securitySchemes/token"));
  EXPECT_FALSE(has("/paths/~1livez/get/security")) << "what is open stays open";

  actions_.access = Access::build("", "x-user").value();
  EXPECT_FALSE(has((answers + "401").c_str())) << "no token would help";
  EXPECT_TRUE(has((answers + "403").c_str()));
  EXPECT_FALSE(has("/components/securitySchemes"));
}

TEST_F(RoutesTest, ReferencesInTheDocumentLeadSomewhere) {
  const std::string text = openapi_json(make_routes(state_, clock_, actions_));
  simdjson::dom::parser parser;
  const simdjson::dom::element document = parser.parse(text);
  constexpr std::string_view kMark = "\"$ref\":\"#";
  std::size_t count = 0;
  for (std::size_t at = text.find(kMark); at != std::string::npos; at = text.find(kMark, at + 1)) {
    const std::size_t begin = at + kMark.size();
    const std::string pointer = text.substr(begin, text.find('"', begin) - begin);
    EXPECT_FALSE(document.at_pointer(pointer).error()) << pointer;
    ++count;
  }
  EXPECT_GT(count, 10U);
}

/// JSON text as one text for each value, however its characters are escaped; other text as it is.
std::string as_value(std::string_view text) {
  simdjson::dom::parser parser;
  simdjson::dom::element value;
  if (parser.parse(text.data(), text.size()).get(value) != simdjson::SUCCESS) {
    return std::string(text);
  }
  return simdjson::minify(value);
}

/// What FastAPI and pydantic answered, recorded by oracles/api_fixtures.py.
TEST_F(RoutesTest, AnswersAsFastApiDoes) {
  state_.publish(assets_);
  simdjson::dom::parser parser;
  const simdjson::dom::element recorded =
      parser.load(CLAIRSCORE_SOURCE_DIR "/tests/fixtures/api/fastapi.json");
  std::size_t count = 0;
  for (const simdjson::dom::element one : recorded.get_array()) {
    const std::string_view target = one["target"];
    const Response response = ask(target);
    const std::int64_t status = one["status"];
    const std::string_view body = one["body"];
    ++count;
    if (target.starts_with("/features/bivariate_data?") && status == 404) {
      // There the recorder only repeated the parameters as it had read them.
      EXPECT_EQ(response.status, 404) << target;
      const std::string_view first = body.substr(11, body.find('|') - 11);
      EXPECT_THAT(std::string(response.content()), HasSubstr("'" + std::string(first) + "'"));
      continue;
    }
    if (response.status == 200) {
      // One of our customers, whom the recorder did not have.
      EXPECT_EQ(status, 404) << target;
      EXPECT_TRUE(body.find("ID 7 not") != std::string_view::npos ||
                  body.find("ID -12 not") != std::string_view::npos)
          << target << body;
      continue;
    }
    EXPECT_EQ(response.status, status) << target;
    EXPECT_EQ(as_value(response.content()), as_value(body)) << target;
    EXPECT_EQ(response.header("location"), std::string_view(one["location"])) << target;
  }
  EXPECT_EQ(count, 919U);
}

}  // namespace
}  // namespace clairscore::api
