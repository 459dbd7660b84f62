#include "service/hub_supply.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "base/bytes.h"
#include "hub/content_hash.h"
#include "hub/record.h"
#include "hub/rollback.h"

namespace clairscore {

namespace {

/// A file whose HEAD tells the commit of a branch. Most repositories have this small one, and the
/// answer for one that is not there tells it, too.
constexpr const char* kSmallFile = "README.md";

/// How long a start waits for the Hub when the cache has something to serve meanwhile.
constexpr std::chrono::seconds kFirstPatience{3};

/// Between two notes in the cache of when the Hub confirmed what is served.
constexpr std::chrono::minutes kNoteEvery{10};

/// Files of the snapshot that scores come from and whose bytes are not those the Hub names. Shipped
/// contributions are left to the loader, which compares them with live ones.
std::vector<std::filesystem::path> damaged_files(const hub::Snapshot& snapshot) {
  std::vector<std::filesystem::path> bad;
  for (const hub::SnapshotFile& file : snapshot.files) {
    const bool named = file.oid.size() == 40 || file.oid.size() == 64;
    if (!named || file.path.ends_with(".joblib")) continue;
    std::error_code ignored;
    const std::filesystem::path link = snapshot.root / file.path;
    const std::filesystem::path blob = std::filesystem::canonical(link, ignored);
    if (file.size == 0 && std::filesystem::file_size(link, ignored) == 0) continue;
    const auto mapped = MappedFile::open(link);
    if (mapped) {
      hub::ContentHash hash(file.oid, mapped->bytes().size());
      hash.update(mapped->bytes());
      if (hash.finish() == file.oid) continue;
    }
    bad.push_back(blob.empty() ? link : blob);
  }
  return bad;
}

Error error_of(const hub::HubError& error) {
  return error.error;
}

}  // namespace

HubSupply::HubSupply(hub::Hub& hub, Half model, Half data, std::string recipe,
                     std::filesystem::path background, hub::FetchProgress& progress, Log& log,
                     const Clock& clock)
    : hub_(hub),
      model_{std::move(model), {}, {}, {}},
      data_{std::move(data), {}, {}, {}},
      recipe_(std::move(recipe)),
      background_(std::move(background)),
      progress_(progress),
      log_(log),
      clock_(clock) {}

hub::SnapshotRequest HubSupply::effective(const Source& source) const {
  hub::SnapshotRequest request = *source.half.request;
  const hub::Record record = hub::read_record(hub_.repo_folder(request.repo));
  request.revision = record.effective_revision(request.revision);
  request.write_ref = false;  // once it has been served
  return request;
}

hub::HubResult<hub::Snapshot> HubSupply::fetch_first(const hub::SnapshotRequest& request,
                                                     std::stop_token stop) {
  hub::HubResult<hub::Snapshot> cached = hub_.cached(request);
  if (!cached) return hub_.fetch(request, progress_, stop);
  std::stop_source soon;
  const std::stop_callback also(stop, [&] { soon.request_stop(); });
  hub::HubResult<hub::Snapshot> fetched;
  {
    const std::jthread timer([&](const std::stop_token& done) {
      std::mutex mutex;
      std::condition_variable_any never;
      std::unique_lock lock(mutex);
      never.wait_for(lock, done, kFirstPatience, [] { return false; });
      if (!done.stop_requested()) soon.request_stop();
    });
    fetched = hub_.fetch(request, progress_, soon.get_token());
  }
  const bool given_up = !fetched && fetched.error().fault == hub::Fault::kStopped;
  if (!given_up || stop.stop_requested()) return fetched;
  log_.warning("the Hub has not given the newest state of " + request.repo.text() +
               " yet; serving it from the cache, last confirmed " +
               iso8601_utc(cached->confirmed_at));
  cached->offline = true;
  cached->hub_error = hub::make_error(
      hub::Fault::kUnreachable, "the Hub has not given the newest state yet", request.repo.text());
  return cached;
}

hub::HubResult<void> HubSupply::fetch_half(Source& source, std::stop_token stop) {
  if (!source.half.request) return {};
  const bool first = !source.snapshot;
  ASSIGN_OR_RETURN(hub::Snapshot snapshot, first ? fetch_first(effective(source), stop)
                                                 : hub_.fetch(effective(source), progress_, stop));
  // What lay in the cache may have been damaged there since it was verified.
  if (first) {
    if (const std::vector<std::filesystem::path> bad = damaged_files(snapshot); !bad.empty()) {
      log_.warning("damaged in the cache, fetching it again: " + bad.front().string());
      std::error_code ignored;
      for (const std::filesystem::path& path : bad) std::filesystem::remove(path, ignored);
      ASSIGN_OR_RETURN(snapshot, hub_.fetch(effective(source), progress_, stop));
      if (!damaged_files(snapshot).empty()) {
        return fail(hub::make_error(hub::Fault::kCorrupt, "a file that is damaged in the cache",
                                    bad.front().string(),
                                    "the file itself: a connection to the Hub and a cache that can "
                                    "be written to"));
      }
    }
  }
  source.snapshot = std::move(snapshot);
  source.same_as_snapshot.clear();
  return {};
}

AssetSources HubSupply::sources() const {
  const auto place = [](const Source& source) {
    return source.snapshot ? source.snapshot->folder : source.half.path;
  };
  const auto origin = [](const Source& source) -> std::optional<HubOrigin> {
    if (!source.snapshot) return std::nullopt;
    const hub::Snapshot& snapshot = *source.snapshot;
    return HubOrigin{snapshot.repo.id,     source.half.request->revision,
                     snapshot.commit,      snapshot.revision != source.half.request->revision,
                     snapshot.offline,     snapshot.confirmed_at,
                     snapshot.committed_at};
  };
  return AssetSources{place(model_), place(data_),   recipe_,
                      background_,   origin(model_), origin(data_)};
}

Result<AssetSources> HubSupply::fetch(std::stop_token stop) {
  progress_.reset();
  hub::HubResult<void> data;
  hub::HubResult<void> model;
  {
    const std::jthread other([&] { data = fetch_half(data_, stop); });
    model = fetch_half(model_, stop);
  }
  if (!model) return fail(error_of(model.error()));
  if (!data) return fail(error_of(data.error()));
  return sources();
}

void HubSupply::note_confirmed(Source& source) {
  const auto now = clock_.now();
  if (now >= source.noted_at && now - source.noted_at < kNoteEvery) return;
  source.noted_at = now;
  const hub::Snapshot& snapshot = *source.snapshot;
  const auto noted = hub::update_record(hub_.repo_folder(snapshot.repo), [&](hub::Record& record) {
    record.confirmed_commit = snapshot.commit;
    record.confirmed_revision = snapshot.revision;
    record.confirmed_at = now;
  });
  if (!noted) log_.debug(to_string(noted.error()));
}

hub::HubResult<bool> HubSupply::half_moved(Source& source, const std::optional<HubOrigin>& served,
                                           std::stop_token stop) {
  if (!source.half.request || !served) return false;
  const hub::SnapshotRequest request = effective(source);
  // A rollback that ends is news even where the branch has the same files again.
  if (served->pinned != (request.revision != source.half.request->revision)) return true;
  if (hub::is_commit_hash(request.revision)) return request.revision != served->commit;
  if (!source.snapshot) return true;
  ASSIGN_OR_RETURN(const std::string head,
                   hub_.head_commit(request.repo, request.revision, kSmallFile, stop));
  // What is confirmed now may have been served unconfirmed until now.
  if (head == served->commit && served->offline) return true;
  const bool serves_snapshot = source.snapshot->commit == served->commit;
  if (serves_snapshot && (head == served->commit || head == source.same_as_snapshot)) {
    note_confirmed(source);
    return false;
  }
  if (head == served->commit) return false;
  ASSIGN_OR_RETURN(const std::vector<hub::SnapshotFile> files, hub_.list(request, head, stop));
  if (serves_snapshot && hub::same_files(files, source.snapshot->files)) {
    source.same_as_snapshot = head;  // a commit that changed a README
    return false;
  }
  return true;
}

Result<bool> HubSupply::moved(const AssetSources& served, std::stop_token stop) {
  const hub::HubResult<bool> model = half_moved(model_, served.model_origin, stop);
  const hub::HubResult<bool> data = half_moved(data_, served.data_origin, stop);
  if ((model && *model) || (data && *data)) return true;
  if (!model) return fail(error_of(model.error()));
  if (!data) return fail(error_of(data.error()));
  return false;
}

Result<AssetSources> HubSupply::last_good(const AssetSources& refused) {
  bool older = false;
  const auto go_back = [&](Source& source, const std::optional<HubOrigin>& origin) -> Result<void> {
    if (!source.half.request || !origin) return {};
    const hub::Record record = hub::read_record(hub_.repo_folder(source.half.request->repo));
    const hub::GoodCommit* good = record.last_good();
    if (good == nullptr) {
      return fail(ErrorCode::kNotFound, "no state was served before",
                  source.half.request->repo.text());
    }
    if (good->commit == origin->commit) return {};
    hub::SnapshotRequest request = *source.half.request;
    request.revision = good->commit;
    hub::HubResult<hub::Snapshot> cached = hub_.cached(request);
    if (!cached) return fail(error_of(cached.error()));
    source.snapshot = std::move(*cached);
    source.snapshot->offline = origin->offline;  // the Hub answers, where what it has is refused
    older = true;
    return {};
  };
  RETURN_IF_ERROR(go_back(model_, refused.model_origin));
  RETURN_IF_ERROR(go_back(data_, refused.data_origin));
  if (!older) return fail(ErrorCode::kNotFound, "no other state was served before");
  AssetSources found = sources();
  for (std::optional<HubOrigin>* origin : {&found.model_origin, &found.data_origin}) {
    if (*origin) (*origin)->pinned = false;  // for want of a better one, not by order
  }
  return found;
}

void HubSupply::note_served(const AssetSources& sources) {
  note_served(model_, sources.model_origin);
  note_served(data_, sources.data_origin);
}

void HubSupply::note_served(const Source& source, const std::optional<HubOrigin>& origin) {
  if (!source.half.request || !origin) return;
  const hub::Repo& repo = source.half.request->repo;
  const bool newest = !origin->pinned && !origin->offline;
  if (newest) {
    if (auto written = hub_.write_ref(repo, origin->revision, origin->commit); !written) {
      log_.warning("cannot note the commit of " + repo.text() + ": " +
                   to_string(written.error().error));
    }
  }
  if (origin->pinned) return;  // a rollback must not become what a rollback goes back to
  const auto noted = hub::update_record(hub_.repo_folder(repo), [&](hub::Record& record) {
    record.add_good(origin->commit, origin->revision, clock_.now());
  });
  if (!noted) {
    log_.warning("cannot note that " + repo.text() + " was served: " + to_string(noted.error()));
  }
}

void HubSupply::note_refused(const AssetSources& sources, const std::string& reason) {
  note_refused(model_, sources.model_origin, reason);
  note_refused(data_, sources.data_origin, reason);
}

void HubSupply::note_refused(const Source& source, const std::optional<HubOrigin>& origin,
                             const std::string& reason) {
  if (!source.half.request || !origin) return;
  const auto noted =
      hub::update_record(hub_.repo_folder(source.half.request->repo), [&](hub::Record& record) {
        // What was served well before is not what is wrong now.
        const bool good = std::ranges::any_of(
            record.good, [&](const auto& entry) { return entry.commit == origin->commit; });
        if (!good) record.add_refused(origin->commit, reason, clock_.now());
      });
  if (!noted) {
    log_.warning("cannot note that " + source.half.request->repo.text() +
                 " was refused: " + to_string(noted.error()));
  }
}

Result<std::string> HubSupply::roll_back(const std::string& repository, bool undo) {
  const Half& half = repository == "model" ? model_.half : data_.half;
  if (!half.request) {
    return fail(ErrorCode::kNotFound, "the " + repository + " is not served from the Hub");
  }
  if (undo) {
    RETURN_IF_ERROR(hub::follow_again(hub_, half.request->repo));
    return half.request->revision;
  }
  ASSIGN_OR_RETURN(const hub::Rollback done, hub::roll_back(hub_, *half.request, {}));
  return done.to;
}

}  // namespace clairscore
