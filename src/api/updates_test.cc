#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/fake_assets.h"
#include "api/metrics.h"
#include "api/routes.h"
#include "api/webhook.h"

namespace clairscore::api {
namespace {

using http::Request;
using http::Response;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kPush =
    R"({"event":{"action":"update","scope":"repo.content"},"repo":{"type":"model","name":"a/b"},)"
    R"("updatedRefs":[{"ref":"refs/heads/main","oldSha":"0","newSha":"1"}]})";

class UpdatesTest : public testing::Test {
 protected:
  UpdatesTest() {
    actions_.webhook_secret = "hush";
    actions_.access = Access::build("operator:token-token-token", "").value();
    actions_.look_for_updates = [this] { ++looks_; };
    actions_.roll_back = [this](const std::string& repository, bool undo) -> Result<std::string> {
      calls_.push_back(repository + (undo ? " undo" : " back"));
      if (repository == "data") return fail(ErrorCode::kNotFound, "no state was served before");
      return std::string(undo ? "main" : "0123");
    };
  }

  Response ask(const std::string& method, std::string_view target, const http::Fields& headers,
               const std::string& body = {}) {
    const auto router = make_router(state_, clock_, actions_, false);
    Request request;
    request.method = method;
    request.headers = headers;
    request.body = body;
    EXPECT_TRUE(http::set_target(request, target).has_value());
    http::Router::Match match = router->match(request);
    return match.route == nullptr ? std::move(match.answer) : match.route->handler(request);
  }
  Response push(const http::Fields& headers, const std::string& body = kPush) {
    return ask("POST", "/api/v1/hub/webhook", headers, body);
  }

  State state_;
  SystemClock clock_;
  Actions actions_;
  int looks_ = 0;
  std::vector<std::string> calls_;
};

TEST_F(UpdatesTest, TheWebhookAsksForItsSecret) {
  EXPECT_EQ(push({}).status, 401);
  EXPECT_EQ(push({{"x-webhook-secret", ""}}).status, 401);
  EXPECT_EQ(push({{"x-webhook-secret", "hushh"}}).status, 403);
  EXPECT_EQ(looks_, 0);
  EXPECT_EQ(push({{"x-webhook-secret", "hush"}}).status, 202);
  EXPECT_EQ(looks_, 1);
  actions_.webhook_secret.clear();
  EXPECT_EQ(push({{"x-webhook-secret", ""}}).status, 404);
  EXPECT_EQ(push({{"x-webhook-secret", "hush"}}).status, 404);
}

TEST_F(UpdatesTest, OnlyNewContentOfABranchMakesTheServerLook) {
  const http::Fields secret = {{"x-webhook-secret", "hush"}};
  EXPECT_EQ(push(secret, R"({"event":{"scope":"discussion"}})").content(),
            R"({"status":"ignored"})");
  EXPECT_EQ(push(secret, R"({"event":{"scope":"repo.content"},"updatedRefs":[]})").status, 200);
  EXPECT_EQ(
      push(secret, R"({"event":{"scope":"repo.content"},"updatedRefs":[{"ref":"refs/tags/v1"}]})")
          .status,
      200);
  EXPECT_EQ(push(secret, "{").status, 422);
  EXPECT_EQ(push(secret, R"({"event":7})").status, 422);
  EXPECT_EQ(looks_, 0);
}

TEST_F(UpdatesTest, OnlyWhatIsServedMakesTheServerLook) {
  const http::Fields secret = {{"x-webhook-secret", "hush"}};
  const auto pushed = [&](const std::string& repo, const std::string& branch) {
    return push(secret, R"({"event":{"scope":"repo.content"},"repo":{"name":")" + repo +
                            R"("},"updatedRefs":[{"ref":"refs/heads/)" + branch + R"("}]})")
        .status;
  };
  EXPECT_EQ(pushed("x/y", "any"), 202) << "nothing is served yet: it may be what is waited for";
  AssetStatus status;
  status.model = HubOrigin{"a/b", "main", "0123", false, false, {}};
  status.data = HubOrigin{"a/data", "stable", "4567", false, false, {}};
  state_.set_status(status);
  EXPECT_EQ(pushed("a/b", "main"), 202);
  EXPECT_EQ(pushed("a/data", "stable"), 202);
  EXPECT_EQ(pushed("a/b", "experiment"), 200);
  EXPECT_EQ(pushed("a/data", "main"), 200);
  EXPECT_EQ(pushed("x/y", "main"), 200);
  EXPECT_EQ(looks_, 3);
}

