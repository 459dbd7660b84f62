#include "hub/rollback.h"

#include "hub/hub_test_util.h"

namespace clairscore::hub {
namespace {

using testing::HasSubstr;

class RollbackTest : public HubTest {
 protected:
  /// Two commits of each repository, served in this order: model 1 and data 1 together, model 2,
  /// data 2.
  void serve_all(Hub& hub) {
    const auto serve = [&](const SnapshotRequest& request, std::chrono::seconds later) {
      const auto snapshot = hub.fetch(request, progress_, {});
      ASSERT_TRUE(snapshot) << to_string(snapshot.error().error);
      commits_.push_back(snapshot->commit);
      ASSERT_TRUE(update_record(hub.repo_folder(request.repo), [&](Record& record) {
        record.add_good(snapshot->commit, "main", waiter_.now() + later);
      }));
    };
    server_.commit(model_, model_files_);
    server_.commit(data_, data_files_);
    serve(model_request(), std::chrono::seconds(0));
    serve(data_request(), std::chrono::seconds(0));
    model_files_["gradient_boosting/MLmodel"].content = "second";
    server_.commit(model_, model_files_);
    serve(model_request(), std::chrono::seconds(10));
    data_files_["application_test.csv"].content = "SK_ID_CURR\n2\n";
    server_.commit(data_, data_files_);
    serve(data_request(), std::chrono::seconds(20));
  }
  std::vector<std::string> commits_;
};

TEST_F(RollbackTest, TheLastChangeIsUndoneUntilToldOtherwise) {
  Hub hub(settings_, log_, waiter_);
  serve_all(hub);
  const std::vector<SnapshotRequest> requests = {model_request(), data_request()};
  const auto done = roll_back_last_change(hub, requests);
  ASSERT_TRUE(done) << to_string(done.error());
  ASSERT_EQ(done->size(), 1U);
  EXPECT_EQ(done->front().repo, data_);
  EXPECT_EQ(done->front().from, commits_[3]);
  EXPECT_EQ(done->front().to, commits_[1]);
  const Record record = read_record(hub.repo_folder(data_));
  EXPECT_EQ(record.effective_revision("main"), commits_[1]);
  // What is asked for then is the pinned commit, which needs no network.
  SnapshotRequest request = data_request();
  request.revision = record.effective_revision("main");
  server_.forget_requests();
  const auto snapshot = hub.fetch(request, progress_, {});
  ASSERT_TRUE(snapshot);
  EXPECT_EQ(content_of(snapshot->folder / "application_test.csv"), "SK_ID_CURR\n1\n");
  EXPECT_TRUE(server_.requests().empty());

  EXPECT_TRUE(follow_again(hub, data_).value());
  EXPECT_FALSE(follow_again(hub, data_).value());
  EXPECT_EQ(read_record(hub.repo_folder(data_)).effective_revision("main"), "main");
}

TEST_F(RollbackTest, OneRepositoryAndOneCommitMayBeNamed) {
  Hub hub(settings_, log_, waiter_);
  serve_all(hub);
  EXPECT_EQ(roll_back(hub, model_request(), {})->to, commits_[0]);
  EXPECT_EQ(roll_back(hub, model_request(), commits_[2])->to, commits_[2]);
  const auto unknown = roll_back(hub, model_request(), std::string(40, 'f'));
  ASSERT_FALSE(unknown);
  EXPECT_THAT(to_string(unknown.error()), HasSubstr("is not in the cache"));
  EXPECT_EQ(read_record(hub.repo_folder(model_)).pinned, commits_[2]);
}

TEST_F(RollbackTest, WithoutAnEarlierGoodCommitItSaysSo) {
  Hub hub(settings_, log_, waiter_);
  const auto none = roll_back_last_change(hub, {model_request()});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::kNotFound);
  fetch_model();
  EXPECT_FALSE(roll_back(hub, model_request(), {}));
}

}  // namespace
}  // namespace clairscore::hub
