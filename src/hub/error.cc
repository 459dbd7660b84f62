#include "hub/error.h"

#include <utility>

namespace clairscore::hub {

const char* fault_name(Fault fault) {
  switch (fault) {
    case Fault::kStopped:
      return "stopped";
    case Fault::kUnreachable:
      return "unreachable";
    case Fault::kServerError:
      return "server_error";
    case Fault::kRateLimited:
      return "rate_limited";
    case Fault::kInvalidToken:
      return "invalid_token";
    case Fault::kRepoNotFound:
      return "repo_not_found";
    case Fault::kGatedRepo:
      return "gated_repo";
    case Fault::kDisabledRepo:
      return "disabled_repo";
    case Fault::kForbidden:
      return "forbidden";
    case Fault::kRevisionNotFound:
      return "revision_not_found";
    case Fault::kEntryNotFound:
      return "entry_not_found";
    case Fault::kNotAHub:
      return "not_a_hub";
    case Fault::kBadAnswer:
      return "bad_answer";
    case Fault::kCorrupt:
      return "corrupt";
    case Fault::kNotCached:
      return "not_cached";
    case Fault::kIncomplete:
      return "incomplete";
    case Fault::kDisk:
      return "disk";
    case Fault::kUnsuitable:
      return "unsuitable";
  }
  return "unknown";
}

HubError make_error(Fault fault, std::string what, std::string where, std::string accepted) {
  ErrorCode code = ErrorCode::kNetwork;
  if (fault == Fault::kDisk) code = ErrorCode::kInternal;
  if (fault == Fault::kUnsuitable) code = ErrorCode::kNotFound;
  return {fault, {code, std::move(what), std::move(where), std::move(accepted)}};
}

}  // namespace clairscore::hub
