// The failure cases 27 to 32: the disk and the other processes. What needs a process of its own
// (SIGKILL, another user, a full disk) is in cli/hub_test.cc.

#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "hub/file_lock.h"
#include "hub/hub_test_util.h"
#include "hub/partial_file.h"

namespace clairscore::hub {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class HubDisk : public HubTest {
 protected:
  fs::path lock_path() const {
    return settings_.cache / ".locks/models--demo--model" /
           (oid_of(model_files_.at("gradient_boosting/model.pkl")) + ".lock");
  }
  fs::path pointer(const std::string& commit, const std::string& path) const {
    return repo_folder() / "snapshots" / commit / path;
  }
};

/// Files of this process end after so many bytes: as on a full disk, for any user.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int) = SIG_DFL;
};

TEST_F(HubDisk, Case26ADiskThatTakesNoMoreIsNamedAndTheOldFilesStay) {
  const std::string old = fetch_model();
  model_files_["gradient_boosting/model.pkl"].content = varied_bytes(400'000, 9);
  server_.commit(model_, model_files_);
  HubResult<Snapshot> snapshot = fail(HubError());
  {
    const FileSizeLimit limit(350'000);
    snapshot = fetch(model_request());
  }
  ASSERT_TRUE(snapshot);
  EXPECT_EQ(snapshot->commit, old);
  EXPECT_EQ(content_of(snapshot->folder / "model.pkl"), pickle_);
  ASSERT_TRUE(snapshot->hub_error);
  EXPECT_EQ(snapshot->hub_error->fault, Fault::kDisk);
  EXPECT_THAT(to_string(snapshot->hub_error->error),
              HasSubstr("(400000 bytes for gradient_boosting/model.pkl)"));
  EXPECT_THAT(incomplete_files(), IsEmpty());
  EXPECT_FALSE(fs::exists(pickle_blob()));
}

TEST_F(HubDisk, Case27WhatAnEndedProcessLeftIsResumedWhereItsNameFits) {
  server_.commit(model_, model_files_);
  fs::create_directories(repo_folder() / "blobs");
  const std::string oid = oid_of(model_files_["gradient_boosting/model.pkl"]);
  const auto leave = [&](const std::string& name, const std::string& bytes) {
    std::ofstream(repo_folder() / "blobs" / name) << bytes;
  };
  leave(oid + ".00000001.clairscore.incomplete", pickle_.substr(0, 1000));
  leave(oid + ".00000002.clairscore.incomplete", pickle_.substr(0, 120'000));
  leave(oid + ".00000003.incomplete", pickle_.substr(0, 200'000));  // Python's: perhaps with holes
  leave(std::string(64, 'a') + ".00000004.clairscore.incomplete", pickle_.substr(0, 250'000));
  const auto snapshot = fetch(model_request());
  ASSERT_TRUE(snapshot);
  expect_model(*snapshot);
  std::vector<std::string> ranges;
  for (const Received& request : server_.requests()) {
    if (request.side == Side::kFiles) ranges.push_back(request.header("range"));
  }
  EXPECT_THAT(ranges, ElementsAre("bytes=120000-"));
  EXPECT_EQ(incomplete_files().size(), 2U);  // not ours to judge
}

TEST_F(HubDisk, Case27WhatIsResumedIsVerifiedAsAWhole) {
  server_.commit(model_, model_files_);
  fs::create_directories(repo_folder() / "blobs");
  const std::string oid = oid_of(model_files_["gradient_boosting/model.pkl"]);
  std::ofstream(repo_folder() / "blobs" / (oid + ".00000001.clairscore.incomplete"))
      << varied_bytes(120'000, 99);
  const auto snapshot = fetch(model_request());
  ASSERT_TRUE(snapshot);
  expect_model(*snapshot);
  EXPECT_THAT(log_.text(), HasSubstr("downloading it again"));
  EXPECT_THAT(incomplete_files(), IsEmpty());
}

TEST_F(HubDisk, Case27OldIncompleteFilesAreSweptAndYoungOnesAreNot) {
  server_.commit(model_, model_files_);
  fs::create_directories(repo_folder() / "blobs");
  const fs::path old_file = repo_folder() / "blobs/old.12345678.incomplete";
  const fs::path young_file = repo_folder() / "blobs/young.12345678.incomplete";
  std::ofstream(old_file) << "x";
  std::ofstream(young_file) << "x";
  fs::last_write_time(old_file, fs::file_time_type::clock::now() - std::chrono::hours(25));
  ASSERT_TRUE(fetch(model_request()));
  EXPECT_FALSE(fs::exists(old_file));
  EXPECT_TRUE(fs::exists(young_file));
}

TEST_F(HubDisk, Case28WithoutWorkingLocksTwoDownloadsAreBothCorrect) {
  server_.commit(model_, model_files_);
  // Where the lock's folder should be, there is a file: no lock can be had.
  fs::create_directories(settings_.cache);
  std::ofstream(settings_.cache / ".locks") << "";
  HubResult<Snapshot> other = fail(HubError());
  std::thread second([&] { other = fetch(model_request()); });
  const auto one = fetch(model_request());
  second.join();
  ASSERT_TRUE(one) << to_string(one.error().error);
  ASSERT_TRUE(other) << to_string(other.error().error);
  expect_model(*one);
  EXPECT_EQ(content_of(pickle_blob()), pickle_);
  EXPECT_THAT(incomplete_files(), IsEmpty());
}

TEST_F(HubDisk, Case28TwoWritersOfOneContentNeverShareAFile) {
  const std::string content = "content";
  const std::string oid = oid_of({content, true});
  auto first = PartialFile::open(folder_, oid, content.size());
  auto second = PartialFile::open(folder_, oid, content.size());
  ASSERT_TRUE(first && second);
  ASSERT_TRUE(first->append(as_bytes("cont")));
  ASSERT_TRUE(second->append(as_bytes(content)));
  ASSERT_TRUE(second->verify());
  ASSERT_TRUE(second->publish(folder_ / oid));
  // The first one's name is gone; what it still writes does not reach the blob.
  ASSERT_TRUE(first->append(as_bytes("ENT")));
  EXPECT_FALSE(first->verify());
  EXPECT_EQ(content_of(folder_ / oid), content);
  EXPECT_FALSE(first->publish(folder_ / oid));
  EXPECT_EQ(content_of(folder_ / oid), content);
}

TEST_F(HubDisk, Case29ALockIsWaitedForAndTheOthersWorkIsUsed) {
  server_.commit(model_, model_files_);
  fs::create_directories(lock_path().parent_path());
  fs::create_directories(repo_folder() / "blobs");
  const int fd = ::open(lock_path().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0664);
  ASSERT_EQ(::flock(fd, LOCK_EX), 0);
  std::thread other([&] {
    // The holder's work: the blob. It keeps the lock, so only the blob can end the wait.
    while (log_.text().find("waiting for another process") == std::string::npos) {
      std::this_thread::yield();
    }
    std::ofstream(pickle_blob().string() + ".tmp") << pickle_;
    fs::rename(pickle_blob().string() + ".tmp", pickle_blob());
  });
  SystemWaiter waiter;
  Hub hub(settings_, log_, waiter);
  const auto snapshot = hub.fetch(model_request(), progress_, {});
  other.join();
  ::close(fd);
  ASSERT_TRUE(snapshot);
  expect_model(*snapshot);
  EXPECT_EQ(server_.count(Side::kFiles, ""), 0U);
  EXPECT_THAT(log_.text(), HasSubstr(lock_path().string()));
}

TEST_F(HubDisk, Case29ALockThatIsHeldInSilenceIsNotWaitedForForEver) {
  server_.commit(model_, model_files_);
  fs::create_directories(lock_path().parent_path());
  const int fd = ::open(lock_path().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0664);
  ASSERT_EQ(::flock(fd, LOCK_EX), 0);
  const auto snapshot = fetch(model_request());
  ::close(fd);
  ASSERT_TRUE(snapshot);
  expect_model(*snapshot);
  EXPECT_THAT(log_.text(), HasSubstr("no longer waiting for the lock"));
}

TEST_F(HubDisk, Case29AStopEndsTheWaitForALock) {
  const fs::path path = folder_ / "a.lock";
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0664);
  ASSERT_EQ(::flock(fd, LOCK_EX), 0);
  std::stop_source stop;
  SystemWaiter waiter;
  const auto lock = FileLock::acquire(
      path, waiter, stop.get_token(), [&] { stop.request_stop(); }, [] { return false; });
  EXPECT_FALSE(lock.held());
  ::close(fd);
  EXPECT_TRUE(FileLock::acquire(path, waiter, {}, [] {}, [] { return false; }).held());
  struct stat status{};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);  // never removed
}

TEST_F(HubDisk, Case31ABrokenAndAForeignLinkAreRepaired) {
  const std::string commit = fetch_model();
  const fs::path model = pointer(commit, "gradient_boosting/model.pkl");
  fs::remove(model);
  fs::create_symlink("../../../blobs/nothing", model);
  const fs::path mlmodel = pointer(commit, "gradient_boosting/MLmodel");
  fs::remove(mlmodel);
  std::ofstream(mlmodel) << "a file of another size";
  const auto snapshot = fetch(model_request());
  ASSERT_TRUE(snapshot);
  expect_model(*snapshot);
  EXPECT_EQ(fs::read_symlink(model).string(),
            "../../../blobs/" + pickle_blob().filename().string());
  EXPECT_TRUE(fs::is_symlink(mlmodel));
  EXPECT_EQ(server_.count(Side::kFiles, ""), 0U);
}

TEST_F(HubDisk, ABlobOfTheWrongSizeIsNotTrusted) {
  fetch_model();
  std::ofstream(pickle_blob(), std::ios::trunc) << "short";
  const auto snapshot = fetch(model_request());
  ASSERT_TRUE(snapshot);
  EXPECT_FALSE(snapshot->offline);
  expect_model(*snapshot);
}

TEST_F(HubDisk, Case32TwoThreadsThatLinkTheSameBothSucceed) {
  fetch_model();
  const Cache cache(settings_.cache, true);
  const std::string commit(40, 'b');
  const std::string oid = pickle_blob().filename().string();
  for (int round = 0; round < 50; ++round) {
    fs::remove_all(repo_folder() / "snapshots" / commit);
    HubResult<void> other;
    std::thread second([&] { other = cache.link(model_, commit, "x/y", oid, false); });
    const auto one = cache.link(model_, commit, "x/y", oid, false);
    second.join();
    ASSERT_TRUE(one) << to_string(one.error().error);
    ASSERT_TRUE(other) << to_string(other.error().error);
    ASSERT_EQ(content_of(pointer(commit, "x/y")), pickle_);
  }
}

TEST_F(HubDisk, LinksAreRelativeAndTheRefIsWrittenLastWithoutLineEnd) {
  const std::string commit = fetch_model();
  EXPECT_EQ(fs::read_symlink(pointer(commit, "gradient_boosting/code/p7_utils/__init__.py")),
            "../../../../../blobs/" +
                oid_of(model_files_["gradient_boosting/code/p7_utils/__init__.py"]));
  EXPECT_EQ(content_of(repo_folder() / "refs/main"), commit);
  EXPECT_THAT(content_of(settings_.cache / "CACHEDIR.TAG"),
              testing::StartsWith("Signature: 8a477f597d28d172789f06886806bc55\n"));
  // A snapshot that lacks a file leaves the ref where it was.
  model_files_["gradient_boosting/model.pkl"].content += "more";
  server_.commit(model_, model_files_);
  server_.spoil(Side::kFiles, "", kAlways, answer_status(500));
  ASSERT_TRUE(fetch(model_request()));
  EXPECT_EQ(content_of(repo_folder() / "refs/main"), commit);
}

TEST_F(HubDisk, WithoutSymlinksTheSnapshotHoldsTheFiles) {
  settings_.use_symlinks = false;
  const std::string commit = fetch_model();
  EXPECT_FALSE(fs::is_symlink(pointer(commit, "gradient_boosting/model.pkl")));
  EXPECT_EQ(content_of(pointer(commit, "gradient_boosting/model.pkl")), pickle_);
  EXPECT_FALSE(fs::exists(pickle_blob()));
  const auto again = fetch(model_request());
  ASSERT_TRUE(again);
  EXPECT_EQ(server_.requests().size(), 1U);
  // A blob that is there already, for others, is copied.
  settings_.use_symlinks = true;
  const std::string second = server_.commit(model_, model_files_, "other");
  ASSERT_TRUE(fetch(model_request("other")));
  settings_.use_symlinks = false;
  model_files_["gradient_boosting/MLmodel"].content = "changed";
  const std::string third = server_.commit(model_, model_files_);
  const auto copied = fetch(model_request());
  ASSERT_TRUE(copied);
  expect_model(*copied);
  EXPECT_EQ(copied->commit, third);
  EXPECT_TRUE(fs::exists(pickle_blob()));
  EXPECT_EQ(content_of(pointer(second, "gradient_boosting/model.pkl")), pickle_);
}

TEST_F(HubDisk, ABlobOfTheSharedStoreIsReadThroughAndNeverWritten) {
  // The layout of the Python client 2.x for large files.
  const std::string commit = fetch_model();
  const fs::path store = settings_.cache / "blobs/ee" / std::string(64, 'e');
  fs::create_directories(store.parent_path());
  fs::rename(pickle_blob(), store);
  fs::permissions(store, fs::perms(0444));
  const fs::path target = fs::path("../../blobs/ee") / std::string(64, 'e');
  fs::create_symlink(target, pickle_blob());
  settings_.offline = true;
  auto snapshot = fetch(model_request());
  ASSERT_TRUE(snapshot);
  expect_model(*snapshot);
  Hub hub(settings_, log_, waiter_);
  EXPECT_THAT(hub.verify(model_, {}).value().bad, IsEmpty());
  // One of the wrong size is replaced, not written to.
  settings_.offline = false;
  fs::permissions(store, fs::perms(0644));
  std::ofstream(store) << "short";
  snapshot = fetch(model_request());
  ASSERT_TRUE(snapshot);
  EXPECT_EQ(snapshot->commit, commit);
  expect_model(*snapshot);
  EXPECT_FALSE(fs::is_symlink(pickle_blob()));
  EXPECT_EQ(content_of(store), "short");
}

TEST_F(HubDisk, BlobsHaveTheModeThatTheUmaskGives) {
  const mode_t mask = ::umask(0027);
  fetch_model();
  ::umask(mask);
  EXPECT_EQ(fs::status(pickle_blob()).permissions(), fs::perms(0640));
}

TEST_F(HubDisk, VerifyNamesEachBadFile) {
  const std::string commit = fetch_model();
  Hub hub(settings_, log_, waiter_);
  auto verdict = hub.verify(model_, {}).value();
  EXPECT_THAT(verdict.bad, IsEmpty());
  EXPECT_EQ(verdict.files, 3U);
  std::string wrong = pickle_;
  wrong[1] ^= 1;
  std::ofstream(pickle_blob()) << wrong;
  fs::remove(repo_folder() / "blobs" / oid_of(model_files_["gradient_boosting/MLmodel"]));
  std::ofstream(pointer(commit, "notes.txt")) << "mine";
  verdict = hub.verify(model_, {}).value();
  ASSERT_EQ(verdict.bad.size(), 3U);  // the blob, and both files that lead to what is wrong
  EXPECT_EQ(verdict.bad[0].path, pickle_blob());
  EXPECT_THAT(verdict.bad[0].problem, HasSubstr("its content is "));
  EXPECT_EQ(verdict.bad[1].path, pointer(commit, "gradient_boosting/MLmodel"));
  EXPECT_EQ(verdict.bad[1].problem, "a link that leads nowhere");
  EXPECT_EQ(verdict.bad[2].path, pointer(commit, "gradient_boosting/model.pkl"));
  EXPECT_THAT(verdict.unnamed, ElementsAre(pointer(commit, "notes.txt")));
  EXPECT_EQ(hub.verify(data_, {}).error().fault, Fault::kNotCached);
}

TEST_F(HubDisk, AnUnchangedRepositoryCostsOneSmallRequest) {
  fetch_model();
  auto snapshot = fetch(model_request());
  ASSERT_TRUE(snapshot);
  ASSERT_EQ(server_.requests().size(), 1U);
  EXPECT_EQ(server_.requests().front().method, "HEAD");
  server_.forget_requests();
  snapshot = fetch(model_request(snapshot->commit));
  ASSERT_TRUE(snapshot);
  EXPECT_TRUE(server_.requests().empty());
}

TEST_F(HubDisk, TheDateOfANewCommitIsAskedOnceAndKept) {
  const std::string first = server_.commit(model_, model_files_);
  const auto made_at = server_.made_at(model_, first);
  auto snapshot = fetch(model_request());
  ASSERT_TRUE(snapshot);
  EXPECT_EQ(snapshot->committed_at, made_at);
  EXPECT_EQ(server_.count(Side::kHub, "/commits/" + first), 1U);

  snapshot = fetch(model_request());
  ASSERT_TRUE(snapshot);
  EXPECT_EQ(snapshot->committed_at, made_at);
  EXPECT_EQ(server_.count(Side::kHub, "/commits/"), 1U);

  settings_.offline = true;
  snapshot = fetch(model_request());
  ASSERT_TRUE(snapshot);
  EXPECT_EQ(snapshot->committed_at, made_at);
  settings_.offline = false;

  // Of the next one it asks again; the one before stays known.
  model_files_["gradient_boosting/MLmodel"].content = "changed";
  const std::string second = server_.commit(model_, model_files_);
  snapshot = fetch(model_request());
  ASSERT_TRUE(snapshot);
  EXPECT_EQ(snapshot->committed_at, server_.made_at(model_, second));
  EXPECT_GT(snapshot->committed_at, made_at);
  server_.forget_requests();
  snapshot = fetch(model_request(first));
  ASSERT_TRUE(snapshot);
  EXPECT_EQ(snapshot->committed_at, made_at);
  EXPECT_TRUE(server_.requests().empty());
}

TEST_F(HubDisk, ACommitWhoseDateTheHubDoesNotSayIsServedWithout) {
  server_.commit(model_, model_files_);
  const std::vector<Spoil> ways = {answer_status(404), answer_status(500),
                                   cut_body(10, Ending::kReset),
                                   change_body([](std::string& body) { body = "[]"; })};
  for (const Spoil& how : ways) {
    fs::remove_all(settings_.cache);
    server_.clear_rules();
    server_.forget_requests();
    server_.spoil(Side::kHub, "/commits/", kAlways, how);
    auto snapshot = fetch(model_request());
    ASSERT_TRUE(snapshot) << to_string(snapshot.error().error);
    expect_model(*snapshot);
    EXPECT_EQ(snapshot->committed_at, std::chrono::system_clock::time_point());
    EXPECT_FALSE(snapshot->hub_error);
    EXPECT_EQ(server_.count(Side::kHub, "/commits/"), 1U) << "asked once";
    server_.forget_requests();
    snapshot = fetch(model_request());
    ASSERT_TRUE(snapshot);
    EXPECT_EQ(server_.requests().size(), 1U) << "and not at the next start";
  }
  EXPECT_TRUE(waiter_.seconds().empty());
  EXPECT_THAT(log_.text(), Not(HasSubstr("warning")));
}

TEST_F(HubDisk, ACommitThatChangesOtherFilesConcernsUsNot) {
  const std::string first = fetch_model();
  model_files_["README.md"].content = "changed";
  const std::string second = server_.commit(model_, model_files_);
  Hub hub(settings_, log_, waiter_);
  EXPECT_EQ(hub.head_commit(model_, "main", "README.md", {}).value(), second);
  EXPECT_EQ(hub.head_commit(model_, "main", "not/there", {}).value(), second);
  const auto request = model_request();
  EXPECT_TRUE(
      same_files(hub.list(request, first, {}).value(), hub.list(request, second, {}).value()));
  model_files_["gradient_boosting/MLmodel"].content = "changed";
  const std::string third = server_.commit(model_, model_files_);
  EXPECT_FALSE(
      same_files(hub.list(request, first, {}).value(), hub.list(request, third, {}).value()));
}

TEST_F(HubDisk, ASnapshotMayProveItselfBeforeItsRefIsWritten) {
  const std::string commit = server_.commit(model_, model_files_);
  auto request = model_request();
  request.write_ref = false;
  ASSERT_TRUE(fetch(request));
  EXPECT_FALSE(fs::exists(repo_folder() / "refs/main"));
  Hub hub(settings_, log_, waiter_);
  ASSERT_TRUE(hub.write_ref(model_, "main", commit));
  EXPECT_EQ(content_of(repo_folder() / "refs/main"), commit);
  ASSERT_TRUE(hub.write_ref(model_, commit, commit));
  EXPECT_FALSE(fs::exists(repo_folder() / "refs" / commit));
  EXPECT_FALSE(hub.write_ref(model_, "../../evil", commit));
}

}  // namespace
}  // namespace clairscore::hub
