// The original's own answers to 89 requests, replayed over a real socket against the same model and
// data. Answers are compared whole: status, headers, members and their order, numbers to 1e-12.
// Where ours differ on purpose, the difference is listed below with what is answered instead.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

#include "api/routes.h"
#include "base/log_test_util.h"
#include "base/sha256.h"
#include "http/server.h"
#include "http/test_client.h"
#include "service/asset_loader.h"

namespace clairscore::api {
namespace {

using http::Answer;
using simdjson::dom::element;
using simdjson::dom::element_type;
using testing::HasSubstr;
using testing::StartsWith;

const std::string kHub = CLAIRSCORE_SOURCE_DIR "/tests/fixtures/reference/hub/";

std::string text(const element& object, std::string_view key) {
  return std::string(object[key].get_string().value());
}

/// 2026-11-22T23:19:28.000123+00:00
bool is_timestamp(std::string_view time) {
  constexpr std::string_view kForm = "dddd-dd-ddTdd:dd:dd.dddddd+00:00";
  return std::equal(time.begin(), time.end(), kForm.begin(), kForm.end(), [](char c, char form) {
    return form == 'd' ? c >= '0' && c <= '9' : c == form;
  });
}

/// Fails with the place in the document where two of them differ.
void expect_same(const element& ours, const element& theirs, const std::string& place) {
  ASSERT_EQ(ours.type(), theirs.type()) << place;
  switch (theirs.type()) {
    case element_type::OBJECT: {
      const simdjson::dom::object left = ours;
      const simdjson::dom::object right = theirs;
      ASSERT_EQ(left.size(), right.size()) << place;
      auto mine = left.begin();
      for (const auto [key, value] : right) {
        const std::string here = place + "/" + std::string(key);
        ASSERT_EQ((*mine).key, key) << here;
        if (key == "timestamp") {
          const std::string time(std::string_view{(*mine).value});
          EXPECT_TRUE(is_timestamp(time)) << time;
        } else {
          expect_same((*mine).value, value, here);
        }
        ++mine;
      }
      break;
    }
    case element_type::ARRAY: {
      const simdjson::dom::array left = ours;
      const simdjson::dom::array right = theirs;
      ASSERT_EQ(left.size(), right.size()) << place;
      auto mine = left.begin();
      std::size_t index = 0;
      for (const element value : right) {
        expect_same(*mine, value, place + "/" + std::to_string(index++));
        ++mine;
      }
      break;
    }
    case element_type::DOUBLE:
      ASSERT_NEAR(double(ours), double(theirs), 1e-12) << place;
      break;
    default:
      ASSERT_EQ(simdjson::minify(ours), simdjson::minify(theirs)) << place;
  }
}

void expect_detail(const Answer& answer, int status, const char* begin, const char* part) {
  EXPECT_EQ(answer.status, status);
  simdjson::dom::parser parser;
  const element body = parser.parse(answer.body);
  const std::string detail = text(body, "detail");
  EXPECT_THAT(detail, StartsWith(begin));
  EXPECT_THAT(detail, HasSubstr(part));
}

void expect_page(const Answer& answer) {
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("content-type"), "text/html; charset=utf-8");
}

/// What is answered on purpose where the original answered something else.
using Difference = std::function<void(const Answer&)>;
const std::map<std::string, Difference>& differences() {
  static const std::map<std::string, Difference> kDifferences = {
      // 500 there: an unknown feature is a 404 that names those there are, an empty one a 422.
      {"GET /features/bivariate_data?feat_x=NOPE&feat_y=EXT_SOURCE_2",
       [](const Answer& answer) {
         expect_detail(answer, 404, "Feature not available: 'NOPE'. Available: ['",
                       "'OWN_CAR_AGE'");
       }},
      {"GET /features/bivariate_data?feat_x=&feat_y=",
       [](const Answer& answer) {
         EXPECT_EQ(answer.status, 422);
         EXPECT_THAT(answer.body,
                     HasSubstr(R"("type":"string_too_short","loc":["query","feat_x"])"));
         EXPECT_THAT(answer.body,
                     HasSubstr(R"("type":"string_too_short","loc":["query","feat_y"])"));
       }},
      // 404 there: any numeric input has a distribution, computed with 30 bins.
      {"GET /features/EXT_SOURCE_1/distribution",
       [](const Answer& answer) {
         EXPECT_EQ(answer.status, 200);
         EXPECT_EQ(answer.header("cache-control"), "public, max-age=86400");
         simdjson::dom::parser parser;
         const element body = parser.parse(answer.body);
         EXPECT_EQ(std::string_view(body["feature"]), "EXT_SOURCE_1");
         EXPECT_EQ(body["counts"].get_array().value().size(), 30U);
         EXPECT_EQ(body["bin_edges"].get_array().value().size(), 31U);
       }},
      // The same words; more is available.
      {"GET /features/NOPE/distribution",
       [](const Answer& answer) {
         expect_detail(answer, 404, "Distribution not available for 'NOPE'. Available: ['",
                       "'EXT_SOURCE_1', 'EXT_SOURCE_2', 'EXT_SOURCE_3'");
       }},
      // The host of the request, not the one the server believes it has.
      {"GET /customers/",
       [](const Answer& answer) {
         EXPECT_EQ(answer.status, 307);
         EXPECT_EQ(answer.header("location"), "http://test/customers");
         EXPECT_TRUE(answer.body.empty());
       }},
      // 405 there: health probes use HEAD.
      {"HEAD /customers",
       [](const Answer& answer) {
         EXPECT_EQ(answer.status, 200);
         EXPECT_EQ(answer.header("content-type"), "application/json");
       }},
      // Our own texts.
      {"GET /docs", expect_page},
      {"GET /redoc",
       [](const Answer& answer) {
         EXPECT_EQ(answer.status, 307);
         EXPECT_EQ(answer.header("location"), "/docs");
       }},
      {"GET /openapi.json",
       [](const Answer& answer) {
         EXPECT_EQ(answer.status, 200);
         EXPECT_THAT(answer.body, StartsWith(R"({"openapi":"3.1.0")"));
       }},
  };
  return kDifferences;
}

class ReplayTest : public testing::Test {
 protected:
  void SetUp() override {
    auto assets = load_assets({kHub + "model", kHub + "data", {}}, {});
    ASSERT_TRUE(assets) << to_string(assets.error());
    state_.publish(std::move(*assets));
    auto server = http::Server::start(
        {{"127.0.0.1", 0, make_router(state_, clock_, actions_, false)}}, {}, log_, clock_);
    ASSERT_TRUE(server) << to_string(server.error());
    server_.emplace(std::move(*server));
  }

