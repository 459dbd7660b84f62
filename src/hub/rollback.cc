#include "hub/rollback.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace clairscore::hub {

namespace {

/// What is served as far as the record knows; empty when nothing was.
std::string served_commit(const Record& record) {
  if (!record.pinned.empty()) return record.pinned;
  return record.last_good() != nullptr ? record.last_good()->commit : std::string();
}

}  // namespace

Result<Rollback> roll_back(const Hub& hub, SnapshotRequest request, const std::string& commit) {
  const std::filesystem::path folder = hub.repo_folder(request.repo);
  const Record record = read_record(folder);
  Rollback rollback{request.repo, served_commit(record), commit};
  if (commit.empty()) {
    const GoodCommit* previous = record.previous_good(rollback.from);
    if (previous == nullptr) {
      return clairscore::fail(ErrorCode::kNotFound,
                              "no earlier commit of " + request.repo.text() + " was served well",
                              folder.string(), "a commit that is in the cache, by --to");
    }
    rollback.to = previous->commit;
  }
  request.revision = rollback.to;
  if (auto cached = hub.cached(request); !cached) {
    return clairscore::fail(std::move(cached.error().error));
  }
  RETURN_IF_ERROR(update_record(folder, [&](Record& changed) { changed.pinned = rollback.to; }));
  return rollback;
}

Result<std::vector<Rollback>> roll_back_last_change(const Hub& hub,
                                                    const std::vector<SnapshotRequest>& requests) {
  // Only what has an earlier good commit can have changed.
  std::optional<std::chrono::system_clock::time_point> last;
  std::vector<std::pair<std::chrono::system_clock::time_point, const SnapshotRequest*>> changes;
  for (const SnapshotRequest& request : requests) {
    const Record record = read_record(hub.repo_folder(request.repo));
    const std::string served = served_commit(record);
    if (record.previous_good(served) == nullptr) continue;
    const auto at = std::find_if(record.good.begin(), record.good.end(),
                                 [&](const GoodCommit& good) { return good.commit == served; });
    const auto since = at == record.good.end() ? record.last_good()->since : at->since;
    changes.emplace_back(since, &request);
    last = std::max(last.value_or(since), since);
  }
  if (!last) {
    return clairscore::fail(ErrorCode::kNotFound, "no earlier commit was served well",
                            hub.settings().cache.string(),
                            "a commit that is in the cache, by --to");
  }
  std::vector<Rollback> done;
  for (const auto& [since, request] : changes) {
    if (since != *last) continue;
    ASSIGN_OR_RETURN(Rollback rollback, roll_back(hub, *request, {}));
    done.push_back(std::move(rollback));
  }
  return done;
}

Result<bool> follow_again(const Hub& hub, const Repo& repo) {
  bool was_pinned = false;
  RETURN_IF_ERROR(update_record(hub.repo_folder(repo), [&](Record& record) {
    was_pinned = !record.pinned.empty();
    record.pinned.clear();
  }));
  return was_pinned;
}

}  // namespace clairscore::hub
