// The failure cases 1 to 6 and 11 to 22: the network and the servers in it. Numbered as in the
// specification of the client.

#include <thread>

#include "hub/hub_test_util.h"

namespace clairscore::hub {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kPickle = "model.pkl";

class HubFaults : public HubTest {
 protected:
  /// The large file's body is spoiled once (or more often); the rest is well.
  void spoil_body(Spoil how, int times = 1) {
    server_.spoil(Side::kFiles, kPickle, times, std::move(how));
  }
  std::vector<std::string> ranges() const {
    std::vector<std::string> ranges;
    for (const Received& request : server_.requests()) {
      if (request.side == Side::kFiles) ranges.push_back(request.header("range"));
    }
    return ranges;
  }
  void expect_fetched(const HubResult<Snapshot>& snapshot) {
    ASSERT_TRUE(snapshot) << to_string(snapshot.error().error);
    EXPECT_FALSE(snapshot->offline);
    EXPECT_FALSE(snapshot->hub_error);
    expect_model(*snapshot);
    EXPECT_TRUE(incomplete_files().empty());
  }
};

TEST_F(HubFaults, Case01AnUnreachableHubIsAnsweredFromTheCacheAtOnce) {
  const std::string commit = fetch_model();
  unplug();
  const auto snapshot = fetch(model_request());
  ASSERT_TRUE(snapshot);
  EXPECT_EQ(snapshot->commit, commit);
  EXPECT_TRUE(snapshot->offline);
  ASSERT_TRUE(snapshot->hub_error);
  EXPECT_EQ(snapshot->hub_error->fault, Fault::kUnreachable);
  expect_model(*snapshot);
  EXPECT_TRUE(waiter_.seconds().empty());
  EXPECT_THAT(log_.text(), HasSubstr("from the cache, last confirmed 2026-08-01T12:00:00"));
}

TEST_F(HubFaults, Case01WithoutCacheItIsAskedAgainAndThenSaysWhatIsMissing) {
  for (const std::string& endpoint :
       {std::string("http://127.0.0.1:1"), std::string("http://nobody.invalid"),
        "https" + server_.endpoint().substr(4)}) {
    SCOPED_TRACE(endpoint);  // connection, DNS, TLS
    settings_.endpoint = endpoint;
    settings_.etag_timeout = std::chrono::milliseconds(200);  // a handshake that nobody answers
    const std::size_t waited = waiter_.seconds().size();
    const auto snapshot = fetch(model_request());
    ASSERT_FALSE(snapshot);
    EXPECT_EQ(snapshot.error().fault, Fault::kNotCached);
    EXPECT_EQ(exit_code(snapshot.error().error.code), 4);
    EXPECT_THAT(
        snapshot.error().error.what,
        HasSubstr("model demo/model at main is not in the cache; the Hub cannot be reached"));
    const std::vector<double> waits = waiter_.seconds();
    EXPECT_THAT(
        std::vector<double>(waits.begin() + static_cast<std::ptrdiff_t>(waited), waits.end()),
        ElementsAre(1, 2, 4, 8, 8));
  }
}

TEST_F(HubFaults, Case01WhoWaitsIsToldAtOnceWhyTheHubIsAskedAgain) {
  unplug();
  std::vector<std::string> troubles;
  FetchProgress progress([&](const FetchState& state) { troubles.push_back(state.trouble); });
  Hub hub(settings_, log_, waiter_);
  ASSERT_FALSE(hub.fetch(model_request(), progress, {}));
  ASSERT_EQ(troubles.size(), 6U) << "the step, and before each of five waits";
  EXPECT_EQ(troubles[0], "");
  EXPECT_THAT(troubles[1], HasSubstr("the Hub cannot be reached"));
}

TEST_F(HubFaults, Case01ASilentHubTimesOut) {
  server_.commit(model_, model_files_);
  settings_.etag_timeout = std::chrono::milliseconds(50);
  server_.spoil(Side::kHub, "/revision/", 1, [](const Received&, Reply usual) {
    usual.silent = true;
    return usual;
  });
  expect_fetched(fetch(model_request()));
  EXPECT_THAT(log_.text(), HasSubstr("no bytes for 0.0 s"));
  EXPECT_THAT(waiter_.seconds(), ElementsAre(1));
}

TEST_F(HubFaults, Case02AProxyThatIsNotThereIsAsAHubThatIsNotThere) {
  const std::string commit = fetch_model();
  settings_.proxies.all = "http://user:ProxyPassword@127.0.0.1:1";
  const auto snapshot = fetch(model_request());
  ASSERT_TRUE(snapshot);
  EXPECT_EQ(snapshot->commit, commit);
  EXPECT_EQ(snapshot->hub_error->fault, Fault::kUnreachable);
  EXPECT_EQ(server_.requests().size(), 0U);
  EXPECT_THAT(log_.text(), Not(HasSubstr("ProxyPassword")));
}

TEST_F(HubFaults, Case02AProxyIsAskedForTheWholeAddress) {
  server_.commit(model_, model_files_);
  settings_.proxies.http = server_.endpoint();  // plays the proxy
  settings_.endpoint = "http://hub.invalid";
  const auto snapshot = fetch(model_request());
  EXPECT_FALSE(snapshot);
  ASSERT_FALSE(server_.requests().empty());
  EXPECT_THAT(server_.requests().front().target, testing::StartsWith("http://hub.invalid/api/"));
  settings_.proxies.none = "hub.invalid";
  server_.forget_requests();
  EXPECT_FALSE(fetch(model_request()));
  EXPECT_TRUE(server_.requests().empty());
}

TEST_F(HubFaults, Case03OfflineServesThroughTheRef) {
  const std::string commit = fetch_model();
  settings_.offline = true;
  const auto snapshot = fetch(model_request());
  ASSERT_TRUE(snapshot);
  EXPECT_EQ(snapshot->commit, commit);
  EXPECT_EQ(snapshot->folder.filename(), "gradient_boosting");
  expect_model(*snapshot);
  EXPECT_TRUE(server_.requests().empty());
}

TEST_F(HubFaults, Case04OfflineWithoutRefServesTheLastGoodRecord) {
  const std::string first = fetch_model();
  model_files_["gradient_boosting/MLmodel"].content = "flavors: {other: 1}\n";
  const std::string second = fetch_model();
  ASSERT_TRUE(update_record(
      repo_folder(), [&](Record& record) { record.add_good(first, "main", waiter_.now()); }));
  std::filesystem::remove(repo_folder() / "refs/main");
  settings_.offline = true;
  auto snapshot = fetch(model_request());
  ASSERT_TRUE(snapshot);
  EXPECT_EQ(snapshot->commit, first);
  EXPECT_THAT(log_.text(), HasSubstr("serving model demo/model at " + first.substr(0, 12)));
  // Without any record, the newest whole snapshot.
  std::filesystem::remove_all(repo_folder() / ".clairscore");
  std::filesystem::last_write_time(
      repo_folder() / "snapshots" / first,
      std::filesystem::file_time_type::clock::now() - std::chrono::hours(1));
  snapshot = fetch(model_request());
  ASSERT_TRUE(snapshot);
  EXPECT_EQ(snapshot->commit, second);
}

TEST_F(HubFaults, Case05OfflineAnIncompleteSnapshotNamesWhatIsMissing) {
  fetch_model();
  std::filesystem::remove(pickle_blob());
  settings_.offline = true;
  const auto snapshot = fetch(model_request());
  ASSERT_FALSE(snapshot);
  EXPECT_EQ(snapshot.error().fault, Fault::kIncomplete);
  EXPECT_THAT(snapshot.error().error.what, HasSubstr("incomplete: gradient_boosting/model.pkl"));
}

TEST_F(HubFaults, Case05OptionalFilesMayBeMissingOffline) {
  server_.commit(data_, data_files_);
  ASSERT_TRUE(fetch(data_request()));
  std::filesystem::remove(settings_.cache / "datasets--demo--data/blobs" /
                          oid_of(data_files_["shap/shap_beeswarm.png"]));
  settings_.offline = true;
  const auto snapshot = fetch(data_request());
  ASSERT_TRUE(snapshot);
  EXPECT_THAT(snapshot->missing,
              ElementsAre("shap/shap_explanation.joblib", "shap/shap_beeswarm.png"));
}

TEST_F(HubFaults, Case06ARefusalIsAnsweredFromTheCacheWithAWarning) {
  const std::string commit = fetch_model();
  for (const int status : {401, 403, 404}) {
    server_.clear_rules();
    server_.spoil(Side::kHub, "", kAlways, answer_status(status));
    const auto snapshot = fetch(model_request());
    ASSERT_TRUE(snapshot) << status;
    EXPECT_EQ(snapshot->commit, commit);
    ASSERT_TRUE(snapshot->hub_error);
  }
  EXPECT_THAT(log_.text(), HasSubstr("warning no such repository, or a private one"));
  EXPECT_THAT(log_.text(), HasSubstr("warning access is forbidden"));
  EXPECT_TRUE(waiter_.seconds().empty());
}

TEST_F(HubFaults, Case11ServerErrorsAreAskedAgainThenAnsweredFromTheCache) {
  server_.commit(model_, model_files_);
  for (const int status : {500, 502, 503, 504, 408}) {
    server_.spoil(Side::kHub, "/revision/", 1, answer_status(status));
  }
  expect_fetched(fetch(model_request()));
  EXPECT_THAT(waiter_.seconds(), ElementsAre(1, 2, 4, 8, 8));
  // Cached now: no waiting, the cache is the answer.
  server_.spoil(Side::kHub, "", kAlways, answer_status(503));
  const auto snapshot = fetch(model_request());
  ASSERT_TRUE(snapshot);
  EXPECT_EQ(snapshot->hub_error->fault, Fault::kServerError);
  EXPECT_EQ(waiter_.seconds().size(), 5U);
}

TEST_F(HubFaults, Case11ServerErrorsWithoutEndAndWithoutCacheAreAnError) {
  server_.spoil(Side::kHub, "", kAlways, answer_status(503));
  const auto snapshot = fetch(model_request());
  ASSERT_FALSE(snapshot);
  EXPECT_EQ(snapshot.error().fault, Fault::kServerError);
  EXPECT_EQ(server_.requests().size(), 6U);
}

TEST_F(HubFaults, Case12ServerErrorsAtTheStartOfABodyAreAskedAgain) {
  server_.commit(model_, model_files_);
  spoil_body(answer_status(503), 2);
  server_.spoil(Side::kHub, "MLmodel", 1, answer_status(500));
  expect_fetched(fetch(model_request()));
  EXPECT_EQ(server_.count(Side::kFiles, kPickle), 3U);
  EXPECT_EQ(server_.count(Side::kHub, "/resolve/"), 3U + 2U + 1U);
}

TEST_F(HubFaults, Case13TooManyRequestsWaitsForTheReset) {
  server_.commit(model_, model_files_);
  server_.spoil(Side::kHub, "/revision/", 1,
                answer_status(429, {{"RateLimit", "\"api\";r=0;t=55"}, {"Retry-After", "9"}}));
  server_.spoil(Side::kHub, "/tree/", 1, answer_status(429, {{"Retry-After", "7"}}));
  server_.spoil(Side::kHub, "MLmodel", 1,
                answer_status(429, {{"RateLimit", "\"resolvers\";r=0;t=3"}}));
  expect_fetched(fetch(model_request()));
  EXPECT_THAT(waiter_.seconds(), ElementsAre(56, 7, 4));
}

TEST_F(HubFaults, Case13AResetThatIsTooFarIsNotWaitedFor) {
  server_.spoil(Side::kHub, "", kAlways, answer_status(429, {{"Retry-After", "86400"}}));
  const auto snapshot = fetch(model_request());
  ASSERT_FALSE(snapshot);
  EXPECT_EQ(snapshot.error().fault, Fault::kRateLimited);
  EXPECT_TRUE(waiter_.seconds().empty());
}

TEST_F(HubFaults, Case14ARetryAfterThatIsADateIsHonoured) {
  server_.commit(model_, model_files_);
  server_.spoil(Side::kHub, "/revision/", 1,
                answer_status(429, {{"Retry-After", "Sat, 01 Aug 2026 12:00:42 GMT"}}));
  expect_fetched(fetch(model_request()));
  EXPECT_THAT(waiter_.seconds(), ElementsAre(42));
}

TEST_F(HubFaults, Case15SilenceInMidBodyIsResumed) {
  server_.commit(model_, model_files_);
  settings_.download_timeout = std::chrono::milliseconds(100);
  spoil_body(cut_body(100'000, Ending::kStall));
  expect_fetched(fetch(model_request()));
  EXPECT_THAT(ranges(), ElementsAre("", "bytes=100000-"));
}

TEST_F(HubFaults, Case16ACutAndAResetInMidBodyAreResumedAndProgressResetsTheCount) {
  server_.commit(model_, model_files_);
  for (int i = 0; i < 4; ++i) {
    spoil_body(cut_body(10'000, Ending::kClose));
    spoil_body(cut_body(10'000, Ending::kReset));
  }
  expect_fetched(fetch(model_request()));
  // A reset may take bytes with it that were on their way, so only the order is certain.
  const std::vector<std::string> asked = ranges();
  ASSERT_EQ(asked.size(), 9U);
  EXPECT_EQ(asked[0], "");
  EXPECT_EQ(asked[1], "bytes=10000-");
  for (const double wait : waiter_.seconds()) EXPECT_LE(wait, 2);
}

TEST_F(HubFaults, Case16WithoutProgressFiveRetriesEndItAndWhatCameIsKept) {
  server_.commit(model_, model_files_);
  spoil_body(cut_body(100'000, Ending::kClose));
  spoil_body(cut_body(0, Ending::kClose), kAlways);
  const auto snapshot = fetch(model_request());
  ASSERT_FALSE(snapshot);
  EXPECT_EQ(snapshot.error().fault, Fault::kNotCached);
  EXPECT_EQ(ranges().size(), 1U + 5U);
  EXPECT_FALSE(std::filesystem::exists(pickle_blob()));
  ASSERT_EQ(incomplete_files().size(), 1U);
  EXPECT_EQ(std::filesystem::file_size(incomplete_files().front()), 100'000U);
  // The next start resumes.
  server_.clear_rules();
  server_.forget_requests();
  expect_fetched(fetch(model_request()));
  EXPECT_THAT(ranges(), ElementsAre("bytes=100000-"));
}

TEST_F(HubFaults, Case17ARangeAnsweredWithTheWholeRestarts) {
  server_.commit(model_, model_files_);
  spoil_body(cut_body(100'000, Ending::kClose));
  spoil_body([this](const Received&, const Reply&) {
    Reply whole;
    whole.body = pickle_;
    return whole;
  });
  expect_fetched(fetch(model_request()));
  EXPECT_EQ(progress_.state().bytes_done, progress_.state().bytes_total);
}

TEST_F(HubFaults, Case17ARangeThatLiesRestarts) {
  server_.commit(model_, model_files_);
  spoil_body(cut_body(100'000, Ending::kClose));
  spoil_body([](const Received&, Reply usual) {
    return usual.with("Content-Range", "bytes 50000-299999/300000");
  });
  expect_fetched(fetch(model_request()));
  EXPECT_THAT(ranges(), ElementsAre("", "bytes=100000-", ""));
}

TEST_F(HubFaults, Case18ARangeThatIsRefusedRestarts) {
  server_.commit(model_, model_files_);
  spoil_body(cut_body(100'000, Ending::kClose));
  spoil_body(answer_status(416));
  expect_fetched(fetch(model_request()));
  EXPECT_THAT(ranges(), ElementsAre("", "bytes=100000-", ""));
}

TEST_F(HubFaults, Case22AnExpiredAddressIsAskedForAgain) {
  server_.commit(model_, model_files_);
  spoil_body(cut_body(100'000, Ending::kClose));
  spoil_body(answer_status(403));
  expect_fetched(fetch(model_request()));
  EXPECT_EQ(server_.count(Side::kHub, "resolve/"), 5U);  // model.pkl three times, two small files
  EXPECT_THAT(ranges(), ElementsAre("", "bytes=100000-", "bytes=100000-"));
}

TEST_F(HubFaults, AStopEndsADownloadAtOnceAndTheNextStartResumes) {
  server_.commit(model_, model_files_);
  settings_.download_timeout = std::chrono::hours(1);
  spoil_body(cut_body(100'000, Ending::kStall));
  Hub hub(settings_, log_, waiter_);
  std::stop_source stop;
  FetchProgress progress([&](const FetchState& state) {
    if (state.bytes_done >= 100'000) stop.request_stop();
  });
  std::jthread backstop([&](const std::stop_token& done) {
    // The observer is called ten times a second at most: look again after the last piece.
    while (!done.stop_requested() && progress.state().bytes_done < 100'000)
      std::this_thread::yield();
    stop.request_stop();
  });
  const auto snapshot = hub.fetch(model_request(), progress, stop.get_token());
  ASSERT_FALSE(snapshot);
  EXPECT_EQ(snapshot.error().fault, Fault::kStopped);
  server_.forget_requests();
  expect_fetched(fetch(model_request()));
  EXPECT_THAT(ranges(), ElementsAre("bytes=100000-"));
}

}  // namespace
}  // namespace clairscore::hub
