#include "hub/cached_snapshot.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <system_error>
#include <utility>

#include "hub/record.h"

namespace clairscore::hub {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostNamed = 5;

std::string named(const std::vector<std::string>& paths) {
  std::string text;
  for (std::size_t i = 0; i < paths.size() && i < kMostNamed; ++i) {
    text += (i == 0 ? "" : ", ") + paths[i];
  }
  if (paths.size() > kMostNamed) text += fmt::format(" and {} more", paths.size() - kMostNamed);
  return text;
}

HubError not_cached(const SnapshotRequest& request, const fs::path& where) {
  return make_error(Fault::kNotCached,
                    request.repo.text() + " at " + request.revision + " is not in the cache",
                    where.string(), "a connection to the Hub, or a cache that holds it");
}

std::chrono::system_clock::time_point confirmed_at(const Cache& cache,
                                                   const SnapshotRequest& request,
                                                   const std::string& commit,
                                                   const Record& record) {
  const fs::path folder = cache.repo_folder(request.repo);
  if (record.confirmed_commit == commit && record.confirmed_at.time_since_epoch().count() != 0) {
    return record.confirmed_at;
  }
  std::error_code error;
  auto written = fs::last_write_time(folder / "refs" / request.revision, error);
  if (error) written = fs::last_write_time(cache.snapshot(request.repo, commit), error);
  if (error) return {};
  return std::chrono::time_point_cast<std::chrono::system_clock::duration>(
      std::chrono::file_clock::to_sys(written));
}

HubResult<Snapshot> from_cache(const Cache& cache, const SnapshotRequest& request,
                               const std::string& commit) {
  const auto tree = cache.read_tree(request.repo, commit);
  const std::vector<std::string> present = cache.files(request.repo, commit);
  if (present.empty()) {
    return fail(make_error(Fault::kNotCached,
                           request.repo.text() + " at " + request.revision + " is not in the cache",
                           cache.snapshot(request.repo, commit).string(),
                           "a connection to the Hub, or a cache that holds it"));
  }
  ASSIGN_OR_RETURN(const Chosen chosen, tree ? choose_files(request, *tree, commit)
                                             : choose_files(request, present, commit));
  Snapshot snapshot = empty_snapshot(cache, request, commit, chosen);
  snapshot.offline = true;
  const Record record = read_record(cache.repo_folder(request.repo));
  snapshot.confirmed_at = confirmed_at(cache, request, commit, record);
  snapshot.committed_at = record.date_of(commit);
  std::vector<std::string> missing;
  const auto add = [&](const std::string& path, bool required) {
    SnapshotFile file{path, {}, 0};
    const TreeFile* listed = tree ? find_file(*tree, path) : nullptr;
    const fs::path pointer = snapshot.root / path;
    file.oid = listed != nullptr ? listed->oid() : Cache::linked_oid(pointer).value_or("");
    file.size = listed != nullptr ? listed->content_size() : Cache::file_size(pointer).value_or(0);
    if (is_there(cache, request.repo, commit, file)) {
      snapshot.files.push_back(std::move(file));
    } else {
      (required ? missing : snapshot.missing).push_back(path);
    }
  };
  for (const std::string& path : chosen.required) add(path, true);
  for (const std::string& path : chosen.optional) add(path, false);
  if (!missing.empty()) {
    return fail(make_error(
        Fault::kIncomplete,
        "the cached files of " + request.repo.text() + " are incomplete: " + named(missing),
        snapshot.root.string(), "a connection to the Hub to fetch them"));
  }
  std::sort(snapshot.files.begin(), snapshot.files.end(),
            [](const SnapshotFile& a, const SnapshotFile& b) { return a.path < b.path; });
  return snapshot;
}

}  // namespace

HubResult<Chosen> choose_files(const SnapshotRequest& request,
                               const std::vector<std::string>& paths, const std::string& commit) {
  auto chosen = request.choose(paths);
  if (!chosen) {
    Error& error = chosen.error().error;
    const std::string where = request.repo.text() + " at " + commit.substr(0, 12);
    error.where = error.where.empty() ? where : where + ", " + error.where;
  }
  return chosen;
}

HubResult<Chosen> choose_files(const SnapshotRequest& request, const Tree& tree,
                               const std::string& commit) {
  std::vector<std::string> paths;
  paths.reserve(tree.size());
  for (const TreeFile& file : tree) paths.push_back(file.path);
  return choose_files(request, paths, commit);
}

std::vector<SnapshotFile> listed_files(const Tree& tree, const Chosen& chosen) {
  std::vector<SnapshotFile> files;
  for (const auto* list : {&chosen.required, &chosen.optional}) {
    for (const std::string& path : *list) {
      const TreeFile* file = find_file(tree, path);
      if (file != nullptr) files.push_back({path, file->oid(), file->content_size()});
    }
  }
  std::sort(files.begin(), files.end(),
            [](const SnapshotFile& a, const SnapshotFile& b) { return a.path < b.path; });
  return files;
}

Snapshot empty_snapshot(const Cache& cache, const SnapshotRequest& request,
                        const std::string& commit, const Chosen& chosen) {
  Snapshot snapshot;
  snapshot.repo = request.repo;
  snapshot.revision = request.revision;
  snapshot.commit = commit;
  snapshot.root = cache.snapshot(request.repo, commit);
  snapshot.folder = chosen.folder.empty() ? snapshot.root : snapshot.root / chosen.folder;
  snapshot.missing = chosen.missing;
  return snapshot;
}

bool is_there(const Cache& cache, const Repo& repo, const std::string& commit,
              const SnapshotFile& file) {
  const fs::path pointer = cache.snapshot(repo, commit) / file.path;
  if (Cache::file_size(pointer) != file.size) return false;
  const auto linked = Cache::linked_oid(pointer);
  return !linked || linked == file.oid;
}

HubResult<Snapshot> cached_snapshot(const Cache& cache, const SnapshotRequest& request) {
  std::vector<std::string> candidates;
  const auto ref = cache.read_ref(request.repo, request.revision);
  if (is_commit_hash(request.revision)) {
    candidates.push_back(request.revision);
  } else {
    if (ref) candidates.push_back(*ref);
    const Record record = read_record(cache.repo_folder(request.repo));
    for (auto good = record.good.rbegin(); good != record.good.rend(); ++good) {
      if (good->revision == request.revision) candidates.push_back(good->commit);
    }
    if (!ref) {
      // A cache that others filled by commit: the newest whole one.
      for (std::string& commit : cache.commits(request.repo)) {
        candidates.push_back(std::move(commit));
      }
    }
  }
  HubError first = not_cached(request, cache.repo_folder(request.repo));
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    auto snapshot = from_cache(cache, request, candidates[i]);
    if (snapshot) return snapshot;
    if (i == 0) first = std::move(snapshot.error());
  }
  return fail(std::move(first));
}

}  // namespace clairscore::hub
