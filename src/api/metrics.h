#pragma once

// The state of the server as Prometheus reads it.

#include <string>

#include "api/state.h"

namespace clairscore::api {

/// Text exposition format 0.0.4 of what `state` is now.
std::string metrics_text(const State& state);

}  // namespace clairscore::api
