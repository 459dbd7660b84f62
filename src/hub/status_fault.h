#pragma once

// What a status and its headers mean: which fault it is, and whether asking again may help. Pure.

#include <chrono>
#include <optional>
#include <string>

#include "hub/error.h"
#include "hub/http_client.h"

namespace clairscore::hub {

/// 408, 429, 500, 502, 503, 504.
bool is_transient(int status);

/// What the answer asks to wait: RateLimit (and a second), else Retry-After.
std::optional<std::chrono::seconds> asked_wait(const HttpHead& head,
                                               std::chrono::system_clock::time_point now);

/// The fault of an error status from the Hub. `subject` is what was asked for ("model org/name,
/// file X at main"), `url` is shown without its query.
HubError status_fault(const HttpHead& head, const std::string& subject, const std::string& url,
                      bool with_token);

}  // namespace clairscore::hub
