#include "hub/hub.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "base/parallel.h"
#include "hub/blob_download.h"
#include "hub/cache.h"
#include "hub/hub_client.h"
#include "hub/record.h"
#include "hub/verify.h"

namespace clairscore::hub {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kWorkers = 4;
constexpr std::size_t kMostNamed = 5;

std::vector<std::string> paths_of(const Tree& tree) {
  std::vector<std::string> paths;
  paths.reserve(tree.size());
  for (const TreeFile& file : tree) paths.push_back(file.path);
  return paths;
}

/// The chooser's answer, with the repository in its error.
HubResult<Chosen> choose(const SnapshotRequest& request, const std::vector<std::string>& paths,
                         const std::string& commit) {
  auto chosen = request.choose(paths);
  if (!chosen) {
    Error& error = chosen.error().error;
    const std::string where = request.repo.text() + " at " + commit.substr(0, 12);
    error.where = error.where.empty() ? where : where + ", " + error.where;
  }
  return chosen;
}

std::string named(const std::vector<std::string>& paths) {
  std::string text;
  for (std::size_t i = 0; i < paths.size() && i < kMostNamed; ++i) {
    text += (i == 0 ? "" : ", ") + paths[i];
  }
  if (paths.size() > kMostNamed) text += fmt::format(" and {} more", paths.size() - kMostNamed);
  return text;
}

/// What the cache may not stand in for: nothing is wrong, or what is asked for is.
bool is_final(Fault fault) {
  return fault == Fault::kStopped || fault == Fault::kRevisionNotFound ||
         fault == Fault::kEntryNotFound || fault == Fault::kUnsuitable;
}

HubError with_cause(HubError error, const HubError& cause) {
  error.error.what += "; " + cause.error.what;
  return error;
}

}  // namespace

class Hub::Impl {
 public:
  Impl(HubSettings settings, Log& log, Waiter& waiter)
      : settings_(std::move(settings)),
        log_(log),
        waiter_(waiter),
        cache_(settings_.cache, settings_.use_symlinks),
        client_(settings_, log, waiter) {}

  HubResult<Snapshot> fetch(const SnapshotRequest& request, FetchProgress& progress,
                            const std::stop_token& stop) {
    auto in_cache = cached(request);
    HubError error = make_error(Fault::kUnreachable, "HF_HUB_OFFLINE is set", request.repo.text());
    if (!settings_.offline) {
      auto fetched =
          fetch_online(request, in_cache ? Retries::kNone : Retries::kUsual, progress, stop);
      if (fetched || is_final(fetched.error().fault)) return fetched;
      error = std::move(fetched.error());
    }
    if (in_cache) {
      log_.warning(fmt::format("{}; serving {} at {} from the cache, last confirmed {}",
                               to_string(error.error), request.repo.text(),
                               in_cache->commit.substr(0, 12),
                               iso8601_utc(in_cache->confirmed_at)));
      in_cache->hub_error = std::move(error);
      return in_cache;
    }
    if (error.fault == Fault::kUnreachable) return fail(with_cause(in_cache.error(), error));
    return fail(std::move(error));
  }

