#pragma once

// What serve and demo share: listen, load off the serving threads, and stop on a signal.

#include <functional>

#include "base/error.h"
#include "config/settings.h"
#include "service/asset_loader.h"

namespace clairscore {

/// Serves until SIGTERM or SIGINT. Listens first (so that /livez and /readyz answer at once), then
/// calls `find_sources` and loads, off the serving threads; an error of any of these is returned
/// with nothing left running. Errors kUsage: an address beyond this machine without `open`.
Result<void> serve_until_signal(const Settings& settings,
                                const std::function<Result<AssetSources>()>& find_sources);

}  // namespace clairscore
