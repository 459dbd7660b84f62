// The keeper with a made-up supply: what it serves, refuses, waits for and tells.

#include "service/asset_keeper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <set>
#include <thread>
#include <vector>

#include "base/log_test_util.h"

namespace clairscore {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

class TestClock final : public Clock {
 public:
  std::chrono::system_clock::time_point now() const override { return time; }
  std::chrono::system_clock::time_point time{std::chrono::hours(24 * 20'000)};
};

AssetSources at(const std::string& model, const std::string& data = "d") {
  AssetSources sources;
  sources.model = model;
  sources.model_origin = HubOrigin{"a/model", "main", model, false, false, {}};
  sources.data_origin = HubOrigin{"a/data", "main", data, false, false, {}};
  return sources;
}

/// Gives what the script says, one step a call; asked for more, it stops the keeper.
class ScriptedSupply final : public AssetSupply {
 public:
  Result<AssetSources> fetch(std::stop_token /*stop*/) override {
    events.emplace_back("fetch");
    return next(fetches);
  }
  Result<bool> moved(const AssetSources& served, std::stop_token /*stop*/) override {
    events.push_back("moved? " + served.model.string());
    return next(moves);
  }
  Result<AssetSources> last_good(const AssetSources& /*refused*/) override {
    if (!good) return fail(ErrorCode::kNotFound, "nothing older");
    return *good;
  }
  void note_served(const AssetSources& sources) override {
    events.push_back("served " + sources.model.string());
  }
  void note_refused(const AssetSources& sources, const std::string& reason) override {
    events.push_back("refused " + sources.model.string() + ": " + reason);
  }
  bool follows() const override { return following; }
  Result<std::string> roll_back(const std::string& /*repository*/, bool /*undo*/) override {
    return std::string();
  }

  std::deque<Result<AssetSources>> fetches;
  std::deque<Result<bool>> moves;
  std::optional<AssetSources> good;
  bool following = true;
  std::vector<std::string> events;
  std::stop_source stop;

 private:
  template <typename T>
  Result<T> next(std::deque<Result<T>>& script) {
    if (script.empty()) {
      stop.request_stop();
      return fail(ErrorCode::kNetwork, "the script is over");
    }
    Result<T> step = std::move(script.front());
    script.pop_front();
    return step;
  }
};

class AssetKeeperTest : public testing::Test {
 protected:
  AssetKeeperTest() {
    options_.poll = 1ms;
    options_.first_retry = 1ms;
    options_.longest_retry = 2ms;
    hooks_.load_model = [this](const AssetSources& sources) -> Result<LoadedModelPtr> {
      loads_.push_back(sources.model.string());
      if (sources.model.string().starts_with("bad")) {
        return fail(ErrorCode::kInput, "a broken model", sources.model.string());
      }
      return LoadedModelPtr();
    };
    hooks_.load = [this](const AssetSources& sources,
                         const LoadedModelPtr& /*model*/) -> Result<AssetsPtr> {
      const std::string pair = version_of(sources);
      tested_.push_back(pair);
      if (unfit_.contains(pair)) return fail(ErrorCode::kInput, "a missing column", pair);
      return AssetsPtr();
    };
    hooks_.publish = [this](const AssetsPtr& /*assets*/) { ++published_; };
    hooks_.on_status = [this](const AssetStatus& status) { statuses_.push_back(status); };
    hooks_.random = [] { return 0.5; };
  }

  Result<void> run() {
    AssetKeeper keeper(supply_, options_, hooks_, log_, clock_);
    return keeper.run(supply_.stop.get_token());
  }
  const AssetStatus& last() const { return statuses_.back(); }

  ScriptedSupply supply_;
  AssetKeeper::Options options_;
  AssetKeeper::Hooks hooks_;
  MemoryLog log_;
  TestClock clock_;
  std::vector<std::string> loads_;   // models
  std::vector<std::string> tested_;  // models that could be read, with their data
  std::set<std::string> unfit_;      // pairs that do not go together
  std::vector<AssetStatus> statuses_;
  int published_ = 0;
};

TEST_F(AssetKeeperTest, FilesOfThisMachineThatCannotBeLoadedEndIt) {
  supply_.following = false;
  supply_.fetches = {AssetSources{"bad", "data", {}}};
  const auto ended = run();
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().what, "a broken model");
  EXPECT_EQ(published_, 0);
}

TEST_F(AssetKeeperTest, WithoutNetworkItWaitsAndBecomesReadyByItself) {
  supply_.fetches = {fail(ErrorCode::kNetwork, "no network"), fail(ErrorCode::kNetwork, "still"),
                     at("m1")};
  ASSERT_TRUE(run());
  EXPECT_THAT(supply_.events, ElementsAre("fetch", "fetch", "fetch", "served m1", "moved? m1"));
  EXPECT_EQ(published_, 1);
  EXPECT_EQ(statuses_[1].problem, "no network");
  EXPECT_EQ(last().problem, "") << "what was wrong is over";
}

TEST_F(AssetKeeperTest, TheSameTroubleBeforeTheFirstAssetsIsLoggedOnce) {
  supply_.fetches = {fail(ErrorCode::kNetwork, "no network"),
                     fail(ErrorCode::kNetwork, "no network"), at("m1")};
  ASSERT_TRUE(run());
  EXPECT_THAT(log_.lines(), testing::Contains(HasSubstr("no network")).Times(1));
}

TEST_F(AssetKeeperTest, EachAnswerOfTheHubConfirmsWhatIsServed) {
  supply_.fetches = {at("m1")};
  supply_.moves = {false, fail(ErrorCode::kNetwork, "gone")};
  ASSERT_TRUE(run());
  EXPECT_EQ(last().model->confirmed_at, clock_.time);
  EXPECT_EQ(last().data->confirmed_at, clock_.time);
  EXPECT_EQ(statuses_[1].model->confirmed_at, AssetStatus::Time{}) << "as the supply said";
}

TEST_F(AssetKeeperTest, ANewCommitIsLoadedOnceAndServed) {
  supply_.fetches = {at("m1"), at("m2")};
  supply_.moves = {false, true, false};
  ASSERT_TRUE(run());
  EXPECT_THAT(loads_, ElementsAre("m1", "m2"));
  EXPECT_EQ(published_, 2);
  EXPECT_EQ(last().model->commit, "m2");
  EXPECT_EQ(last().updates_served, 2U);
}

TEST_F(AssetKeeperTest, TheSameCommitIsNotLoadedAgain) {
  supply_.fetches = {at("m1"), at("m1")};
  supply_.moves = {true};
  ASSERT_TRUE(run());
  EXPECT_THAT(loads_, ElementsAre("m1"));
}

TEST_F(AssetKeeperTest, ABadUploadIsRefusedAndNotTriedAgainBeforeABackoff) {
  supply_.fetches = {at("m1"), at("bad2"), at("bad2"), at("bad2")};
  supply_.moves = {true, true, true};
  ASSERT_TRUE(run());
  EXPECT_THAT(loads_, ElementsAre("m1", "bad2"));
  EXPECT_EQ(published_, 1);
  ASSERT_TRUE(last().refusal);
  EXPECT_EQ(last().refusal->version, "bad2/d");
  EXPECT_EQ(last().refusal->reason, "a broken model, bad2");
  EXPECT_EQ(last().refusal->retry_at, clock_.time + 10min);
  EXPECT_EQ(last().updates_refused, 1U);
  EXPECT_EQ(last().model->commit, "m1");
}

TEST_F(AssetKeeperTest, AfterTheBackoffItIsTriedAgainAndWaitsTwiceAsLong) {
  supply_.fetches = {at("m1"), at("bad2"), at("bad2")};
  supply_.moves = {true, true};
  // Time passes while the third commit is looked at.
  hooks_.random = [this] {
    if (loads_.size() == 2) clock_.time += 11min;
    return 0.5;
  };
  ASSERT_TRUE(run());
  EXPECT_THAT(loads_, ElementsAre("m1", "bad2", "bad2"));
  EXPECT_EQ(last().refusal->retry_at - last().refusal->at, 20min);
}

TEST_F(AssetKeeperTest, ABetterUploadAfterABadOneIsServedAtOnce) {
  supply_.fetches = {at("m1"), at("bad2"), at("m3")};
  supply_.moves = {true, true, false};
  ASSERT_TRUE(run());
  EXPECT_THAT(loads_, ElementsAre("m1", "bad2", "m3"));
  EXPECT_FALSE(last().refusal);
}

TEST_F(AssetKeeperTest, ABadUploadAtTheStartIsReplacedByTheLastGoodOne) {
  supply_.fetches = {at("bad2")};
  supply_.good = at("m1");
  supply_.moves = {false};
  ASSERT_TRUE(run());
  EXPECT_THAT(loads_, ElementsAre("bad2", "m1"));
  EXPECT_EQ(published_, 1);
  EXPECT_EQ(last().model->commit, "m1");
}

TEST_F(AssetKeeperTest, ABadUploadWithoutAGoodOneIsWaitedOut) {
  supply_.fetches = {at("bad1"), at("bad1"), at("m2")};
  ASSERT_TRUE(run());
  EXPECT_THAT(loads_, ElementsAre("bad1", "m2"));
  EXPECT_EQ(published_, 1);
}

TEST_F(AssetKeeperTest, ABadHalfDoesNotKeepBackTheGoodOne) {
  supply_.fetches = {at("m1", "d1"), at("bad2", "d2"), at("bad2", "d2")};
  supply_.moves = {true, true};
  ASSERT_TRUE(run());
  EXPECT_EQ(published_, 2);
  EXPECT_EQ(last().model->commit, "m1");
  EXPECT_EQ(last().data->commit, "d2");
  ASSERT_TRUE(last().refusal);
  EXPECT_EQ(last().refusal->version, "bad2/d2");
  EXPECT_THAT(loads_, ElementsAre("m1", "bad2", "m1"));
}

TEST_F(AssetKeeperTest, AModelThatCannotBeReadIsNotTriedWithOtherData) {
  supply_.fetches = {at("m1", "d1"), at("bad2", "d1"), at("bad2", "d2"), at("bad2", "d3")};
  supply_.moves = {true, true, true};
  ASSERT_TRUE(run());
  EXPECT_THAT(loads_, ElementsAre("m1", "bad2", "m1", "m1"));
  EXPECT_THAT(tested_, ElementsAre("m1/d1", "m1/d2", "m1/d3")) << "new data are served at once";
  EXPECT_EQ(last().data->commit, "d3");
  ASSERT_TRUE(last().refusal) << "the newest model is still refused";
  EXPECT_EQ(last().refusal->reason, "a broken model, bad2");
  EXPECT_EQ(last().updates_refused, 1U);
}

TEST_F(AssetKeeperTest, AModelThatTheDataDoNotFitIsTriedWithTheNextOnes) {
  supply_.fetches = {at("m1", "d1"), at("m2", "d1"), at("m2", "d1"), at("m2", "d2")};
  supply_.moves = {true, true, true};
  unfit_ = {"m2/d1"};
  ASSERT_TRUE(run());
  EXPECT_THAT(tested_, ElementsAre("m1/d1", "m2/d1", "m2/d2"));
  EXPECT_EQ(last().model->commit, "m2");
  EXPECT_FALSE(last().refusal);
}

TEST_F(AssetKeeperTest, DataThatWereRefusedAreNotTriedAgainWithTheSameModel) {
  supply_.fetches = {at("m1", "d1"), at("m1", "d2"), at("m3", "d2"), at("m3", "d2")};
  supply_.moves = {true, true, true};
  unfit_ = {"m1/d2", "m3/d2"};
  ASSERT_TRUE(run());
  EXPECT_THAT(tested_, ElementsAre("m1/d1", "m1/d2", "m3/d2", "m3/d1"));
  EXPECT_EQ(last().model->commit, "m3");
  EXPECT_EQ(last().data->commit, "d1");
  EXPECT_THAT(log_.lines(),
              testing::Contains(HasSubstr("refused data a/data at d2: a missing")).Times(2))
      << "the model is not to blame";
}

TEST_F(AssetKeeperTest, AnUploadThatCannotBeFetchedAsOneIsARefusalAndNoOutage) {
  supply_.fetches = {at("m1"), fail(ErrorCode::kUnsupported, "no MLmodel"),
                     fail(ErrorCode::kUnsupported, "no MLmodel")};
  supply_.moves = {true, true};
  ASSERT_TRUE(run());
  ASSERT_TRUE(last().refusal);
  EXPECT_EQ(last().refusal->reason, "no MLmodel");
  EXPECT_EQ(last().problem, "");
  EXPECT_EQ(last().checks_failed, 0U);
  EXPECT_EQ(last().updates_refused, 1U) << "once, not every minute";
}

TEST_F(AssetKeeperTest, AHubThatDoesNotAnswerIsToldOnceAndForgottenWhenItDoes) {
  supply_.fetches = {at("m1")};
  supply_.moves = {fail(ErrorCode::kNetwork, "gone"), fail(ErrorCode::kNetwork, "gone"), false};
  ASSERT_TRUE(run());
  int told = 0;
  for (const std::string& line : log_.lines())
    told += line.find("gone") != std::string::npos ? 1 : 0;
  EXPECT_EQ(told, 1);
  EXPECT_EQ(last().checks_failed, 2U);
  EXPECT_EQ(last().problem, "");
}

TEST_F(AssetKeeperTest, WakingAndReloadingDoNotWaitForThePoll) {
  options_.poll = 1h;
  supply_.fetches = {at("m1"), at("m1")};
  supply_.moves = {false};
  std::atomic<int> statuses{0};
  hooks_.on_status = [&](const AssetStatus& /*status*/) { ++statuses; };
  AssetKeeper watched(supply_, options_, hooks_, log_, clock_);
  std::jthread runner([&] { EXPECT_TRUE(watched.run(supply_.stop.get_token())); });
  const auto wait_for = [&](int count) {
    while (statuses < count) std::this_thread::sleep_for(1ms);
  };
  wait_for(2);  // started, served
  watched.wake();
  wait_for(3);
  watched.reload();
  wait_for(5);     // served again, and looked
  watched.wake();  // the script is over: it stops
  runner.join();
  EXPECT_THAT(loads_, ElementsAre("m1", "m1"));
  EXPECT_EQ(published_, 2);
}

}  // namespace
}  // namespace clairscore
