#pragma once

// The state of the server as Prometheus reads it.

#include <string>

#include "api/actions.h"
#include "api/state.h"

namespace clairscore::api {

/// Text exposition format 0.0.4 of what `state` and `actions` tell now, and of this process.
std::string metrics_text(const State& state, const Actions& actions);

}  // namespace clairscore::api
