// The product's routes over a small portfolio whose answers can be worked out by hand.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <cmath>

#include "api/fake_assets.h"
#include "api/routes.h"
#include "http/negotiate.h"

namespace clairscore::api {
namespace {

using http::Request;
using http::Response;
using testing::HasSubstr;

class SetClock final : public Clock {
 public:
  std::chrono::system_clock::time_point now() const override { return time; }
  std::chrono::system_clock::time_point time{std::chrono::seconds(1'795'000'000)};
};

class ProductTest : public testing::Test {
 protected:
  void SetUp() override { state_.publish(assets_); }

  Response ask(std::string_view target) const {
    Request request;
    request.method = "GET";
    EXPECT_TRUE(http::set_target(request, target).has_value());
    http::Router::Match match = router_->match(request);
    return match.route == nullptr ? std::move(match.answer) : match.route->handler(request);
  }
  std::string text(std::string_view target) const { return std::string(ask(target).content()); }

  State state_;
  SetClock clock_;
  Actions actions_;
  std::shared_ptr<FakeAssets> assets_ = FakeAssets::make();
  std::shared_ptr<const http::Router> router_ = make_router(state_, clock_, actions_, false);
};

TEST_F(ProductTest, ListsSearchesAndFilters) {
  // The threshold is 0.25: raw −1 is 500 − 20/ln 2 · (−1 + ln 3) = 497 points.
  EXPECT_EQ(text("/api/v1/customers?limit=1"),
            R"({"total":3,"offset":0,"customers":[)"
            R"({"id":7,"points":497,"decision":"refused","review":true}]})");
  const auto ids = [&](const std::string& query) {
    const std::string found = text("/api/v1/customers?ids=true&" + query);
    const std::size_t begin = found.find('[');
    return begin == std::string::npos ? found : found.substr(begin);
  };
  EXPECT_EQ(ids(""), "[7,-12,3000000000]}");
  EXPECT_EQ(ids("prefix=3"), "[3000000000]}");
  EXPECT_EQ(ids("prefix=-1"), "[-12]}");
  EXPECT_EQ(ids("prefix=2"), "[]}");
  EXPECT_EQ(ids("advice=unfavourable"), "[7]}");
  EXPECT_EQ(ids("advice=favourable"), "[-12,3000000000]}");
  EXPECT_EQ(ids("advice=review"), "[7,-12,3000000000]}");
  // As shown, an accepted file stands above the threshold.
  EXPECT_EQ(ids("min_points=498"), "[-12,3000000000]}");
  EXPECT_EQ(ids("max_points=498"), "[7]}");
  EXPECT_EQ(ids("filter=JOB:poet"), "[3000000000]}");
  EXPECT_EQ(ids("filter=JOB:"), "[-12]}");
  EXPECT_EQ(ids("filter=JOB:nobody"), "[]}");
  EXPECT_EQ(ids("filter=INCOME:1000..2000"), "[7,-12]}");
  EXPECT_EQ(ids("filter=INCOME:1500.."), "[-12,3000000000]}");
  EXPECT_EQ(ids("filter=AGE:..20&filter=JOB:poet"), "[3000000000]}");
  EXPECT_EQ(ids("filter=AGE:"), "[-12]}");
  EXPECT_EQ(ids("order=borderline&advice=favourable"), "[-12,3000000000]}");
  EXPECT_EQ(text("/api/v1/customers?offset=2&limit=5").find("\"id\":7"), std::string::npos);
  EXPECT_EQ(text("/api/v1/customers?offset=1000000000"),
            R"({"total":3,"offset":1000000000,"customers":[]})");
}

TEST_F(ProductTest, OrdersByDistanceAndScore) {
  assets_->known_scores = {{3, 0.95, true}, {-1.5, 0.18, false}, {-9, 0.0001, false}};
  const auto ids = [&](const std::string& order) {
    return text("/api/v1/customers?ids=true&order=" + order);
  };
  EXPECT_THAT(ids("borderline"), HasSubstr("[-12,7,3000000000]"));
  EXPECT_THAT(ids("lowest"), HasSubstr("[7,-12,3000000000]"));
  EXPECT_THAT(ids("highest"), HasSubstr("[3000000000,-12,7]"));
  EXPECT_THAT(text("/api/v1/customers?advice=review"), HasSubstr(R"("total":1,)"));
}

TEST_F(ProductTest, WhatIsShownDecidesWhatAListHolds) {
  // 479.6, 520.4 and 520.6 points.
  const auto score_at = [](double points) {
    const double raw = (500 - points) * std::log(2) / 20 - std::log(3);
    return Score{raw, 1 / (1 + std::exp(-raw)), points <= 500};
  };
  assets_->known_scores = {score_at(479.6), score_at(520.4), score_at(520.6)};
  const auto ids = [&](const std::string& query) {
    const std::string found = text("/api/v1/customers?ids=true&" + query);
    return found.substr(std::min(found.find('['), found.size()));
  };
  EXPECT_EQ(ids("max_distance=20"), "[7,-12]}");
  EXPECT_EQ(ids("max_distance=20"), ids("advice=review"));
  EXPECT_EQ(ids("max_distance=20"), ids("min_points=480&max_points=520"));
  EXPECT_EQ(ids("max_distance=21"), "[7,-12,3000000000]}");
  EXPECT_EQ(ids("max_distance=19.5"), "[]}");
  EXPECT_EQ(ids("max_distance=-1"), "[]}");
  // The list and the file say the same.
  EXPECT_THAT(text("/api/v1/customers/-12"),
              HasSubstr(R"({"id":-12,"points":520,"decision":"accepted","review":true,)"));
  EXPECT_THAT(text("/api/v1/customers/3000000000"),
              HasSubstr(R"("points":521,"decision":"accepted","review":false,)"));
  EXPECT_THAT(text("/api/v1/customers?offset=1"),
              HasSubstr(R"([{"id":-12,"points":520,"decision":"accepted","review":true},)"
                        R"({"id":3000000000,"points":521,"decision":"accepted","review":false}])"));
}

TEST_F(ProductTest, TheReasonsNameTheStrongestThatHasAValue) {
  const auto said = [&](const char* id) {
    const std::string answer = text("/api/v1/customers/" + std::string(id));
    const std::size_t begin = answer.find(R"("to_review")");
    return answer.substr(begin, answer.find('}', begin) - begin);
  };
  // AGE is protected. Of -12 it is missing, and so is JOB.
  assets_->known_contributions = {{1, -0.5, 0.25}};
  EXPECT_EQ(said("7"), R"("to_review":true,"strongest":"AGE")");
  EXPECT_EQ(said("-12"), R"("to_review":true,"strongest":"INCOME")");
  // Lighter than half a point is no reason (a point is 0.035 of log-odds).
  assets_->known_contributions = {{0.01, 0.01, -2}};
  EXPECT_EQ(said("7"), R"("to_review":false,"strongest":"JOB")");
  EXPECT_EQ(said("-12"), R"("to_review":false,"strongest":null)");
}

TEST_F(ProductTest, ACustomerIsTheSameUntilSomethingChanges) {
  const Response first = ask("/api/v1/customers/7");
  const std::string etag(first.header("etag"));
  EXPECT_THAT(etag, testing::StartsWith("W/\""));
  EXPECT_EQ(std::string(first.content()).find("answered_at"), std::string::npos);
  clock_.time += std::chrono::hours(1);
  const Response later = ask("/api/v1/customers/7");
  EXPECT_EQ(later.header("etag"), etag);
  Request again;
  again.headers = {{"if-none-match", etag}};
  const auto unchanged = http::not_modified(again, later);
  ASSERT_TRUE(unchanged);
  EXPECT_EQ(unchanged->status, 304);
  EXPECT_EQ(unchanged->header("etag"), etag);
  EXPECT_TRUE(unchanged->content().empty());
  // Another applicant, and what has been computed since, are other answers.
  EXPECT_FALSE(http::not_modified(again, ask("/api/v1/customers/-12")));
  assets_->everybody = std::make_shared<const ContributionTable>(
      std::vector<std::vector<float>>(3, std::vector<float>(3, 0.5F)));
  EXPECT_FALSE(http::not_modified(again, ask("/api/v1/customers/7")));
}

TEST_F(ProductTest, ACustomerAddsUp) {
  simdjson::dom::parser parser;
  for (const char* id : {"7", "-12", "3000000000"}) {
    const std::string answer = text("/api/v1/customers/" + std::string(id));
    const simdjson::dom::element customer = parser.parse(answer);
    double sum = customer["base_points"].get_double().value();
    sum += customer["shared_points"].get_double().value();
    for (const simdjson::dom::element input : customer["inputs"].get_array()) {
      sum += input["points"].get_double().value();
    }
    const std::string_view named = customer["score"]["scale"];
    EXPECT_EQ(named, "log-odds");
    // The explanation of the fake is −1.5 + 0.5 + row.
    const double raw = -1.0 + (id[0] == '7' ? 0 : id[0] == '-' ? 1 : 2);
    const double unit = customer["score"]["points_per_unit"];
    EXPECT_NEAR(unit, -20 / std::log(2), 1e-9);
    EXPECT_NEAR(sum, 500 + unit * (raw - std::log(0.25 / 0.75)), 1e-6) << id;

    const simdjson::dom::element reasons = customer["reasons"];
    std::int64_t whole = reasons["base"].get_int64().value();
    whole += reasons["others"].get_int64().value();
    for (const char* list : {"against", "favour"}) {
      for (const simdjson::dom::element reason : reasons[list].get_array()) {
        whole += reason["points"].get_int64().value();
      }
    }
    EXPECT_EQ(whole, reasons["score"].get_int64().value()) << id;
    EXPECT_EQ(whole, customer["points"].get_int64().value()) << id;
    EXPECT_TRUE(customer["similar"].is_null());
  }
  const std::string answer = text("/api/v1/customers/-12");
  EXPECT_THAT(answer, HasSubstr(R"({"input":"AGE","value":null,"reference":18.0,"points":)"));
  EXPECT_THAT(answer, HasSubstr(R"({"input":"JOB","value":null,"reference":"poet","points":)"));
  EXPECT_EQ(ask("/api/v1/customers/-12").header("cache-control"), "private, no-cache");
  EXPECT_EQ(ask("/api/v1/customers/8").status, 404);
  EXPECT_EQ(ask("/api/v1/customers/x").status, 422);
}

TEST_F(ProductTest, SimilarApplicantsComeOnceEverybodyIsKnown) {
  EXPECT_EQ(ask("/api/v1/importance").status, 503);
  EXPECT_EQ(ask("/api/v1/inputs/AGE/dependence").status, 503);
  assets_->everybody = std::make_shared<const ContributionTable>(
      std::vector<std::vector<float>>{{0, 0.25F, 1}, {0, 0, 4}, {0, 0, 0}});
  EXPECT_THAT(text("/api/v1/customers/7"),
              HasSubstr(R"("similar":[{"id":-12,"points":501,"decision":"accepted","review":true,)"
                        R"("distance":)"));
  EXPECT_THAT(text("/api/v1/customers/7"), HasSubstr(R"("differs_in":"AGE","value":null})"));
  EXPECT_THAT(text("/api/v1/customers/7"), HasSubstr(R"("differs_in":"INCOME","value":1e+300})"));
  const std::string importance = text("/api/v1/importance");
  EXPECT_THAT(importance, HasSubstr(R"("customers":[7,-12,3000000000])"));
  EXPECT_LT(importance.find("\"INCOME\""), importance.find("\"AGE\""));
  EXPECT_THAT(importance, HasSubstr(R"("points":[0.0,-7.21,-28.85],"places":[1.0,null,0.0])"));
  EXPECT_EQ(text("/api/v1/inputs/JOB/dependence"),
            R"({"input":"JOB","total":3,"values":["a \"cook\"",null,"poet"],)"
            R"("points":[0.0,0.0,0.0]})");
}

TEST_F(ProductTest, DistributionsOfNumbersAndTexts) {
  const std::string numbers = text("/api/v1/inputs/AGE/distribution");
  EXPECT_THAT(numbers, HasSubstr(R"({"input":"AGE","total":3,"accepted":2,"kind":"numbers",)"
                                 R"("missing":1,"below":0,"above":0,"minimum":18.0,)"
                                 R"("maximum":40.5,"edges":[18.0,)"));
  EXPECT_EQ(text("/api/v1/inputs/JOB/distribution"),
            R"({"input":"JOB","total":3,"accepted":2,"kind":"texts","missing":1,"categories":[)"
            R"({"value":"a \"cook\"","count":1,"accepted":0},)"
            R"({"value":"poet","count":1,"accepted":1}]})");
  EXPECT_EQ(ask("/api/v1/inputs/NOPE/distribution").status, 404);
  EXPECT_EQ(ask("/api/v1/inputs/NOPE/dependence").status, 404);
}

