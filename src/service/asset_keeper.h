#pragma once

// Keeps what is served up to date: fetches, loads and publishes the first assets, then looks for
// newer ones, loads them beside those that are served, and publishes them only when they have
// passed the loader's tests. Whatever fails, the old assets keep serving, and the reason is told.
//
// run() belongs to one thread; wake() and reload() may be called from any.

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "service/asset_supply.h"
#include "service/assets.h"

namespace clairscore {

/// How keeping the assets fresh goes; for the model card, the metrics and the log.
struct AssetStatus {
  using Time = std::chrono::system_clock::time_point;

  struct Refusal {
    std::string version;  // version_of() what was refused
    std::string reason;
    Time at{};
    Time retry_at{};  // not looked at again before
  };

  /// What is served, where it is from the Hub.
  std::optional<HubOrigin> model;
  std::optional<HubOrigin> data;
  bool follows = false;              // newer assets may come by themselves
  std::optional<Time> checked_at;    // when the supply last answered whether there are newer ones
  std::string problem;               // why it does not; empty when it does
  std::optional<Refusal> refusal;    // the newest upload, when it was refused
  std::uint64_t updates_served = 0;  // assets published, the first among them
  std::uint64_t updates_refused = 0;
  std::uint64_t checks_failed = 0;
};

class AssetKeeper {
 public:
  struct Options {
    /// Between two looks for newer assets; each wait is this times 0.75 to 1.25, drawn at random,
    /// so that many servers do not ask at the same moment. Zero: only when woken.
    std::chrono::milliseconds poll = std::chrono::seconds(40);
    /// The first assets: wait this long after a failure, twice as long after each further one.
    std::chrono::milliseconds first_retry = std::chrono::seconds(1);
    std::chrono::milliseconds longest_retry = std::chrono::seconds(30);
    /// A model, or a model with certain data, that was refused is not loaded again for this long,
    /// twice as long each time.
    std::chrono::milliseconds refused_retry = std::chrono::minutes(10);
    std::chrono::milliseconds longest_refused_retry = std::chrono::hours(6);
  };

  /// Called on run()'s thread.
  struct Hooks {
    /// Reads the model by itself: what it refuses is not tried with other data.
    std::function<Result<LoadedModelPtr>(const AssetSources&)> load_model;
    /// Loads the data with that model and tests the whole.
    std::function<Result<AssetsPtr>(const AssetSources&, LoadedModelPtr)> load;
    std::function<void(AssetsPtr)> publish;
    std::function<void(const AssetStatus&)> on_status;
    /// In [0, 1), for the jitter.
    std::function<double()> random;
  };

  /// All references outlive the keeper.
  AssetKeeper(AssetSupply& supply, Options options, Hooks hooks, Log& log, const Clock& clock);

  /// Ends when asked to stop; or, with a supply that does not follow, with the error that kept the
  /// first assets from being served.
  Result<void> run(std::stop_token stop);

  /// Look for newer assets now.
  void wake();
  /// Fetch and load again, even what is served already.
  void reload();

 private:
  using Time = std::chrono::system_clock::time_point;
  struct Refused {
    int times = 0;
    Time retry_at{};
  };
  /// Why assets were not loaded.
  struct Failure {
    Error error;
    bool with_any_data = false;  // it is the model by itself
  };
  enum class Wake { kTime, kAsked, kReload, kStop };

  Wake wait(std::chrono::milliseconds longest, std::stop_token stop);
  Result<void> first(std::stop_token stop);
  void look(bool reload, std::stop_token stop);
  /// Fetches, loads and publishes. Errors: fetching, or loading.
  Result<void> renew(bool reload, std::stop_token stop);
  tl::expected<AssetsPtr, Failure> load(const AssetSources& sources);
  void publish(AssetsPtr assets, AssetSources sources);
  /// The newest state, then each new half with what is served of the other: a bad half does not
  /// keep back a good one.
  std::vector<AssetSources> ways_to_serve(const AssetSources& newest) const;
  /// Whether it was refused so lately that it is not tried again yet.
  bool held_back(const AssetSources& sources) const;
  /// Notes that it was refused; gives when it may be tried again.
  Time hold_back(const AssetSources& sources, const Failure& failure);
  void tell_refusal(const AssetSources& guilty, AssetStatus::Refusal refusal);
  /// What the Hub has cannot be fetched as what is served: a repository without MLmodel, say.
  void refuse_unfetched(const Error& error);
  /// Publishes what was served well before.
  bool fall_back(const AssetSources& refused);
  void tell();
  std::chrono::milliseconds poll_wait() const;

  AssetSupply& supply_;
  Options options_;
  Hooks hooks_;
  Log& log_;
  const Clock& clock_;
  AssetStatus status_;
  std::optional<AssetSources> served_;
  std::map<std::string, Refused> refused_;  // by refusal_key()

  std::mutex mutex_;  // guards what follows
  std::condition_variable_any woken_;
  bool asked_ = false;
  bool reload_ = false;
};

}  // namespace clairscore
