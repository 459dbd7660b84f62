// Assets from a Hub on this machine: which commits are served, noticed, remembered and gone back
// to.

#include "service/hub_supply.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "hub/hub_test_util.h"

namespace clairscore {
namespace {

using hub::HubTest;
using hub::Side;
using testing::HasSubstr;

class HubSupplyTest : public HubTest {
 protected:
  void SetUp() override {
    HubTest::SetUp();
    model_1_ = server_.commit(model_, model_files_);
    data_1_ = server_.commit(data_, data_files_);
    restart();
  }

  /// Another process with the same cache.
  void restart() {
    supply_.reset();
    hub_ = std::make_unique<hub::Hub>(settings_, log_, waiter_);
    supply_ = std::make_unique<HubSupply>(*hub_, HubSupply::Half{model_request(), {}},
                                          HubSupply::Half{data_request(), {}}, "none", "",
                                          progress_, log_, clock_);
  }

  AssetSources fetch() {
    auto sources = supply_->fetch({});
    EXPECT_TRUE(sources) << to_string(sources.error());
    return sources ? *sources : AssetSources{};
  }
  AssetSources serve() {
    AssetSources sources = fetch();
    supply_->note_served(sources);
    return sources;
  }
  bool moved(const AssetSources& served) {
    const auto answer = supply_->moved(served, {});
    EXPECT_TRUE(answer) << to_string(answer.error());
    return answer && *answer;
  }
  std::string push_model(const std::string& pickle) {
    model_files_.at("gradient_boosting/model.pkl").content = pickle;
    return server_.commit(model_, model_files_);
  }

