#pragma once

// The settings of serve -> assets from Hub repositories, with all that takes.

#include <memory>

#include "base/error.h"
#include "cli/serve.h"

namespace clairscore {

/// Errors kUsage: a repository's name or a variable of the Hub that cannot be understood.
Result<std::unique_ptr<AssetSupply>> make_hub_supply(const SupplyContext& context);

}  // namespace clairscore
