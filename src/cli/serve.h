#pragma once

// What serve and demo share: listen, load off the serving threads, keep fresh, and stop on a
// signal.

#include <functional>
#include <memory>

#include "api/state.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "config/settings.h"
#include "service/asset_supply.h"

namespace clairscore {

/// What a supply may use and tell; all of it outlives the supply.
struct SupplyContext {
  const Settings& settings;
  api::State& state;
  std::shared_ptr<Log> log;
  const Clock& clock;
};
using MakeSupply = std::function<Result<std::unique_ptr<AssetSupply>>(const SupplyContext&)>;

/// Serves until SIGTERM or SIGINT; SIGHUP loads everything again. Listens first (so that /livez and
/// /readyz answer at once), then fetches and loads, off the serving threads. An error of making the
/// supply, or of the first load from a supply that does not follow, is returned with nothing left
/// running. Errors kUsage: an address beyond this machine without `open`.
Result<void> serve_until_signal(const Settings& settings, const MakeSupply& make_supply);

/// The same for made-up applicants and the embedded model (demo.cc).
Result<void> serve_demonstration(const Settings& settings, std::size_t rows);

}  // namespace clairscore
