#include "hub/snapshot_download.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "base/parallel.h"
#include "hub/blob_download.h"
#include "hub/cached_snapshot.h"
#include "hub/record.h"

namespace clairscore::hub {

namespace {

/// Files at once: enough to fill a line, few enough not to be a nuisance.
constexpr std::size_t kWorkers = 4;

}  // namespace

HubResult<Tree> SnapshotDownload::tree(const Repo& repo, const std::string& commit,
                                       const Patience& patience, const std::stop_token& stop) {
  if (auto tree = cache_.read_tree(repo, commit)) return std::move(*tree);
  ASSIGN_OR_RETURN(Tree tree, client_.tree(repo, commit, patience, stop));
  if (const auto written = cache_.write_tree(repo, commit, tree); !written) {
    log_.debug(to_string(written.error().error));  // a read-only cache still answers
  }
  return tree;
}

HubResult<std::string> SnapshotDownload::resolve(const SnapshotRequest& request,
                                                 const Patience& patience,
                                                 const std::stop_token& stop) {
  if (is_commit_hash(request.revision)) return request.revision;
  if (const auto ref = cache_.read_ref(request.repo, request.revision)) {
    if (const auto tree = cache_.read_tree(request.repo, *ref); tree && !tree->empty()) {
      const auto smallest = std::min_element(
          tree->begin(), tree->end(),
          [](const TreeFile& a, const TreeFile& b) { return a.content_size() < b.content_size(); });
      return client_.head_commit(request.repo, request.revision, smallest->path, patience, stop);
    }
  }
  return client_.commit(request.repo, request.revision, patience, stop);
}

HubResult<Snapshot> SnapshotDownload::run(const SnapshotRequest& request, int retries,
                                          FetchProgress& progress, const std::stop_token& stop) {
  const auto tell = [&](const HubError& error) { progress.report_trouble(to_string(error.error)); };
  progress.begin_step("asking the Hub for " + request.repo.text());
  ASSIGN_OR_RETURN(const std::string commit, resolve(request, {retries, tell}, stop));
  ASSIGN_OR_RETURN(const Tree listed, tree(request.repo, commit, {kMostRetries, tell}, stop));
  ASSIGN_OR_RETURN(const Chosen chosen, choose_files(request, listed, commit));
  Snapshot snapshot = empty_snapshot(cache_, request, commit, chosen);
  snapshot.files = listed_files(listed, chosen);
  snapshot.confirmed_at = waiter_.now();
  RETURN_IF_ERROR(download_missing(request, listed, chosen, snapshot, progress, stop));
  snapshot.committed_at = commit_date(request, commit, stop);
  conclude(request, snapshot);
  return snapshot;
}

std::chrono::system_clock::time_point SnapshotDownload::commit_date(const SnapshotRequest& request,
                                                                    const std::string& commit,
                                                                    const std::stop_token& stop) {
  const Record record = read_record(cache_.repo_folder(request.repo));
  const auto known = record.date_of(commit);
  const bool unasked = record.confirmed_commit != commit &&
                       cache_.read_ref(request.repo, request.revision) != commit;
  if (known.time_since_epoch().count() != 0 || !unasked) return known;
  const auto told = client_.commit_date(request.repo, commit, stop);
  if (told) return *told;
  log_.debug(to_string(told.error().error));
  return {};
}

/// What is told of a snapshot once all of it is there; nothing of this can fail it.
void SnapshotDownload::conclude(const SnapshotRequest& request, const Snapshot& snapshot) {
  const std::string& commit = snapshot.commit;
  const bool news = is_news(snapshot);
  for (const std::string& path : snapshot.missing) {
    if (news) log_.warning(request.repo.text() + " has no " + path);
    if (path.find('*') == std::string::npos) {
      static_cast<void>(cache_.write_no_exist(request.repo, commit, path));
    }
  }
  if (request.write_ref) {
    if (const auto ref = cache_.write_ref(request.repo, request.revision, commit); !ref) {
      log_.warning(to_string(ref.error().error));
    }
  }
  const auto recorded = update_record(cache_.repo_folder(request.repo), [&](Record& record) {
    record.confirmed_commit = commit;
    record.confirmed_revision = request.revision;
    record.confirmed_at = snapshot.confirmed_at;
    if (snapshot.committed_at.time_since_epoch().count() != 0) {
      record.add_date(commit, snapshot.committed_at);
    }
  });
  if (!recorded) log_.debug(to_string(recorded.error()));
}

bool SnapshotDownload::is_news(const Snapshot& snapshot) {
  const std::lock_guard lock(mutex_);
  std::string& told = told_[snapshot.repo.text()];
  return std::exchange(told, snapshot.commit) != snapshot.commit;
}

HubResult<void> SnapshotDownload::download_missing(const SnapshotRequest& request, const Tree& tree,
                                                   const Chosen& chosen, Snapshot& snapshot,
                                                   FetchProgress& progress,
                                                   const std::stop_token& stop) {
  std::vector<const TreeFile*> wanted;
  std::uint64_t bytes = 0;
  std::size_t here = 0;  // as blobs of other commits
  for (const SnapshotFile& file : snapshot.files) {
    if (is_there(cache_, request.repo, snapshot.commit, file)) continue;
    wanted.push_back(find_file(tree, file.path));
    bytes += file.size;
    if (Cache::file_size(cache_.blob(request.repo, file.oid)) == file.size) ++here;
  }
  if (wanted.empty()) return {};
  progress.begin_step("downloading " + request.repo.text());
  progress.expect(wanted.size(), bytes);
  RETURN_IF_ERROR(cache_.prepare(request.repo));
  cache_.sweep(request.repo);
  log_.info(fmt::format("{} new files of {} at {}, {:.1f} MB{}", wanted.size(), request.repo.text(),
                        snapshot.commit.substr(0, 12), static_cast<double>(bytes) / 1e6,
                        here == 0 ? "" : fmt::format("; {} of them known by content", here)));
  // What cannot be done without first, so that a disk that fills up has it; then the largest, which
  // take longest.
  const auto is_optional = [&](const TreeFile* file) {
    return std::find(chosen.optional.begin(), chosen.optional.end(), file->path) !=
           chosen.optional.end();
  };
  std::sort(wanted.begin(), wanted.end(), [&](const TreeFile* a, const TreeFile* b) {
    if (is_optional(a) != is_optional(b)) return is_optional(b);
    return a->content_size() > b->content_size();
  });
  const auto required = static_cast<std::size_t>(
      std::find_if(wanted.begin(), wanted.end(), is_optional) - wanted.begin());
  std::stop_source all;  // stops the others when one fails
  const std::stop_callback forward(stop, [&] { all.request_stop(); });
  std::mutex mutex;
  std::optional<HubError> error;
  std::vector<std::string> failed_optional;
  const auto download_one = [&](const TreeFile& file) {
    const auto done = download(request, snapshot.commit, file, progress, all.get_token());
    if (done) return progress.finish_file();
    const std::lock_guard lock(mutex);
    if (is_optional(&file) && done.error().fault != Fault::kStopped) {
      log_.warning(to_string(done.error().error) + "; going on without it");
      failed_optional.push_back(file.path);
      return;
    }
    if (!error) error = done.error();
    all.request_stop();
  };
  parallel_blocks(required, 1, kWorkers,
                  [&](std::size_t i, std::size_t) { download_one(*wanted[i]); });
  if (!error) {
    parallel_blocks(wanted.size() - required, 1, kWorkers,
                    [&](std::size_t i, std::size_t) { download_one(*wanted[required + i]); });
  }
  if (error && stop.stop_requested()) return fail(make_error(Fault::kStopped, "stopped", {}));
  if (error) return fail(std::move(*error));
  for (std::string& path : failed_optional) {
    std::erase_if(snapshot.files, [&](const SnapshotFile& file) { return file.path == path; });
    snapshot.missing.push_back(std::move(path));
  }
  return {};
}

HubResult<void> SnapshotDownload::download(const SnapshotRequest& request,
                                           const std::string& commit, const TreeFile& file,
                                           FetchProgress& progress, std::stop_token stop) {
  const std::uint64_t size = file.content_size();
  bool fresh = false;
  if (Cache::file_size(cache_.blob(request.repo, file.oid())) == size) {
    progress.add_bytes(static_cast<std::int64_t>(size));
  } else {
    const auto got =
        download_blob(client_, cache_, {request.repo, commit, file}, progress, log_, waiter_, stop);
    if (!got) {
      if (got.error().fault == Fault::kEntryNotFound) {
        static_cast<void>(cache_.write_no_exist(request.repo, commit, file.path));
      }
      return fail(got.error());
    }
    fresh = *got;
  }
  return cache_.link(request.repo, commit, file.path, file.oid(), fresh);
}

}  // namespace clairscore::hub