  HubResult<Snapshot> cached(const SnapshotRequest& request) const {
    std::vector<std::string> candidates;
    const auto ref = cache_.read_ref(request.repo, request.revision);
    if (is_commit_hash(request.revision)) {
      candidates.push_back(request.revision);
    } else {
      if (ref) candidates.push_back(*ref);
      const Record record = read_record(cache_.repo_folder(request.repo));
      for (auto good = record.good.rbegin(); good != record.good.rend(); ++good) {
        if (good->revision == request.revision) candidates.push_back(good->commit);
      }
      if (!ref) {
        // A cache that others filled by commit: the newest whole one.
        for (std::string& commit : cache_.commits(request.repo)) {
          candidates.push_back(std::move(commit));
        }
      }
    }
    HubError first = make_error(
        Fault::kNotCached, request.repo.text() + " at " + request.revision + " is not in the cache",
        settings_.cache.string(), "a connection to the Hub, or a cache that holds it");
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      auto snapshot = from_cache(request, candidates[i]);
      if (snapshot) return snapshot;
      if (i == 0) first = std::move(snapshot.error());
    }
    return fail(std::move(first));
  }

  HubResult<std::string> head_commit(const Repo& repo, const std::string& revision,
                                     const std::string& path, const std::stop_token& stop) {
    if (settings_.offline) {
      return fail(make_error(Fault::kUnreachable, "HF_HUB_OFFLINE is set", repo.text()));
    }
    return client_.head_commit(repo, revision, path, Retries::kNone, stop);
  }

  HubResult<std::vector<SnapshotFile>> list(const SnapshotRequest& request,
                                            const std::string& commit,
                                            const std::stop_token& stop) {
    ASSIGN_OR_RETURN(const Tree tree, tree_of(request.repo, commit, stop));
    ASSIGN_OR_RETURN(const Chosen chosen, choose(request, paths_of(tree), commit));
    return files_of(tree, chosen);
  }

  const HubSettings& settings() const { return settings_; }
  const Cache& cache() const { return cache_; }

 private:
  static std::vector<SnapshotFile> files_of(const Tree& tree, const Chosen& chosen) {
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

  Snapshot snapshot_of(const SnapshotRequest& request, const std::string& commit,
                       const Chosen& chosen) const {
    Snapshot snapshot;
    snapshot.repo = request.repo;
    snapshot.revision = request.revision;
    snapshot.commit = commit;
    snapshot.root = cache_.snapshot(request.repo, commit);
    snapshot.folder = chosen.folder.empty() ? snapshot.root : snapshot.root / chosen.folder;
    snapshot.missing = chosen.missing;
    return snapshot;
  }

  /// Whether the snapshot's file is there, of the right size, and leads to the right blob.
  bool is_there(const Repo& repo, const std::string& commit, const SnapshotFile& file) const {
    const fs::path pointer = cache_.snapshot(repo, commit) / file.path;
    if (Cache::file_size(pointer) != file.size) return false;
    const auto linked = Cache::linked_oid(pointer);
    return !linked || linked == file.oid;
  }

  HubResult<Snapshot> from_cache(const SnapshotRequest& request, const std::string& commit) const {
    const auto tree = cache_.read_tree(request.repo, commit);
    const std::vector<std::string> present = cache_.files(request.repo, commit);
    if (present.empty()) {
      return fail(
          make_error(Fault::kNotCached,
                     request.repo.text() + " at " + request.revision + " is not in the cache",
                     cache_.snapshot(request.repo, commit).string(),
                     "a connection to the Hub, or a cache that holds it"));
    }
    ASSIGN_OR_RETURN(const Chosen chosen,
                     choose(request, tree ? paths_of(*tree) : present, commit));
    Snapshot snapshot = snapshot_of(request, commit, chosen);
    snapshot.offline = true;
    snapshot.confirmed_at = confirmed_at(request, commit);
    std::vector<std::string> missing;
    const auto add = [&](const std::string& path, bool required) {
      SnapshotFile file{path, {}, 0};
      const TreeFile* listed = tree ? find_file(*tree, path) : nullptr;
      const fs::path pointer = snapshot.root / path;
      file.oid = listed != nullptr ? listed->oid() : Cache::linked_oid(pointer).value_or("");
      file.size =
          listed != nullptr ? listed->content_size() : Cache::file_size(pointer).value_or(0);
      if (is_there(request.repo, commit, file)) {
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

  std::chrono::system_clock::time_point confirmed_at(const SnapshotRequest& request,
                                                     const std::string& commit) const {
    const fs::path folder = cache_.repo_folder(request.repo);
    const Record record = read_record(folder);
    if (record.confirmed_commit == commit && record.confirmed_at.time_since_epoch().count() != 0) {
      return record.confirmed_at;
    }
    std::error_code error;
    auto written = fs::last_write_time(folder / "refs" / request.revision, error);
    if (error) written = fs::last_write_time(cache_.snapshot(request.repo, commit), error);
    if (error) return {};
    return std::chrono::time_point_cast<std::chrono::system_clock::duration>(
        std::chrono::file_clock::to_sys(written));
  }

  /// Of the cache, else of the Hub.
  HubResult<Tree> tree_of(const Repo& repo, const std::string& commit,
                          const std::stop_token& stop) {
    if (auto tree = cache_.read_tree(repo, commit)) return std::move(*tree);
    if (settings_.offline) {
      return fail(make_error(Fault::kUnreachable, "HF_HUB_OFFLINE is set", repo.text()));
    }
    ASSIGN_OR_RETURN(Tree tree, client_.tree(repo, commit, Retries::kUsual, stop));
    if (const auto written = cache_.write_tree(repo, commit, tree); !written) {
      log_.debug(to_string(written.error().error));  // a read-only cache still answers
    }
    return tree;
  }

  HubResult<std::string> resolve(const SnapshotRequest& request, Retries retries,
                                 const std::stop_token& stop) {
    if (is_commit_hash(request.revision)) return request.revision;
    if (const auto ref = cache_.read_ref(request.repo, request.revision)) {
      if (const auto tree = cache_.read_tree(request.repo, *ref); tree && !tree->empty()) {
        const auto smallest =
            std::min_element(tree->begin(), tree->end(), [](const TreeFile& a, const TreeFile& b) {
              return a.content_size() < b.content_size();
            });
        return client_.head_commit(request.repo, request.revision, smallest->path, retries, stop);
      }
    }
    return client_.commit(request.repo, request.revision, retries, stop);
  }

  HubResult<Snapshot> fetch_online(const SnapshotRequest& request, Retries retries,
                                   FetchProgress& progress, const std::stop_token& stop) {
    progress.begin_step("asking the Hub for " + request.repo.text());
    ASSIGN_OR_RETURN(const std::string commit, resolve(request, retries, stop));
    ASSIGN_OR_RETURN(const Tree tree, tree_of(request.repo, commit, stop));
    ASSIGN_OR_RETURN(const Chosen chosen, choose(request, paths_of(tree), commit));
    Snapshot snapshot = snapshot_of(request, commit, chosen);
    snapshot.files = files_of(tree, chosen);
    snapshot.confirmed_at = waiter_.now();
    RETURN_IF_ERROR(download_missing(request, tree, chosen, snapshot, progress, stop));
    for (const std::string& path : snapshot.missing) {
      log_.warning(request.repo.text() + " has no " + path);
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
    });
    if (!recorded) log_.debug(to_string(recorded.error()));
    return snapshot;
  }

  HubResult<void> download_missing(const SnapshotRequest& request, const Tree& tree,
                                   const Chosen& chosen, Snapshot& snapshot,
                                   FetchProgress& progress, const std::stop_token& stop) {
    std::vector<const TreeFile*> wanted;
    std::uint64_t bytes = 0;
    for (const SnapshotFile& file : snapshot.files) {
      if (is_there(request.repo, snapshot.commit, file)) continue;
      wanted.push_back(find_file(tree, file.path));
      bytes += file.size;
    }
    if (wanted.empty()) return {};
    progress.begin_step("downloading " + request.repo.text());
    progress.expect(wanted.size(), bytes);
    RETURN_IF_ERROR(cache_.prepare(request.repo));
    cache_.sweep(request.repo);
    log_.info(fmt::format("downloading {} files of {} at {}, {:.1f} MB", wanted.size(),
                          request.repo.text(), snapshot.commit.substr(0, 12),
                          static_cast<double>(bytes) / 1e6));
    // The largest first: they take longest.
    std::sort(wanted.begin(), wanted.end(), [](const TreeFile* a, const TreeFile* b) {
      return a->content_size() > b->content_size();
    });
    std::stop_source all;  // stops the others when one fails
    const std::stop_callback forward(stop, [&] { all.request_stop(); });
    std::mutex mutex;
    std::optional<HubError> error;
    std::vector<std::string> failed_optional;
    parallel_blocks(wanted.size(), 1, kWorkers, [&](std::size_t begin, std::size_t) {
      const TreeFile& file = *wanted[begin];
      const auto done = download(request, snapshot.commit, file, progress, all.get_token());
      if (done) return progress.finish_file();
      const bool optional = std::find(chosen.optional.begin(), chosen.optional.end(), file.path) !=
                            chosen.optional.end();
      const Fault fault = done.error().fault;
      const std::lock_guard lock(mutex);
      if (optional && fault != Fault::kStopped && fault != Fault::kDisk) {
        log_.warning(to_string(done.error().error) + "; going on without it");
        failed_optional.push_back(file.path);
        return;
      }
      if (!error) error = done.error();
      all.request_stop();
    });
    if (error && stop.stop_requested()) return fail(make_error(Fault::kStopped, "stopped", {}));
    if (error) return fail(std::move(*error));
    for (std::string& path : failed_optional) {
      std::erase_if(snapshot.files, [&](const SnapshotFile& file) { return file.path == path; });
      snapshot.missing.push_back(std::move(path));
    }
    return {};
  }

  HubResult<void> download(const SnapshotRequest& request, const std::string& commit,
                           const TreeFile& file, FetchProgress& progress, std::stop_token stop) {
    const std::uint64_t size = file.content_size();
    bool fresh = false;
    if (Cache::file_size(cache_.blob(request.repo, file.oid())) == size) {
      progress.add_bytes(static_cast<std::int64_t>(size));
    } else {
      const auto got = download_blob(client_, cache_, {request.repo, commit, file}, progress, log_,
                                     waiter_, std::move(stop));
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

  const HubSettings settings_;
  Log& log_;
  Waiter& waiter_;
  const Cache cache_;
  HubClient client_;
};

Hub::Hub(HubSettings settings, Log& log, Waiter& waiter)
    : impl_(std::make_unique<Impl>(std::move(settings), log, waiter)) {}

Hub::~Hub() = default;

HubResult<Snapshot> Hub::fetch(const SnapshotRequest& request, FetchProgress& progress,
                               std::stop_token stop) {
  return impl_->fetch(request, progress, stop);
}

HubResult<Snapshot> Hub::cached(const SnapshotRequest& request) const {
  return impl_->cached(request);
}

HubResult<std::string> Hub::head_commit(const Repo& repo, const std::string& revision,
                                        const std::string& path, std::stop_token stop) {
  return impl_->head_commit(repo, revision, path, stop);
}

HubResult<std::vector<SnapshotFile>> Hub::list(const SnapshotRequest& request,
                                               const std::string& commit, std::stop_token stop) {
  return impl_->list(request, commit, stop);
}

HubResult<void> Hub::write_ref(const Repo& repo, const std::string& revision,
                               const std::string& commit) {
  return impl_->cache().write_ref(repo, revision, commit);
}

HubResult<CacheVerdict> Hub::verify(const Repo& repo, std::stop_token stop) const {
  return verify_repo(impl_->cache(), repo, std::move(stop));
}

std::filesystem::path Hub::repo_folder(const Repo& repo) const {
  return impl_->cache().repo_folder(repo);
}

const HubSettings& Hub::settings() const {
  return impl_->settings();
}

}  // namespace clairscore::hub