TEST_F(ProductTest, TheDictionaryNamesEveryInput) {
  const std::string dictionary = text("/api/v1/dictionary");
  EXPECT_THAT(dictionary, HasSubstr(R"("AGE":{"label":{"fr":"Âge","en":"Age"},"format":"years")"));
  EXPECT_THAT(dictionary, HasSubstr(R"("JOB":{"label":{"fr":"JOB","en":"JOB"},"format":"text")"));
}

TEST_F(ProductTest, WhatIsWrongInAQueryIsNamed) {
  for (const auto& [query, said] :
       std::vector<std::pair<std::string, std::string>>{{"advice=maybe", "'unfavourable'"},
                                                        {"order=random", "'borderline'"},
                                                        {"min_points=abc", "valid number"},
                                                        {"max_points=nan", "valid number"},
                                                        {"max_distance=near", "valid number"},
                                                        {"filter=NOPE:1", "INPUT:VALUE"},
                                                        {"filter=AGE", "INPUT:VALUE"},
                                                        {"filter=AGE:1-2", "LOW..HIGH"},
                                                        {"limit=501", "from 0 to 500"},
                                                        {"offset=-1", "from 0 to 1000000000"},
                                                        {"ids=null", "true or false"}}) {
    const Response response = ask("/api/v1/customers?" + query);
    EXPECT_EQ(response.status, 422) << query;
    EXPECT_THAT(std::string(response.content()), HasSubstr(said)) << query;
  }
}

TEST_F(ProductTest, WhatFailsInsideIsThrownForTheServerToLog) {
  assets_->broken = true;
  EXPECT_THROW(ask("/api/v1/customers/7"), std::runtime_error);
}

}  // namespace
}  // namespace clairscore::api