  SystemClock clock_;
  std::string model_1_;
  std::string data_1_;
  std::unique_ptr<hub::Hub> hub_;
  std::unique_ptr<HubSupply> supply_;
};

TEST_F(HubSupplyTest, GivesTheFoldersOfBothRepositories) {
  const AssetSources sources = fetch();
  EXPECT_EQ(hub::content_of(sources.model / "model.pkl"), pickle_);
  EXPECT_EQ(hub::content_of(sources.data / "application_test.csv"), "SK_ID_CURR\n1\n");
  EXPECT_EQ(sources.recipe, "none");
  EXPECT_EQ(version_of(sources), model_1_ + "/" + data_1_);
  EXPECT_EQ(sources.model_origin->repo, "demo/model");
  EXPECT_FALSE(sources.model_origin->pinned);
  EXPECT_FALSE(sources.model_origin->offline);
  EXPECT_EQ(sources.model_origin->committed_at, server_.made_at(model_, model_1_));
  EXPECT_EQ(sources.data_origin->committed_at, server_.made_at(data_, data_1_));
}

TEST_F(HubSupplyTest, AnotherStartWithoutNetworkKnowsWhenTheCommitWasMade) {
  serve();
  unplug();
  restart();
  const AssetSources sources = fetch();
  EXPECT_TRUE(sources.data_origin->offline);
  EXPECT_EQ(sources.data_origin->committed_at, server_.made_at(data_, data_1_));
}

TEST_F(HubSupplyTest, TheRefIsWrittenWhenTheCommitHasBeenServed) {
  const AssetSources sources = fetch();
  EXPECT_FALSE(std::filesystem::exists(repo_folder() / "refs/main"));
  supply_->note_served(sources);
  EXPECT_EQ(hub::content_of(repo_folder() / "refs/main"), model_1_);
}

TEST_F(HubSupplyTest, LookingCostsOneRequestARepository) {
  const AssetSources served = serve();
  server_.forget_requests();
  EXPECT_FALSE(moved(served));
  EXPECT_EQ(server_.requests().size(), 2U);
  for (const auto& request : server_.requests()) EXPECT_EQ(request.method, "HEAD");
}

TEST_F(HubSupplyTest, TheCacheKeepsWhenTheHubLastConfirmedWhatIsServed) {
  const AssetSources served = serve();
  const auto fetched = hub::read_record(repo_folder()).confirmed_at;
  EXPECT_EQ(fetched, waiter_.now());
  ASSERT_FALSE(moved(served));  // by a clock that is later than the fetch's
  const hub::Record record = hub::read_record(repo_folder());
  EXPECT_GT(record.confirmed_at, fetched);
  EXPECT_EQ(record.confirmed_commit, model_1_);
}

TEST_F(HubSupplyTest, ACommitOfOurFilesIsNoticedAndOneOfAReadmeIsNot) {
  const AssetSources served = serve();
  model_files_.at("README.md").content = "# the same model\n";
  server_.commit(model_, model_files_);
  EXPECT_FALSE(moved(served));
  server_.forget_requests();
  EXPECT_FALSE(moved(served));
  EXPECT_EQ(server_.requests().size(), 2U) << "the same commit is not listed again";

  const std::string model_2 = push_model("another model");
  EXPECT_TRUE(moved(served));
  const AssetSources next = serve();
  EXPECT_EQ(next.model_origin->commit, model_2);
  EXPECT_EQ(next.data_origin->commit, data_1_);
  EXPECT_FALSE(moved(next));
}

TEST_F(HubSupplyTest, RollingBackServesThePreviousGoodCommitUntilUndone) {
  serve();
  EXPECT_EQ(supply_->roll_back("model", false).error().code, ErrorCode::kNotFound);
  const std::string model_2 = push_model("another model");
  const AssetSources newest = serve();

  EXPECT_EQ(supply_->roll_back("model", false).value(), model_1_);
  EXPECT_TRUE(moved(newest));
  const AssetSources back = serve();
  EXPECT_EQ(back.model_origin->commit, model_1_);
  EXPECT_TRUE(back.model_origin->pinned);
  push_model("a third model");
  EXPECT_FALSE(moved(back)) << "pinned";
  restart();
  EXPECT_EQ(fetch().model_origin->commit, model_1_) << "pinned across a restart";

  EXPECT_EQ(supply_->roll_back("model", true).value(), "main");
  EXPECT_TRUE(moved(back));
  EXPECT_NE(fetch().model_origin->commit, model_1_);
  EXPECT_NE(fetch().model_origin->commit, model_2);
}

TEST_F(HubSupplyTest, WhatWasServedBeforeIsFoundAgainAfterABadUpload) {
  serve();
  push_model("broken");
  restart();
  const AssetSources refused = fetch();
  supply_->note_refused(refused, "a broken model");
  const auto good = supply_->last_good(refused);
  ASSERT_TRUE(good) << to_string(good.error());
  EXPECT_EQ(version_of(*good), model_1_ + "/" + data_1_);
  EXPECT_EQ(hub::content_of(good->model / "model.pkl"), pickle_);
  EXPECT_FALSE(good->model_origin->pinned);
  EXPECT_FALSE(good->model_origin->offline) << "the Hub answers; it is its newest that is bad";

  const hub::Record record = hub::read_record(repo_folder());
  ASSERT_NE(record.refused_commit(refused.model_origin->commit), nullptr);
  EXPECT_EQ(record.refused_commit(refused.model_origin->commit)->reason, "a broken model");
  const hub::Record data_record = hub::read_record(hub_->repo_folder(data_));
  EXPECT_TRUE(data_record.refused.empty()) << "the data were served well before";
}

TEST_F(HubSupplyTest, ARefusedUploadThatIsLookedAtAgainIsNotWarnedOfAgain) {
  const auto warnings = [&] {
    const std::string log = log_.text();
    const std::string text = "has no shap/";
    std::size_t count = 0;
    for (std::size_t at = log.find(text); at != std::string::npos; at = log.find(text, at + 1)) {
      ++count;
    }
    return count;
  };
  serve();
  ASSERT_EQ(warnings(), 1U);
  data_files_.at("application_test.csv").content = "SK_ID_CURR\n";
  server_.commit(data_, data_files_);
  fetch();
  fetch();
  EXPECT_EQ(warnings(), 2U) << "once a commit";
}

TEST_F(HubSupplyTest, WithoutAnythingServedBeforeThereIsNothingToGoBackTo) {
  EXPECT_EQ(supply_->last_good(fetch()).error().code, ErrorCode::kNotFound);
}

TEST_F(HubSupplyTest, WithoutNetworkTheCacheIsServedAndItsAgeTold) {
  serve();
  unplug();
  restart();
  const AssetSources sources = fetch();
  EXPECT_EQ(version_of(sources), model_1_ + "/" + data_1_);
  EXPECT_TRUE(sources.model_origin->offline);
  EXPECT_THAT(log_.text(), HasSubstr("from the cache, last confirmed 2026-08-01"));
  const auto answer = supply_->moved(sources, {});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kNetwork);
}

TEST_F(HubSupplyTest, AHubThatKeepsSilentDelaysAStartFromTheCacheByAMomentOnly) {
  serve();
  settings_.etag_timeout = std::chrono::minutes(10);
  settings_.download_timeout = std::chrono::minutes(10);
  restart();
  server_.spoil(Side::kHub, "", hub::kAlways, [](const hub::Received&, hub::Reply reply) {
    reply.silent = true;
    return reply;
  });
  const AssetSources sources = fetch();  // ten minutes, if it waited
  EXPECT_EQ(version_of(sources), model_1_ + "/" + data_1_);
  EXPECT_TRUE(sources.model_origin->offline);
}

TEST_F(HubSupplyTest, BytesDamagedInTheCacheAreFetchedAgainOrRefused) {
  serve();
  const auto damage = [&] {
    const auto blob = pickle_blob();
    std::filesystem::permissions(blob, std::filesystem::perms(0644));
    std::string bytes = hub::content_of(blob);
    bytes[1000] = static_cast<char>(bytes[1000] ^ 1);
    std::ofstream(blob, std::ios::binary) << bytes;
  };
  damage();
  restart();
  EXPECT_EQ(hub::content_of(fetch().model / "model.pkl"), pickle_);
  damage();
  unplug();
  restart();
  const auto refused = supply_->fetch({});
  ASSERT_FALSE(refused);
}

TEST_F(HubSupplyTest, EndingARollbackIsNewsEvenWithTheSameFilesOnTheBranch) {
  serve();
  const std::string before = pickle_;
  push_model("a bad model");
  serve();
  EXPECT_EQ(supply_->roll_back("model", false).value(), model_1_);
  const AssetSources back = serve();
  const std::string repaired = push_model(before);
  EXPECT_FALSE(moved(back));
  EXPECT_TRUE(supply_->roll_back("model", true));
  EXPECT_TRUE(moved(back));
  const AssetSources now = serve();
  EXPECT_EQ(now.model_origin->commit, repaired);
  EXPECT_FALSE(now.model_origin->pinned);
  EXPECT_EQ(hub::content_of(repo_folder() / "refs/main"), repaired);
}

TEST_F(HubSupplyTest, WhatWasServedOfflineIsConfirmedWhenTheHubIsBack) {
  serve();
  const std::string endpoint = settings_.endpoint;
  unplug();
  restart();
  const AssetSources offline = serve();
  settings_.endpoint = endpoint;
  restart();
  fetch();
  EXPECT_TRUE(moved(offline)) << "so that it is fetched again, and found to be the same";
  EXPECT_EQ(version_of(fetch()), version_of(offline));
}

TEST_F(HubSupplyTest, WithoutNetworkAndCacheTheErrorSaysSo) {
  unplug();
  restart();
  const auto sources = supply_->fetch({});
  ASSERT_FALSE(sources);
  EXPECT_EQ(sources.error().code, ErrorCode::kNetwork);
}

TEST_F(HubSupplyTest, AHalfOfThisMachineIsNotAskedFor) {
  supply_ = std::make_unique<HubSupply>(*hub_, HubSupply::Half{{}, "/some/model"},
                                        HubSupply::Half{data_request(), {}}, "", "", progress_,
                                        log_, clock_);
  const AssetSources sources = serve();
  EXPECT_EQ(sources.model, "/some/model");
  EXPECT_FALSE(sources.model_origin);
  EXPECT_EQ(version_of(sources), "local/" + data_1_);
  EXPECT_FALSE(moved(sources));
  EXPECT_EQ(server_.count(Side::kHub, "models"), 0U);
  EXPECT_EQ(supply_->roll_back("model", false).error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace clairscore
