#pragma once

// Fetching a snapshot from the Hub into the cache: the commit, its list, the files that lack.
// Thread-safe.

#include <chrono>
#include <map>
#include <mutex>
#include <stop_token>
#include <string>

#include "base/log.h"
#include "hub/cache.h"
#include "hub/error.h"
#include "hub/hub_client.h"
#include "hub/progress.h"
#include "hub/snapshot.h"
#include "hub/waiter.h"

namespace clairscore::hub {

class SnapshotDownload {
 public:
  /// All outlive it.
  SnapshotDownload(HubClient& client, const Cache& cache, Log& log, Waiter& waiter)
      : client_(client), cache_(cache), log_(log), waiter_(waiter) {}

  /// The first question is asked again `retries` times, the others kMostRetries times.
  HubResult<Snapshot> run(const SnapshotRequest& request, int retries, FetchProgress& progress,
                          const std::stop_token& stop);

  /// The commit's list: of the cache, else of the Hub.
  HubResult<Tree> tree(const Repo& repo, const std::string& commit, const Patience& patience,
                       const std::stop_token& stop);

 private:
  HubResult<std::string> resolve(const SnapshotRequest& request, const Patience& patience,
                                 const std::stop_token& stop);
  HubResult<void> download_missing(const SnapshotRequest& request, const Tree& tree,
                                   const Chosen& chosen, Snapshot& snapshot,
                                   FetchProgress& progress, const std::stop_token& stop);
  HubResult<void> download(const SnapshotRequest& request, const std::string& commit,
                           const TreeFile& file, FetchProgress& progress, std::stop_token stop);
  /// When the commit was made: known from before, else of the Hub where the commit is new to the
  /// cache, for a start that finds everything in the cache asks one thing only.
  std::chrono::system_clock::time_point commit_date(const SnapshotRequest& request,
                                                    const std::string& commit,
                                                    const std::stop_token& stop);
  void conclude(const SnapshotRequest& request, const Snapshot& snapshot);
  /// True the first time, for a commit of a repository.
  bool is_news(const Snapshot& snapshot);

  HubClient& client_;
  const Cache& cache_;
  Log& log_;
  Waiter& waiter_;
  std::mutex mutex_;
  std::map<std::string, std::string>
      told_;  // by repository: the commit whose gaps were logged last
};

}  // namespace clairscore::hub
