#pragma once

// The settings of serve -> assets from Hub repositories, with all that takes.

#include <memory>

#include "base/error.h"
#include "cli/serve.h"

namespace clairscore {

/// Whether the model or the data are to come from the Hub: an existing path wins over a name.
bool wants_hub(const Settings& settings);

/// Errors kUsage: a repository's name or a variable of the Hub that cannot be understood.
Result<std::unique_ptr<AssetSupply>> make_hub_supply(const SupplyContext& context);

}  // namespace clairscore
