#pragma once

// Going back to what was served well before, and following the branch again. Used by
// `clairscore hub rollback` and by the running server. Thread-safe.

#include <string>
#include <vector>

#include "hub/hub.h"
#include "hub/record.h"

namespace clairscore::hub {

struct Rollback {
  Repo repo;
  std::string from;  // may be empty: nothing was known to be served
  std::string to;
};

/// Pins the repository of the request to `commit`, or when that is empty to the good commit before
/// the one that is served (the pinned one, else the newest good). The cache must hold it whole.
/// Errors kNotFound: no earlier good commit; those of Hub::cached; the record cannot be written.
Result<Rollback> roll_back(const Hub& hub, SnapshotRequest request, const std::string& commit);

/// Undoes the last change of what was served: of all these repositories the one whose newest good
/// commit came last is rolled back; those that changed at the same moment together.
Result<std::vector<Rollback>> roll_back_last_change(const Hub& hub,
                                                    const std::vector<SnapshotRequest>& requests);

/// The revision is followed again. True when a commit was pinned.
Result<bool> follow_again(const Hub& hub, const Repo& repo);

}  // namespace clairscore::hub
