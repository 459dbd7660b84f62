#include "service/asset_keeper.h"

#include <algorithm>
#include <array>
#include <utility>

namespace clairscore {

namespace {

using std::chrono::milliseconds;

milliseconds doubled(milliseconds first, int times, milliseconds longest) {
  milliseconds wait = first;
  for (int i = 1; i < times && wait < longest; ++i) wait *= 2;
  return std::min(wait, longest);
}

/// "model org/name at 0123456, data org/name at 89abcde"; empty for files that have no commit.
std::string describe(const AssetSources& sources) {
  std::string text;
  const auto add = [&](const char* kind, const std::optional<HubOrigin>& origin) {
    if (!origin) return;
    if (!text.empty()) text += ", ";
    text.append(kind).append(" ").append(origin->repo).append(" at ");
    text.append(origin->commit, 0, 7);
  };
  add("model", sources.model_origin);
  add("data", sources.data_origin);
  return text;
}

bool pinned(const AssetSources& sources) {
  return (sources.model_origin && sources.model_origin->pinned) ||
         (sources.data_origin && sources.data_origin->pinned);
}

bool offline(const AssetSources& sources) {
  return (sources.model_origin && sources.model_origin->offline) ||
         (sources.data_origin && sources.data_origin->offline);
}

bool same_commit(const std::optional<HubOrigin>& a, const std::optional<HubOrigin>& b) {
  return a.has_value() == b.has_value() && (!a || a->commit == b->commit);
}

/// Takes from `guilty` the commits that serve well in `good`.
void acquit(AssetSources& guilty, const AssetSources& good) {
  if (same_commit(guilty.model_origin, good.model_origin)) guilty.model_origin.reset();
  if (same_commit(guilty.data_origin, good.data_origin)) guilty.data_origin.reset();
}

/// What will be refused again: the model whatever the data, or the two together.
std::string refusal_key(const AssetSources& sources, bool with_any_data) {
  AssetSources what = sources;
  if (with_any_data) what.data_origin.reset();
  return version_of(what);
}

}  // namespace

AssetKeeper::AssetKeeper(AssetSupply& supply, Options options, Hooks hooks, Log& log,
                         const Clock& clock)
    : supply_(supply), options_(options), hooks_(std::move(hooks)), log_(log), clock_(clock) {
  status_.follows = supply.follows();
}

Result<void> AssetKeeper::run(std::stop_token stop) {
  tell();
  RETURN_IF_ERROR(first(stop));
  const milliseconds forever = std::chrono::hours(24 * 365);
  while (true) {
    const Wake why =
        wait(supply_.follows() && options_.poll.count() > 0 ? poll_wait() : forever, stop);
    if (why == Wake::kStop) return {};
    look(why == Wake::kReload, stop);
  }
}

void AssetKeeper::wake() {
  {
    const std::lock_guard lock(mutex_);
    asked_ = true;
  }
  woken_.notify_all();
}

void AssetKeeper::reload() {
  {
    const std::lock_guard lock(mutex_);
    reload_ = true;
  }
  woken_.notify_all();
}

AssetKeeper::Wake AssetKeeper::wait(milliseconds longest, std::stop_token stop) {
  std::unique_lock lock(mutex_);
  woken_.wait_for(lock, stop, longest, [&] { return asked_ || reload_; });
  if (stop.stop_requested()) return Wake::kStop;
  const bool asked = std::exchange(asked_, false);
  if (std::exchange(reload_, false)) return Wake::kReload;
  return asked ? Wake::kAsked : Wake::kTime;
}

milliseconds AssetKeeper::poll_wait() const {
  constexpr double kLeast = 0.75;
  constexpr double kSpread = 0.5;
  return std::chrono::duration_cast<milliseconds>(options_.poll *
                                                  (kLeast + kSpread * hooks_.random()));
}

Result<void> AssetKeeper::first(std::stop_token stop) {
  for (int failures = 1; !stop.stop_requested(); ++failures) {
    Result<void> done = renew(false, stop);
    if (served_ || stop.stop_requested()) return {};
    if (!supply_.follows()) return done;
    if (!done) {
      const std::string problem = to_string(done.error());
      if (problem != status_.problem) log_.error(problem + "; trying again until it works");
      status_.problem = problem;
      tell();
    }
    // An upload that was refused is waited out as any other is: a new one may come.
    wait(done ? poll_wait() : doubled(options_.first_retry, failures, options_.longest_retry),
         stop);
  }
  return {};
}

void AssetKeeper::look(bool reload, std::stop_token stop) {
  Result<bool> moved = reload ? Result<bool>(true) : supply_.moved(*served_, stop);
  Result<void> done;
  if (!moved) {
    done = fail(std::move(moved.error()));
  } else if (*moved) {
    done = renew(reload, stop);
  } else {
    status_.refusal.reset();
    for (std::optional<HubOrigin>* origin : {&served_->model_origin, &served_->data_origin}) {
      if (*origin) (*origin)->confirmed_at = clock_.now();
    }
  }
  if (stop.stop_requested()) return;
  if (!done && done.error().code != ErrorCode::kNetwork) {
    // The Hub answered: it is the newest upload that cannot be served.
    refuse_unfetched(done.error());
    done = {};
  }
  if (done) {
    if (!status_.problem.empty()) log_.info("newer assets can be had again");
    status_.problem.clear();
    status_.checked_at = clock_.now();
  } else {
    ++status_.checks_failed;
    const std::string problem = to_string(done.error());
    // Once, not every minute.
    if (problem != status_.problem) {
      log_.warning("cannot look for newer assets, the old ones keep serving: " + problem);
    }
    status_.problem = problem;
  }
  tell();
}

Result<void> AssetKeeper::renew(bool reload, std::stop_token stop) {
  ASSIGN_OR_RETURN(AssetSources newest, supply_.fetch(stop));
  const std::string version = version_of(newest);
  if (!reload && served_ && !version.empty() && version == version_of(*served_) &&
      pinned(newest) == pinned(*served_)) {
    served_ = std::move(newest);  // the Hub may have confirmed what was served offline
    status_.refusal.reset();
    return {};
  }
  std::optional<AssetStatus::Refusal> refusal;  // of the first that failed: the newest of them
  AssetSources guilty;
  for (AssetSources& sources : ways_to_serve(newest)) {
    if (!reload && held_back(sources)) continue;
    tl::expected<AssetsPtr, Failure> assets = load(sources);
    if (assets) {
      if (version_of(sources) == version) {
        if (!offline(sources)) status_.checked_at = clock_.now();
        status_.refusal.reset();
        refused_.clear();
        status_.problem.clear();
      }
      acquit(guilty, sources);
      publish(std::move(*assets), std::move(sources));
      break;
    }
    const Failure& failure = assets.error();
    if (!supply_.follows()) return fail(failure.error);
    const Time retry_at = hold_back(sources, failure);
    if (refusal) continue;
    refusal = {version_of(sources), to_string(failure.error), clock_.now(), retry_at};
    guilty = sources;
    if (failure.with_any_data) guilty.data_origin.reset();
    if (served_) acquit(guilty, *served_);
  }
  if (refusal) {
    tell_refusal(guilty, std::move(*refusal));
    if (!served_) fall_back(newest);
  }
  tell();
  return {};
}

tl::expected<AssetsPtr, AssetKeeper::Failure> AssetKeeper::load(const AssetSources& sources) {
  Result<LoadedModelPtr> model = hooks_.load_model(sources);
  if (!model) return tl::unexpected(Failure{std::move(model.error()), true});
  Result<AssetsPtr> assets = hooks_.load(sources, std::move(*model));
  if (!assets) return tl::unexpected(Failure{std::move(assets.error()), false});
  return std::move(*assets);
}

void AssetKeeper::publish(AssetsPtr assets, AssetSources sources) {
  hooks_.publish(std::move(assets));
  supply_.note_served(sources);
  served_ = std::move(sources);
  ++status_.updates_served;
}

std::vector<AssetSources> AssetKeeper::ways_to_serve(const AssetSources& newest) const {
  std::vector<AssetSources> ways = {newest};
  if (!served_ || same_commit(newest.model_origin, served_->model_origin) ||
      same_commit(newest.data_origin, served_->data_origin)) {
    return ways;
  }
  AssetSources& new_data = ways.emplace_back(newest);
  new_data.model = served_->model;
  new_data.model_origin = served_->model_origin;
  AssetSources& new_model = ways.emplace_back(newest);
  new_model.data = served_->data;
  new_model.data_origin = served_->data_origin;
  return ways;
}

bool AssetKeeper::held_back(const AssetSources& sources) const {
  return std::ranges::any_of(std::array{true, false}, [&](bool with_any_data) {
    const auto refused = refused_.find(refusal_key(sources, with_any_data));
    return refused != refused_.end() && clock_.now() < refused->second.retry_at;
  });
}

AssetKeeper::Time AssetKeeper::hold_back(const AssetSources& sources, const Failure& failure) {
  Refused& refused = refused_[refusal_key(sources, failure.with_any_data)];
  ++refused.times;
  refused.retry_at =
      clock_.now() + doubled(options_.refused_retry, refused.times, options_.longest_refused_retry);
  return refused.retry_at;
}

void AssetKeeper::tell_refusal(const AssetSources& guilty, AssetStatus::Refusal refusal) {
  ++status_.updates_refused;
  supply_.note_refused(guilty, refusal.reason);
  log_.error("refused " + describe(guilty) + ": " + refusal.reason +
             (served_ ? "; the old assets keep serving" : ""));
  status_.refusal = std::move(refusal);
}

void AssetKeeper::refuse_unfetched(const Error& error) {
  const std::string reason = to_string(error);
  if (status_.refusal && status_.refusal->reason == reason) return;
  const AssetStatus::Time now = clock_.now();
  status_.refusal = AssetStatus::Refusal{"", reason, now, now};
  ++status_.updates_refused;
  log_.error("refused the newest upload: " + reason + "; the old assets keep serving");
}

bool AssetKeeper::fall_back(const AssetSources& refused) {
  Result<AssetSources> older = supply_.last_good(refused);
  if (!older) return false;
  tl::expected<AssetsPtr, Failure> assets = load(*older);
  if (!assets) {
    log_.error("the last good assets cannot be loaded either: " + to_string(assets.error().error));
    return false;
  }
  log_.warning("serving the last good assets instead: " + describe(*older));
  publish(std::move(*assets), std::move(*older));
  return true;
}

void AssetKeeper::tell() {
  if (served_) {
    status_.model = served_->model_origin;
    status_.data = served_->data_origin;
  }
  hooks_.on_status(status_);
}

}  // namespace clairscore
