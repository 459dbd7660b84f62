#pragma once

// The Hub as the rest of the program uses it: fetch a snapshot of a repository into the cache that
// is shared with the Python client, notice that a branch has moved, and work from the cache when
// the network does not. All of specification hub-protocol is behind this header.
//
//   Hub hub(settings, log, waiter);
//   auto model = hub.fetch({repo, "main", choose_model("")}, progress, stop);
//
// Thread-safe: several fetches may run at once (model and data). Every byte is verified against
// what the Hub names before it becomes visible, refs are written last, and a stop ends any call
// within a moment with Fault::kStopped, leaving what has arrived for the next start to resume.

#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/log.h"
#include "hub/error.h"
#include "hub/progress.h"
#include "hub/repo.h"
#include "hub/settings.h"
#include "hub/snapshot.h"
#include "hub/verify.h"
#include "hub/waiter.h"

namespace clairscore::hub {

class Hub {
 public:
  /// `log` and `waiter` outlive it.
  Hub(HubSettings settings, Log& log, Waiter& waiter);
  Hub(const Hub&) = delete;
  Hub& operator=(const Hub&) = delete;
  ~Hub();

  /// The commit of the revision is asked for, its files that are wanted and not cached are
  /// downloaded, several at a time, and refs/<revision> is written last. When the cache already
  /// holds everything, this is one small request; for a commit whose files are there, none.
  ///
  /// Where the Hub cannot be asked, does not answer, refuses, or sends what cannot be used, the
  /// cached snapshot of the revision is the answer instead (`offline`, `hub_error`), else the last
  /// one that was served well. Not so for Fault::kStopped, kRevisionNotFound, kEntryNotFound and
  /// kUnsuitable, which are returned as they are; the others are returned where nothing complete is
  /// cached (with kNotCached or kIncomplete when the Hub was unreachable or offline).
  HubResult<Snapshot> fetch(const SnapshotRequest& request, FetchProgress& progress,
                            std::stop_token stop);

  /// The cached snapshot, without any request and without downloading: that of the revision, else
  /// (for a branch without ref) the last good one. Faults kNotCached, kIncomplete, kUnsuitable.
  HubResult<Snapshot> cached(const SnapshotRequest& request) const;

  /// The commit that the revision names now: one HEAD of a small file (`path`, any file; one that
  /// is not there answers too), which counts against the larger quota. `fetch` need not be called
  /// when it is the commit that is served.
  HubResult<std::string> head_commit(const Repo& repo, const std::string& revision,
                                     const std::string& path, std::stop_token stop);

  /// Our files at a commit, without downloading any: whether a commit concerns us (same_files).
  HubResult<std::vector<SnapshotFile>> list(const SnapshotRequest& request,
                                            const std::string& commit, std::stop_token stop);

  /// Makes the commit what the cache knows the revision by. Nothing for a commit's own digits.
  HubResult<void> write_ref(const Repo& repo, const std::string& revision,
                            const std::string& commit);

  /// Hashes every file of every cached snapshot of the repository. Reads only.
  HubResult<CacheVerdict> verify(const Repo& repo, std::stop_token stop) const;

  /// The repository's folder in the cache: where record.h keeps what was served.
  std::filesystem::path repo_folder(const Repo& repo) const;
  const HubSettings& settings() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace clairscore::hub
