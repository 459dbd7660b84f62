#include "hub/hub.h"

#include <fmt/format.h>

#include <utility>

#include "base/clock.h"
#include "hub/cache.h"
#include "hub/cached_snapshot.h"
#include "hub/hub_client.h"
#include "hub/snapshot_download.h"
#include "hub/verify.h"

namespace clairscore::hub {

namespace {

/// What the cache may not stand in for: nothing is wrong, or what is asked for is.
bool is_final(Fault fault) {
  return fault == Fault::kStopped || fault == Fault::kRevisionNotFound ||
         fault == Fault::kEntryNotFound || fault == Fault::kUnsuitable;
}

HubError offline(const Repo& repo) {
  return make_error(Fault::kUnreachable, "HF_HUB_OFFLINE is set", repo.text());
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
        cache_(settings_.cache, settings_.use_symlinks),
        client_(settings_, log, waiter),
        download_(client_, cache_, log, waiter) {}

  HubResult<Snapshot> fetch(const SnapshotRequest& request, FetchProgress& progress,
                            const std::stop_token& stop) {
    auto in_cache = cached_snapshot(cache_, request);
    HubError error = offline(request.repo);
    if (!settings_.offline) {
      // Where the cache can answer instead, the Hub is asked once.
      auto fetched = download_.run(request, in_cache ? 0 : kMostRetries, progress, stop);
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

  HubResult<std::string> head_commit(const Repo& repo, const std::string& revision,
                                     const std::string& path, const std::stop_token& stop) {
    if (settings_.offline) {
      return fail(offline(repo));
    }
    return client_.head_commit(repo, revision, path, {}, stop);
  }

  HubResult<std::vector<SnapshotFile>> list(const SnapshotRequest& request,
                                            const std::string& commit,
                                            const std::stop_token& stop) {
    if (settings_.offline && !cache_.read_tree(request.repo, commit)) {
      return fail(offline(request.repo));
    }
    ASSIGN_OR_RETURN(const Tree tree,
                     download_.tree(request.repo, commit, {kMostRetries, {}}, stop));
    ASSIGN_OR_RETURN(const Chosen chosen, choose_files(request, tree, commit));
    return listed_files(tree, chosen);
  }

  const HubSettings& settings() const { return settings_; }
  const Cache& cache() const { return cache_; }

 private:
  const HubSettings settings_;
  Log& log_;
  const Cache cache_;
  HubClient client_;
  SnapshotDownload download_;
};

Hub::Hub(HubSettings settings, Log& log, Waiter& waiter)
    : impl_(std::make_unique<Impl>(std::move(settings), log, waiter)) {}

Hub::~Hub() = default;

HubResult<Snapshot> Hub::fetch(const SnapshotRequest& request, FetchProgress& progress,
                               std::stop_token stop) {
  return impl_->fetch(request, progress, stop);
}

HubResult<Snapshot> Hub::cached(const SnapshotRequest& request) const {
  return cached_snapshot(impl_->cache(), request);
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
