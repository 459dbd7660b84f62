#pragma once

// Settings -> the repositories they name and what is wanted of them: what `serve` and the `hub`
// commands share.

#include <optional>

#include "base/error.h"
#include "config/settings.h"
#include "hub/snapshot.h"

namespace clairscore {

/// The repositories among `model` and `data`; a path that exists is none.
struct HubAssets {
  std::optional<hub::SnapshotRequest> model;
  std::optional<hub::SnapshotRequest> data;
};

/// Errors kUsage: a name or revision that cannot be one.
Result<HubAssets> hub_assets(const Settings& settings);

}  // namespace clairscore