  State state_;
  SystemClock clock_;
  Actions actions_;
  MemoryLog log_;
  std::optional<http::Server> server_;
};

void expect_recorded(const Answer& answer, const element& recorded) {
  EXPECT_EQ(answer.status, std::int64_t(recorded["status"]));
  for (const auto [name, value] : recorded["headers"].get_object()) {
    const std::string header = answer.header(std::string(name));
    if (name == "etag") {
      EXPECT_EQ(header.size(), 34U) << header;
      EXPECT_EQ(header.find_first_not_of("\"0123456789abcdef"), std::string::npos) << header;
    } else if (name == "last-modified") {
      EXPECT_EQ(header.size(), 29U) << header;
    } else {
      EXPECT_EQ(header, std::string_view(value)) << name;
    }
  }
  element json;
  std::string_view hash;
  if (recorded["json"].get(json) == simdjson::SUCCESS) {
    simdjson::dom::parser parser;
    element body;
    ASSERT_EQ(parser.parse(answer.body).get(body), simdjson::SUCCESS) << answer.body;
    expect_same(body, json, "");
  } else if (recorded["sha256"].get(hash) == simdjson::SUCCESS) {
    EXPECT_EQ(sha256_hex(as_bytes(answer.body)), hash);
  } else {
    ADD_FAILURE() << "the recording holds nothing to compare the body with";
  }
}

TEST_F(ReplayTest, AnswersAsTheOriginalDid) {
  simdjson::dom::parser parser;
  element recording;
  ASSERT_EQ(parser.load(kHub + "original_http.json").get(recording), simdjson::SUCCESS);
  http::Client client(server_->ports().at(0));
  std::size_t compared = 0;
  std::size_t different = 0;
  for (const element recorded : recording.get_array()) {
    const std::string method = text(recorded, "method");
    std::string path = text(recorded, "path");
    const std::string request = method + " " + path;
    SCOPED_TRACE(request);
    // The recording holds the space decoded.
    for (std::size_t at = path.find(' '); at != std::string::npos; at = path.find(' ')) {
      path.replace(at, 1, "%20");
    }
    client.send(method + " " + path + " HTTP/1.1\r\nHost: test\r\n\r\n");
    const Answer answer = client.read(method == "HEAD");
    const auto difference = differences().find(request);
    if (difference != differences().end()) {
      difference->second(answer);
      ++different;
    } else {
      expect_recorded(answer, recorded);
      ++compared;
    }
  }
  EXPECT_EQ(different, differences().size());
  EXPECT_EQ(compared, 89 - different);
}

TEST_F(ReplayTest, ThePictureIsNotSentTwice) {
  http::Client client(server_->ports().at(0));
  client.get("/shap/global");
  const Answer picture = client.read();
  ASSERT_EQ(picture.status, 200);
  client.get("/shap/global", "If-None-Match: " + picture.header("etag") + "\r\n");
  EXPECT_EQ(client.read().status, 304);
  client.get("/shap/global", "If-Modified-Since: " + picture.header("last-modified") + "\r\n");
  EXPECT_EQ(client.read().status, 304);
}

}  // namespace
}  // namespace clairscore::api
