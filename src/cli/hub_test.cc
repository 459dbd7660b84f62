// `clairscore hub` as an operator meets it, against a Hub whose answers are spoiled: what it
// prints, and the failure cases that need a process of their own.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <simdjson.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "cli/process_test_util.h"
#include "hub/hub_test_util.h"

namespace clairscore {
namespace {

namespace fs = std::filesystem;
using hub::Side;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class HubCommandTest : public hub::HubTest {
 protected:
  void SetUp() override {
    HubTest::SetUp();
    server_.commit(data_, data_files_);
    server_.commit(model_, model_files_);
  }

  std::vector<std::string> variables() const {
    return {"HF_ENDPOINT=" + server_.endpoint(),
            "HF_HOME=" + folder_.string(),
            "HF_TOKEN=hf_NeverShown",
            "HF_MODEL_REPO_ID=demo/model",
            "HF_DATA_REPO_ID=demo/data",
            "HF_HUB_ETAG_TIMEOUT=60",
            "HF_HUB_DOWNLOAD_TIMEOUT=60"};
  }
  Finished run(std::vector<std::string> arguments, std::vector<std::string> more = {}) const {
    arguments.insert(arguments.begin(), "hub");
    for (std::string& variable : variables()) more.push_back(std::move(variable));
    return run_clairscore(arguments, {}, more);
  }
  std::vector<std::string> ranges() const {
    std::vector<std::string> ranges;
    for (const hub::Received& request : server_.requests()) {
      if (request.side == Side::kFiles && request.target.find("model.pkl") != std::string::npos) {
        ranges.push_back(request.header("range"));
      }
    }
    return ranges;
  }
  fs::path model_snapshot() const {
    return repo_folder() / "snapshots" / hub::content_of(repo_folder() / "refs/main");
  }
  /// Several processes may read what root made.
  void open_to_all() const {
    for (const auto& entry : fs::recursive_directory_iterator(folder_)) {
      if (!entry.is_symlink()) {
        fs::permissions(entry.path(), fs::perms::group_read | fs::perms::others_read,
                        fs::perm_options::add);
      }
      if (entry.is_directory() && !entry.is_symlink()) {
        fs::permissions(entry.path(), fs::perms::group_exec | fs::perms::others_exec,
                        fs::perm_options::add);
      }
    }
    fs::permissions(folder_, fs::perms(0755));
  }
};

/// A file system of one megabyte, for as long as this lives.
struct SmallDisk {
  explicit SmallDisk(const fs::path& where)
      : folder(where), mounted(::mount("tmpfs", where.c_str(), "tmpfs", 0, "size=1m") == 0) {}
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk() {
    if (mounted) ::umount2(folder.c_str(), MNT_DETACH);
  }
  const fs::path folder;
  const bool mounted;
};

TEST_F(HubCommandTest, SyncDownloadsAndStatusAndVerifyTellWhatIsThere) {
  Finished ended = run({"sync"});
  ASSERT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_THAT(ended.out, AllOf(HasSubstr("model demo/model at "), HasSubstr("3 files, 0.3 MB")));
  EXPECT_THAT(ended.err, AllOf(HasSubstr("3 new files of "), Not(HasSubstr("hf_NeverShown"))));
  EXPECT_EQ(hub::content_of(model_snapshot() / "gradient_boosting/model.pkl"), pickle_);

  server_.forget_requests();
  ended = run({"status"});
  EXPECT_EQ(ended.exit_code, 0);
  EXPECT_THAT(ended.out, AllOf(HasSubstr("follows    main"), HasSubstr(" ago)"),
                               HasSubstr("without    shap/shap_explanation.joblib")));
  ended = run({"verify"});
  EXPECT_EQ(ended.exit_code, 0);
  EXPECT_THAT(ended.out, HasSubstr("3 files, 0.3 MB: all are what the Hub named"));
  EXPECT_TRUE(server_.requests().empty());
}

TEST_F(HubCommandTest, EveryCommandAnswersInJson) {
  for (const char* command : {"status", "sync", "status", "verify"}) {
    const Finished ended = run({command, "--json"});
    ASSERT_EQ(ended.exit_code, 0) << ended.err;
    EXPECT_EQ(ended.err, "");
    simdjson::dom::parser parser;
    simdjson::dom::element root;
    ASSERT_EQ(parser.parse(simdjson::padded_string(ended.out)).get(root), simdjson::SUCCESS)
        << ended.out;
    if (std::string(command) != "sync") continue;
    std::string_view id;
    std::uint64_t bytes = 0;
    ASSERT_EQ(root.at(0)["id"].get(id), simdjson::SUCCESS);
    EXPECT_EQ(id, "demo/model");
    ASSERT_EQ(root.at(0)["bytes"].get(bytes), simdjson::SUCCESS);
    EXPECT_EQ(bytes, pickle_.size() + 12 + 16);
  }
}

TEST_F(HubCommandTest, VerifyNamesTheBadFileAndSaysWhatToDo) {
  ASSERT_EQ(run({"sync"}).exit_code, 0);
  std::string wrong = pickle_;
  wrong[9] ^= 1;
  std::ofstream(pickle_blob()) << wrong;
  const Finished ended = run({"verify"});
  EXPECT_EQ(ended.exit_code, 3);
  EXPECT_THAT(ended.out, HasSubstr("bad      " + pickle_blob().string()));
  EXPECT_THAT(ended.err, HasSubstr("clairscore: 2 files are not what the Hub named"));
}

TEST_F(HubCommandTest, RollbackPinsTheCommitBeforeAndUndoFollowsAgain) {
  ASSERT_EQ(run({"sync"}).exit_code, 0);
  const std::string first = hub::content_of(repo_folder() / "refs/main");
  EXPECT_EQ(run({"rollback"}).exit_code, 3);
  model_files_["gradient_boosting/MLmodel"].content = "second";
  const std::string second = server_.commit(model_, model_files_);
  ASSERT_EQ(run({"sync"}).exit_code, 0);
  ASSERT_TRUE(hub::update_record(repo_folder(), [&](hub::Record& record) {
    record.add_good(first, "main", waiter_.now());
    record.add_good(second, "main", waiter_.now() + std::chrono::seconds(5));
  }));
  Finished ended = run({"rollback"});
  ASSERT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_THAT(ended.out, HasSubstr("model demo/model: serves " + first + " until"));
  EXPECT_EQ(hub::read_record(repo_folder()).pinned, first);
  ended = run({"status"});
  EXPECT_THAT(ended.out, AllOf(HasSubstr("is rolled back to " + first),
                               HasSubstr("served     " + second + " since 2026-08-01T12:00:05Z")));
  ended = run({"rollback", "--undo"});
  EXPECT_THAT(ended.out, HasSubstr("follows its revision again"));
  EXPECT_EQ(hub::read_record(repo_folder()).pinned, "");
  ended = run({"rollback", "--only", "model", "--to", first});
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_EQ(hub::read_record(repo_folder()).pinned, first);
  EXPECT_EQ(run({"rollback", "--to", "main"}).exit_code, 2);
  EXPECT_EQ(run({"rollback", "--to", first}).exit_code, 2);
}

TEST_F(HubCommandTest, FaultsOfTheHubAreExitCodeFourOnOneLine) {
  server_.spoil(Side::kHub, "", hub::kAlways,
                hub::answer_status(401, {{"X-Error-Code", "RepoNotFound"}}));
  Finished ended = run({"sync"});
  EXPECT_EQ(ended.exit_code, 4);
  EXPECT_THAT(ended.err, testing::StartsWith("clairscore: no such repository, or a private one"));
  ended = run({"sync"}, {"HF_HUB_OFFLINE=1"});
  EXPECT_EQ(ended.exit_code, 4);
  EXPECT_THAT(ended.err, HasSubstr("is not in the cache; HF_HUB_OFFLINE is set"));
}

TEST_F(HubCommandTest, WhatIsNoRepositoryIsUsage) {
  const std::vector<std::string> home{"HF_HOME=" + folder_.string()};
  Finished ended = run_clairscore({"hub", "sync"}, {}, home);
  EXPECT_EQ(ended.exit_code, 2);
  EXPECT_THAT(ended.err, HasSubstr("no repository is given"));
  ended = run_clairscore({"hub", "sync", "--model", folder_.string()}, {}, home);  // a path wins
  EXPECT_EQ(ended.exit_code, 2);
  EXPECT_EQ(run({"sync", "--hub-model-revision", "../main"}).exit_code, 2);
  EXPECT_EQ(run({}).exit_code, 2);
  EXPECT_THAT(run_clairscore({"hub", "rollback", "--help"}).out, HasSubstr("--undo"));
}

TEST_F(HubCommandTest, Case26AFullDiskIsNamedAndLeavesNothingAndTheOldFilesStay) {
  if (::geteuid() != 0) GTEST_SKIP() << "mounting a small file system needs root";
  const SmallDisk disk(folder_);
  if (!disk.mounted) GTEST_SKIP() << "no file system can be mounted here";
  ASSERT_EQ(run({"sync"}).exit_code, 0);
  const std::string old = hub::content_of(repo_folder() / "refs/main");
  model_files_["gradient_boosting/model.pkl"].content = hub::varied_bytes(2'000'000, 5);
  server_.commit(model_, model_files_);
  const Finished ended = run({"sync", "--only", "model"});
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_THAT(ended.err, AllOf(HasSubstr("No space left on device"), HasSubstr("free space"),
                               HasSubstr("2000000 bytes for gradient_boosting/model.pkl")));
  EXPECT_THAT(incomplete_files(), IsEmpty());
  EXPECT_FALSE(fs::exists(pickle_blob()));
  EXPECT_EQ(hub::content_of(repo_folder() / "refs/main"), old);
  EXPECT_EQ(hub::content_of(model_snapshot() / "gradient_boosting/model.pkl"), pickle_);
}

TEST_F(HubCommandTest, Case27AKilledDownloadShowsNothingAndTheNextStartResumes) {
  server_.spoil(Side::kFiles, "model.pkl", 1, hub::cut_body(100'000, hub::Ending::kStall));
  {
    Running killed({"hub", "sync", "--only", "model"}, variables());
    // Until everything that was sent is on disk.
    std::error_code none_yet;
    std::uintmax_t size = 0;
    while (size < 100'000) {
      for (const auto& entry : fs::directory_iterator(repo_folder() / "blobs", none_yet)) {
        if (entry.path().extension() == ".incomplete") size = fs::file_size(entry.path(), none_yet);
      }
      std::this_thread::yield();
    }
    killed.send_signal(SIGKILL);
    EXPECT_EQ(killed.wait().exit_code, 128 + SIGKILL);
  }
  EXPECT_FALSE(fs::exists(pickle_blob()));
  EXPECT_FALSE(fs::exists(repo_folder() / "refs/main"));
  server_.forget_requests();
  const Finished ended = run({"sync", "--only", "model"});
  ASSERT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_THAT(ranges(), ElementsAre("bytes=100000-"));
  EXPECT_EQ(hub::content_of(pickle_blob()), pickle_);
  EXPECT_THAT(incomplete_files(), IsEmpty());
}

TEST_F(HubCommandTest, Case29ADeadProcessesLockIsFree) {
  server_.spoil(Side::kFiles, "model.pkl", 1, hub::cut_body(0, hub::Ending::kStall));
  {
    Running killed({"hub", "sync", "--only", "model"}, variables());
    server_.wait_for(Side::kFiles, "model.pkl", 1);
    killed.send_signal(SIGKILL);
    killed.wait();
  }
  const Finished ended = run({"sync", "--only", "model"});
  ASSERT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_THAT(ended.err, Not(HasSubstr("waiting for another process")));
}

TEST_F(HubCommandTest, TwoProcessesAtOnceDownloadOnce) {
  Running first({"hub", "sync"}, variables());
  Running second({"hub", "sync"}, variables());
  const Finished one = first.wait();
  const Finished other = second.wait();
  EXPECT_EQ(one.exit_code, 0) << one.err;
  EXPECT_EQ(other.exit_code, 0) << other.err;
  EXPECT_EQ(ranges().size(), 1U);
  EXPECT_EQ(run({"verify"}).exit_code, 0);
  EXPECT_THAT(incomplete_files(), IsEmpty());
}

TEST_F(HubCommandTest, Case30AReadOnlyCacheServesHitsAndNamesTheFolderOfAMiss) {
  if (::geteuid() != 0) GTEST_SKIP() << "becoming another user needs root";
  constexpr unsigned kNobody = 65534;
  if (run_clairscore_as(kNobody, {"--version"}, {}).exit_code != 0) {
    GTEST_SKIP() << "the binary lies where another user cannot run it";
  }
  ASSERT_EQ(run({"sync"}).exit_code, 0);
  open_to_all();
  Finished ended = run_clairscore_as(kNobody, {"hub", "sync"}, variables());
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_THAT(ended.out, HasSubstr("model demo/model at "));
  ended = run_clairscore_as(kNobody, {"hub", "verify"}, variables());
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  model_files_["gradient_boosting/MLmodel"].content = "second";
  server_.commit(model_, model_files_);
  ended = run_clairscore_as(kNobody, {"hub", "sync"}, variables());
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_THAT(ended.err, AllOf(HasSubstr("Permission denied"), HasSubstr(repo_folder().string()),
                               HasSubstr("a cache folder that can be written to")));
}

}  // namespace
}  // namespace clairscore