TEST(WebhookTest, ReadsScopeAndRefs) {
  const auto event = parse_webhook(kPush);
  ASSERT_TRUE(event) << to_string(event.error());
  EXPECT_EQ(event->scope, "repo.content");
  EXPECT_THAT(event->updated_refs, ElementsAre("refs/heads/main"));
  EXPECT_TRUE(event->changes_content());
  EXPECT_EQ(event->repo, "a/b");
  EXPECT_FALSE(WebhookEvent({"repo.contents", "a/b", {"refs/heads/main"}}).changes_content());
}

TEST_F(UpdatesTest, RollingBackAsksForTheToken) {
  const std::string path = "/api/v1/hub/model/rollback";
  EXPECT_EQ(ask("POST", path, {}).header("www-authenticate"), "Bearer");
  EXPECT_EQ(ask("POST", path, {{"authorization", "Bearer other"}}).status, 401);
  EXPECT_TRUE(calls_.empty());
  const http::Fields token = {{"authorization", "Bearer token-token-token"}};
  EXPECT_EQ(ask("POST", path, token).content(), R"({"status":"accepted","commit":"0123"})");
  EXPECT_EQ(ask("DELETE", path, token).content(), R"({"status":"accepted","revision":"main"})");
  EXPECT_THAT(calls_, ElementsAre("model back", "model undo"));
  EXPECT_EQ(ask("POST", "/api/v1/hub/data/rollback", token).status, 409);
  EXPECT_EQ(ask("POST", "/api/v1/hub/space/rollback", token).status, 404);
  actions_.access = Access();
  EXPECT_EQ(ask("POST", path, token).status, 404);
}

TEST_F(UpdatesTest, WhoWaitsIsToldHowFarItIs) {
  state_.set_step("downloading model a/b");
  hub::FetchState download;
  download.files_total = 3;
  download.files_done = 1;
  download.bytes_done = 10;
  download.bytes_total = 40;
  download.bytes_per_second = 2.5;
  state_.set_download(download);
  AssetStatus status;
  status.problem = "no network";
  state_.set_status(status);
  EXPECT_EQ(ask("GET", "/readyz", {}).content(),
            R"({"status":"loading","step":"downloading model a/b","download":{"files_done":1,)"
            R"("files_total":3,"bytes_done":10,"bytes_total":40,"bytes_per_second":2.5},)"
            R"("problem":"no network"})");
  download.trouble = "the Hub answers 503";
  state_.set_download(download);
  EXPECT_THAT(std::string(ask("GET", "/readyz", {}).content()),
              HasSubstr(R"("problem":"the Hub answers 503"})"));
}

TEST_F(UpdatesTest, TheModelCardAndTheMetricsTellARefusal) {
  state_.publish(FakeAssets::make());
  AssetStatus status;
  status.follows = true;
  status.model = HubOrigin{"a/b", "main", "0123", false, true, {}};
  status.updates_served = 2;
  status.updates_refused = 1;
  status.refusal = AssetStatus::Refusal{
      "4567/89", "a broken model", AssetStatus::Time(std::chrono::seconds(1'795'000'000)), {}};
  state_.set_status(status);
  const Response card = ask("GET", "/api/v1/model", {});
  EXPECT_THAT(std::string(card.content()),
              AllOf(HasSubstr(R"("follows_hub":true)"), HasSubstr(R"("offline":true)"),
                    HasSubstr(R"("reason":"a broken model","at":"2026-)")));
  const Response metrics = ask("GET", "/metrics", {});
  EXPECT_EQ(metrics.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  const std::string text(metrics.content());
  EXPECT_THAT(text, HasSubstr("\nclairscore_ready 1\n"));
  EXPECT_THAT(text, HasSubstr("clairscore_applicants 3\n"));
  EXPECT_THAT(text, HasSubstr("clairscore_asset_updates_total{result=\"served\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("clairscore_asset_updates_total{result=\"refused\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("clairscore_update_refused 1\n"));
  EXPECT_THAT(text, HasSubstr("model_commit=\"0123\""));
  EXPECT_THAT(text, Not(HasSubstr("checked_timestamp")));
}

}  // namespace
}  // namespace clairscore::api
