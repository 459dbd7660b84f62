#pragma once

// Assets from Hub repositories: fetching them into the shared cache, noticing new commits of the
// files we serve, and remembering which commits were served well. Used by the keeper's thread.

#include <chrono>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "hub/hub.h"
#include "service/asset_supply.h"

namespace clairscore {

class HubSupply final : public AssetSupply {
 public:
  /// One of the two halves, from the Hub or, without a request, from this machine.
  struct Half {
    std::optional<hub::SnapshotRequest> request;
    std::filesystem::path path;
  };

  /// The references outlive the supply. `recipe` and `background` as in AssetSources.
  HubSupply(hub::Hub& hub, Half model, Half data, std::string recipe,
            std::filesystem::path background, hub::FetchProgress& progress, Log& log,
            const Clock& clock);

  Result<AssetSources> fetch(std::stop_token stop) override;
  Result<bool> moved(const AssetSources& served, std::stop_token stop) override;
  Result<AssetSources> last_good(const AssetSources& refused) override;
  void note_served(const AssetSources& sources) override;
  void note_refused(const AssetSources& sources, const std::string& reason) override;
  bool follows() const override { return true; }
  Result<std::string> roll_back(const std::string& repository, bool undo) override;

 private:
  struct Source {
    Half half;
    /// What was fetched last, and a later commit known to hold the same files.
    std::optional<hub::Snapshot> snapshot;
    std::string same_as_snapshot;
    /// When the cache was last told that the Hub confirmed it.
    std::chrono::system_clock::time_point noted_at{};
  };

  /// The request, for the commit that is pinned where one is.
  hub::SnapshotRequest effective(const Source& source) const;
  /// Of a start: what the cache has, if the Hub takes long.
  hub::HubResult<hub::Snapshot> fetch_first(const hub::SnapshotRequest& request,
                                            std::stop_token stop);
  hub::HubResult<void> fetch_half(Source& source, std::stop_token stop);
  hub::HubResult<bool> half_moved(Source& source, const std::optional<HubOrigin>& served,
                                  std::stop_token stop);
  /// The Hub says that what is served is its newest state: the cache keeps when, for a start
  /// without network.
  void note_confirmed(Source& source);
  AssetSources sources() const;
  void note_served(const Source& source, const std::optional<HubOrigin>& origin);
  void note_refused(const Source& source, const std::optional<HubOrigin>& origin,
                    const std::string& reason);

  hub::Hub& hub_;
  Source model_;
  Source data_;
  std::string recipe_;
  std::filesystem::path background_;
  hub::FetchProgress& progress_;
  Log& log_;
  const Clock& clock_;
};

}  // namespace clairscore
