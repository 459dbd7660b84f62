// The failure cases 7 to 10, 19 to 25, and 33 to 35: what the Hub answers. Numbered as in the
// specification of the client.

#include "hub/hub_test_util.h"

namespace clairscore::hub {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class HubAnswers : public HubTest {
 protected:
  HubError refused(const SnapshotRequest& request) {
    const auto snapshot = fetch(request);
    EXPECT_FALSE(snapshot);
    return snapshot ? HubError() : snapshot.error();
  }
};

TEST_F(HubAnswers, Case07AMissingRevisionIsNamed) {
  fetch_model();
  const HubError error = refused(model_request("refs/pr/7"));
  EXPECT_EQ(error.fault, Fault::kRevisionNotFound);
  EXPECT_THAT(error.error.what, HasSubstr("model demo/model at refs/pr/7"));
  EXPECT_EQ(server_.count(Side::kHub, "/revision/refs%2Fpr%2F7"), 1U);
}

TEST_F(HubAnswers, Case08AMissingFileIsMarkedAndNamed) {
  server_.commit(model_, model_files_);
  server_.spoil(Side::kHub, "MLmodel", 1, [](const Received&, Reply usual) {
    usual.status = 404;
    return usual.with("X-Error-Code", "EntryNotFound");
  });
  const HubError error = refused(model_request());
  EXPECT_EQ(error.fault, Fault::kEntryNotFound);
  EXPECT_THAT(error.error.what, HasSubstr("gradient_boosting/MLmodel"));
  const auto marker = repo_folder() / ".no_exist";
  ASSERT_TRUE(std::filesystem::exists(marker));
  const auto commit = std::filesystem::directory_iterator(marker)->path();
  EXPECT_TRUE(std::filesystem::is_empty(commit / "gradient_boosting/MLmodel"));
}

TEST_F(HubAnswers, Case08AnOptionalFileThatIsNotThereIsMarkedAndWarnedOf) {
  const std::string commit = server_.commit(data_, data_files_);
  const auto snapshot = fetch(data_request());
  ASSERT_TRUE(snapshot);
  EXPECT_THAT(snapshot->missing, ElementsAre("shap/shap_explanation.joblib"));
  EXPECT_THAT(log_.text(), HasSubstr("dataset demo/data has no shap/shap_explanation.joblib"));
  EXPECT_TRUE(std::filesystem::exists(settings_.cache / "datasets--demo--data/.no_exist" / commit /
                                      "shap/shap_explanation.joblib"));
}

TEST_F(HubAnswers, Case08ARepositoryWithoutModelNamesTheFoldersThereAre) {
  server_.commit(model_, {{"a/MLmodel", {"x"}}, {"b/MLmodel", {"y"}}});
  HubError error = refused(model_request());
  EXPECT_EQ(error.fault, Fault::kUnsuitable);
  EXPECT_EQ(exit_code(error.error.code), 3);
  EXPECT_THAT(to_string(error.error),
              AllOf(HasSubstr("several models: a, b"), HasSubstr("hub_model_subfolder")));
  auto request = model_request();
  request.choose = choose_model("c");
  EXPECT_THAT(to_string(refused(request).error), HasSubstr("one of: a, b"));
  request.choose = choose_model("b/");
  const auto snapshot = fetch(request);
  ASSERT_TRUE(snapshot);
  EXPECT_EQ(content_of(snapshot->folder / "MLmodel"), "y");
  server_.commit(model_, {{"README.md", {"x"}}});
  error = refused(model_request());
  EXPECT_THAT(error.error.what, HasSubstr("without an MLmodel"));
}

TEST_F(HubAnswers, Case09ARefusedTokenIsNotAMissingRepository) {
  server_.spoil(
      Side::kHub, "", kAlways,
      answer_status(401, {{"X-Error-Message", "Invalid credentials in Authorization header"}}));
  const HubError error = refused(model_request());
  EXPECT_EQ(error.fault, Fault::kInvalidToken);
  EXPECT_THAT(to_string(error.error),
              AllOf(HasSubstr("refuses the token"), Not(HasSubstr("hf_NeverShown"))));
}

TEST_F(HubAnswers, Case09APrivateRepositoryAsksForAToken) {
  settings_.token.clear();
  const HubError error = refused(model_request());
  EXPECT_EQ(error.fault, Fault::kRepoNotFound);
  EXPECT_THAT(to_string(error.error), AllOf(HasSubstr("no such repository, or a private one"),
                                            HasSubstr("HF_TOKEN, when it is private or gated")));
}

TEST_F(HubAnswers, Case10ADisabledAndAGatedRepositoryAreFaultsOfTheirOwn) {
  server_.spoil(Side::kHub, "", 1,
                answer_status(403, {{"X-Error-Message", "Access to this resource is disabled."}}));
  EXPECT_EQ(refused(model_request()).fault, Fault::kDisabledRepo);
  server_.spoil(Side::kHub, "", 1, answer_status(403, {{"X-Error-Code", "GatedRepo"}}));
  EXPECT_EQ(refused(model_request()).fault, Fault::kGatedRepo);
}

// printf 'flavors: {}\n' | gzip -9n
const std::string kGzipped(
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x4b\xcb\x49\x2c\xcb\x2f\x2a\xb6\x52\xa8\xae\xe5\x02"
    "\x00\x1e\xb4\x21\xcd\x0c\x00\x00\x00",
    32);

TEST_F(HubAnswers, Case19ACompressedBodyWithoutLengthIsUnpacked) {
  server_.commit(model_, model_files_);
  server_.spoil(Side::kHub, "MLmodel", 1, [](const Received&, Reply usual) {
    usual.body = kGzipped;
    usual.chunked = true;
    return usual.with("Content-Encoding", "gzip");
  });
  const auto snapshot = fetch(model_request());
  ASSERT_TRUE(snapshot) << to_string(snapshot.error().error);
  expect_model(*snapshot);
}

TEST_F(HubAnswers, Case20AWrongFinalSizeIsFetchedOnceMore) {
  server_.commit(model_, model_files_);
  server_.spoil(Side::kFiles, "model.pkl", 1,
                change_body([](std::string& body) { body.resize(9); }));
  const auto snapshot = fetch(model_request());
  ASSERT_TRUE(snapshot) << to_string(snapshot.error().error);
  expect_model(*snapshot);
  EXPECT_THAT(log_.text(), HasSubstr("a file that ends after 9 of 300000 bytes"));
  EXPECT_THAT(waiter_.seconds(), IsEmpty());
}

TEST_F(HubAnswers, Case20AWrongFinalSizeTwiceIsAnErrorAndLeavesNothing) {
  server_.commit(model_, model_files_);
  for (const bool longer : {false, true}) {
    server_.clear_rules();
    server_.spoil(Side::kFiles, "model.pkl", 2, change_body([longer](std::string& body) {
                    longer ? body += "more" : body.erase(9);
                  }));
    const HubError error = refused(model_request());
    EXPECT_EQ(error.fault, Fault::kCorrupt);
    EXPECT_THAT(error.error.what, HasSubstr(longer ? "more bytes than the file has, twice"
                                                   : "ends after 9 of 300000 bytes, twice"));
    EXPECT_THAT(incomplete_files(), IsEmpty());
    EXPECT_FALSE(std::filesystem::exists(pickle_blob()));
    EXPECT_FALSE(std::filesystem::exists(repo_folder() / "refs/main"));
  }
}

TEST_F(HubAnswers, Case21CorruptBytesOfTheRightSizeAreNoticed) {
  server_.commit(model_, model_files_);
  const auto flip = change_body([](std::string& body) { body[body.size() / 2] ^= 1; });
  server_.spoil(Side::kFiles, "model.pkl", 1, flip);
  server_.spoil(Side::kHub, "MLmodel", 1, flip);
  const auto snapshot = fetch(model_request());
  ASSERT_TRUE(snapshot);
  expect_model(*snapshot);
  EXPECT_THAT(log_.text(), HasSubstr("bytes that are not those of the file; downloading it again"));
}

TEST_F(HubAnswers, Case21CorruptTwiceKeepsTheOldFilesInService) {
  const std::string old = fetch_model();
  model_files_["gradient_boosting/model.pkl"].content = varied_bytes(200'000, 8);
  server_.commit(model_, model_files_);
  server_.spoil(Side::kFiles, "model.pkl", kAlways,
                change_body([](std::string& body) { body[0] ^= 1; }));
  const auto snapshot = fetch(model_request());
  ASSERT_TRUE(snapshot);
  EXPECT_EQ(snapshot->commit, old);
  EXPECT_EQ(snapshot->hub_error->fault, Fault::kCorrupt);
  EXPECT_EQ(content_of(snapshot->folder / "model.pkl"), pickle_);
  EXPECT_FALSE(std::filesystem::exists(pickle_blob()));
  EXPECT_THAT(incomplete_files(), IsEmpty());
}

TEST_F(HubAnswers, Case23ARedirectWithoutLinkedSizeIsNotOfAHub) {
  server_.commit(model_, model_files_);
  server_.spoil(Side::kHub, "model.pkl", kAlways, drop_header("X-Linked-Size"));
  const HubError error = refused(model_request());
  EXPECT_EQ(error.fault, Fault::kNotAHub);
  EXPECT_THAT(to_string(error.error), HasSubstr("no X-Linked-Size"));
  EXPECT_EQ(server_.count(Side::kFiles, ""), 0U);
}

TEST_F(HubAnswers, Case24WithoutRepoCommitItIsNotAHub) {
  const std::string commit = fetch_model();
  server_.spoil(Side::kHub, "", kAlways, drop_header("X-Repo-Commit"));
  Hub hub(settings_, log_, waiter_);
  const auto moved = hub.head_commit(model_, "main", "README.md", {});
  ASSERT_FALSE(moved);
  EXPECT_EQ(moved.error().fault, Fault::kNotAHub);
  EXPECT_THAT(to_string(moved.error().error), HasSubstr("HF_ENDPOINT"));
  const auto snapshot = fetch(model_request());
  ASSERT_TRUE(snapshot);
  EXPECT_EQ(snapshot->commit, commit);
  EXPECT_EQ(snapshot->hub_error->fault, Fault::kNotAHub);
}

TEST_F(HubAnswers, Case24ACaptivePortalIsNotAHub) {
  server_.spoil(Side::kHub, "", kAlways, [](const Received&, const Reply&) {
    Reply portal;
    portal.body = "<html>Please log in</html>";
    return portal;
  });
  EXPECT_EQ(refused(model_request()).fault, Fault::kNotAHub);
}

TEST_F(HubAnswers, Case25ARenamedRepositoryIsFollowedAndCachedUnderTheNameAskedFor) {
  const Repo renamed{RepoType::kModel, "other/name"};
  const std::string commit = server_.commit(renamed, model_files_);
  server_.spoil(Side::kHub, "demo/model", kAlways, [](const Received& request, const Reply&) {
    Reply moved;
    moved.status = 307;
    std::string target = request.target;
    target.replace(target.find("demo/model"), 10, "other/name");
    return moved.with("Location", target);
  });
  const auto snapshot = fetch(model_request());
  ASSERT_TRUE(snapshot) << to_string(snapshot.error().error);
  EXPECT_EQ(snapshot->commit, commit);
  expect_model(*snapshot);
  EXPECT_TRUE(std::filesystem::exists(repo_folder() / "refs/main"));
  for (const Received& request : server_.requests()) {
    EXPECT_EQ(request.header("authorization").empty(), request.side == Side::kFiles)
        << request.target;
  }
}

TEST_F(HubAnswers, Case33ABranchThatMovesInMidSnapshotChangesNothing) {
  const std::string first = server_.commit(model_, model_files_);
  const TestFiles old_files = model_files_;
  server_.spoil(Side::kHub, "/tree/", 1, [&](const Received&, Reply usual) {
    TestFiles files = old_files;
    files["gradient_boosting/MLmodel"].content = "moved";
    server_.commit(model_, files);
    return usual;
  });
  const auto snapshot = fetch(model_request());
  ASSERT_TRUE(snapshot);
  EXPECT_EQ(snapshot->commit, first);
  expect_model(*snapshot);
  for (const Received& request : server_.requests()) {
    if (request.target.find("/resolve/") != std::string::npos) {
      EXPECT_THAT(request.target, HasSubstr("/resolve/" + first + "/"));
    }
  }
}

TEST_F(HubAnswers, Case34ACorruptListInTheCacheIsFetchedAgain) {
  const std::string commit = fetch_model();
  const auto list = repo_folder() / "trees" / (commit + ".json");
  for (const char* bad : {"", "{", "{\"format_version\":2,\"files\":{}}",
                          "{\"format_version\":1,\"files\":{\"a\":{\"size\":-1}}}"}) {
    std::ofstream(list) << bad;
    server_.forget_requests();
    const auto snapshot = fetch(model_request());
    ASSERT_TRUE(snapshot) << bad;
    EXPECT_FALSE(snapshot->hub_error);
    EXPECT_EQ(server_.count(Side::kHub, "/tree/"), 1U) << bad;
    EXPECT_THAT(content_of(list), HasSubstr("\"lfs_sha256\""));
  }
}

TEST_F(HubAnswers, Case35PathsThatLeaveTheCacheAreRefused) {
  for (const char* path : {"../../evil", "/etc/evil", "a/../../evil", "C:\\\\evil", "a//b", "./a",
                           "..", "a\\\\..\\\\b"}) {
    server_.clear_rules();
    server_.commit(model_, model_files_);
    server_.spoil(Side::kHub, "/tree/", 1, change_body([&](std::string& body) {
                    const std::string wanted = "gradient_boosting/MLmodel";
                    body.replace(body.find(wanted), wanted.size(), path);
                  }));
    const HubError error = refused(model_request());
    EXPECT_EQ(error.fault, Fault::kBadAnswer) << path;
    EXPECT_THAT(error.error.what, HasSubstr("a path that would leave the cache")) << path;
  }
  EXPECT_FALSE(std::filesystem::exists(folder_ / "evil"));
  EXPECT_FALSE(std::filesystem::exists(settings_.cache));
}

TEST_F(HubAnswers, SecretsAreNeitherLoggedNorSentElsewhere) {
  server_.commit(model_, model_files_);
  server_.spoil(Side::kFiles, "model.pkl", 1, answer_status(403));
  server_.spoil(Side::kFiles, "model.pkl", 1, cut_body(10, Ending::kClose));
  server_.spoil(Side::kHub, "/tree/", 1, answer_status(503));
  ASSERT_TRUE(fetch(model_request()));
  EXPECT_EQ(server_.count(Side::kFiles, "model.pkl"), 3U);
  for (const Received& request : server_.requests()) {
    EXPECT_EQ(request.header("authorization"),
              request.side == Side::kHub ? "Bearer hf_NeverShown" : "");
    EXPECT_EQ(request.header("cookie"), "");
    EXPECT_EQ(request.header("x-amzn-trace-id").size(), 36U);
    EXPECT_THAT(request.header("user-agent"), testing::StartsWith("clairscore/"));
    EXPECT_EQ(request.header("accept-encoding"), "identity");
  }
  EXPECT_THAT(log_.text(), AllOf(HasSubstr("again in"), Not(HasSubstr("hf_NeverShown")),
                                 Not(HasSubstr("very-secret"))));
}

TEST_F(HubAnswers, AnAbsoluteRedirectOfAQuestionIsNotFollowedToAnotherHost) {
  FaultHub elsewhere;
  server_.spoil(Side::kHub, "/api/", kAlways, [&](const Received&, const Reply&) {
    Reply moved;
    moved.status = 302;
    return moved.with("Location", "//" + elsewhere.endpoint().substr(7) + "/api/models/demo/model");
  });
  EXPECT_EQ(refused(model_request()).fault, Fault::kNotAHub);
  EXPECT_TRUE(elsewhere.requests().empty());
}

TEST_F(HubAnswers, ListsOfSeveralPagesAreFollowedOnTheSameHostOnly) {
  server_.commit(model_, model_files_);
  server_.spoil(Side::kHub, "/tree/", 1, [](const Received& request, const Reply&) {
    Reply page;
    page.body = "[]";
    return page.with("Link", "<" + request.target + "&cursor=2>; rel=\"next\"");
  });
  const auto snapshot = fetch(model_request());
  ASSERT_TRUE(snapshot) << to_string(snapshot.error().error);
  EXPECT_EQ(server_.count(Side::kHub, "cursor=2"), 1U);
  server_.commit(model_, {{"MLmodel", {"x"}}});
  server_.spoil(Side::kHub, "/tree/", 1, [&](const Received&, Reply usual) {
    return usual.with("Link", "<" + server_.file_host() + "/more>; rel=\"next\"");
  });
  const auto second = fetch(model_request());
  ASSERT_TRUE(second);  // the cached one
  EXPECT_EQ(second->hub_error->fault, Fault::kBadAnswer);
  EXPECT_EQ(server_.count(Side::kFiles, "/more"), 0U);
}

}  // namespace
}  // namespace clairscore::hub
