#pragma once

// How the Hub room says no: an Error for people, and a closed Fault for the program, which decides
// by it whether to wait, to serve what is cached, or to give up. Values, any thread.

#include "base/error.h"

namespace clairscore::hub {

enum class Fault {
  kStopped,           // the stop token was triggered; nothing is wrong
  kUnreachable,       // DNS, connection, proxy, TLS, timeout, or a connection cut too often
  kServerError,       // 5xx (or 408) until the retries were used up
  kRateLimited,       // 429 until the retries were used up
  kInvalidToken,      // the token was refused
  kRepoNotFound,      // no such repository, or a private one
  kGatedRepo,         // the repository asks for an accepted request
  kDisabledRepo,      // the repository has been disabled
  kForbidden,         // any other 401 or 403
  kRevisionNotFound,  // no such branch, tag or commit
  kEntryNotFound,     // no such file at that commit
  kNotAHub,           // an answer without the headers a Hub sends: a captive portal, another server
  kBadAnswer,         // an answer that cannot be read, or a path that would leave the cache
  kCorrupt,           // bytes that are not those the Hub names, twice
  kNotCached,         // offline, and the cache has no snapshot to serve
  kIncomplete,        // offline, and the cached snapshot lacks files
  kDisk,              // the cache cannot be written: full, read-only, no permission
  kUnsuitable,        // the repository lacks what is served (no MLmodel, no applicants)
};

/// A word for logs, metrics and JSON: "unreachable", "revision_not_found".
const char* fault_name(Fault fault);

struct HubError {
  Fault fault = Fault::kUnreachable;
  Error error;
};

template <typename T>
using HubResult = tl::expected<T, HubError>;

/// kNetwork.
HubError make_error(Fault fault, std::string what, std::string where, std::string accepted = {});

}  // namespace clairscore::hub

namespace clairscore {

/// For RETURN_IF_ERROR and ASSIGN_OR_RETURN in functions that return a HubResult.
[[nodiscard]] inline tl::unexpected<hub::HubError> fail(hub::HubError error) {
  return tl::unexpected<hub::HubError>(std::move(error));
}

}  // namespace clairscore
