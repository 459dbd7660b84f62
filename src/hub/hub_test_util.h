#pragma once

// What the Hub's tests share: a log that remembers, time that passes when told, a folder of their
// own, and the two repositories of a small product.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/log_test_util.h"
#include "hub/fault_hub.h"
#include "hub/hub.h"
#include "hub/record.h"

namespace clairscore::hub {

/// Waits end at once; the time they would have taken passes, and is remembered.
class FakeWaiter final : public Waiter {
 public:
  std::chrono::system_clock::time_point now() const override {
    const std::lock_guard lock(mutex_);
    return now_;
  }
  bool wait(std::chrono::milliseconds duration, std::stop_token stop) override {
    const std::lock_guard lock(mutex_);
    now_ += duration;
    waits_.push_back(duration);
    return !stop.stop_requested();
  }
  double random() override { return 0.5; }
  std::vector<double> seconds() const {
    const std::lock_guard lock(mutex_);
    std::vector<double> all;
    for (const auto wait : waits_) all.push_back(static_cast<double>(wait.count()) / 1000);
    return all;
  }

 private:
  mutable std::mutex mutex_;
  // 1 August 2026, 12:00:00 UTC
  std::chrono::system_clock::time_point now_{std::chrono::seconds(1'785'585'600)};
  std::vector<std::chrono::milliseconds> waits_;
};

/// Bytes that no two places share: an error of position shows.
inline std::string varied_bytes(std::size_t size, std::uint64_t seed) {
  std::string bytes(size, '\0');
  for (char& c : bytes) {
    seed = seed * 6'364'136'223'846'793'005ULL + 1'442'695'040'888'963'407ULL;
    c = static_cast<char>(seed >> 56U);
  }
  return bytes;
}

inline std::string content_of(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class HubTest : public testing::Test {
 protected:
  const Repo model_{RepoType::kModel, "demo/model"};
  const Repo data_{RepoType::kDataset, "demo/data"};
  const std::string pickle_ = varied_bytes(300'000, 7);
  TestFiles model_files_ = {{"README.md", {"# a model\n"}},
                            {"gradient_boosting/MLmodel", {"flavors: {}\n"}},
                            {"gradient_boosting/code/p7_utils/__init__.py", {"from x import y\n"}},
                            {"gradient_boosting/model.pkl", {pickle_, true}}};
  TestFiles data_files_ = {{"application_test.csv", {"SK_ID_CURR\n1\n", true}},
                           {"plots/OWN_CAR_AGE_hist_data.json", {"{}"}},
                           {"shap/shap_beeswarm.png", {"\x89PNG", true}}};
  std::filesystem::path folder_ =
      std::filesystem::path(testing::TempDir()) /
      ("hub_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
  FaultHub server_;
  MemoryLog log_;
  FakeWaiter waiter_;
  FetchProgress progress_;
  HubSettings settings_;

  void SetUp() override {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    settings_.endpoint = server_.endpoint();
    settings_.home = folder_;
    settings_.cache = folder_ / "hub";
    settings_.token = "hf_NeverShown";
    settings_.etag_timeout = std::chrono::milliseconds(2000);
    settings_.download_timeout = std::chrono::milliseconds(2000);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  /// Nobody answers there.
  void unplug() { settings_.endpoint = "http://127.0.0.1:1"; }

  SnapshotRequest model_request(std::string revision = "main") const {
    return {model_, std::move(revision), choose_model("")};
  }
  SnapshotRequest data_request() const { return {data_, "main", choose_data()}; }

  HubResult<Snapshot> fetch(const SnapshotRequest& request) {
    Hub hub(settings_, log_, waiter_);
    return hub.fetch(request, progress_, {});
  }
  /// The model's commit, fetched into the cache without trouble.
  std::string fetch_model() {
    const std::string commit = server_.commit(model_, model_files_);
    const auto snapshot = fetch(model_request());
    EXPECT_TRUE(snapshot) << to_string(snapshot.error().error);
    server_.forget_requests();
    return commit;
  }
  std::filesystem::path repo_folder() const { return settings_.cache / "models--demo--model"; }
  std::filesystem::path pickle_blob() const {
    return repo_folder() / "blobs" / oid_of(model_files_.at("gradient_boosting/model.pkl"));
  }
  std::vector<std::filesystem::path> incomplete_files() const {
    std::vector<std::filesystem::path> found;
    for (const auto& entry : std::filesystem::directory_iterator(repo_folder() / "blobs")) {
      if (entry.path().extension() == ".incomplete") found.push_back(entry.path());
    }
    return found;
  }
  /// All of the model's files are there, with their bytes.
  void expect_model(const Snapshot& snapshot) const {
    for (const auto& [path, file] : model_files_) {
      if (path.starts_with("gradient_boosting/")) {
        EXPECT_EQ(content_of(snapshot.root / path), file.content) << path;
      }
    }
  }
};

}  // namespace clairscore::hub
