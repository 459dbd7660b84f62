#pragma once

// Snapshots as the cache has them: what is chosen of a commit, whether it is whole, and which
// commit stands in when the Hub cannot be asked. Reads only. Thread-safe.

#include <string>
#include <vector>

#include "hub/cache.h"
#include "hub/error.h"
#include "hub/snapshot.h"
#include "hub/tree.h"

namespace clairscore::hub {

/// The request's chooser over these paths; its error names the repository and the commit.
HubResult<Chosen> choose_files(const SnapshotRequest& request,
                               const std::vector<std::string>& paths, const std::string& commit);
HubResult<Chosen> choose_files(const SnapshotRequest& request, const Tree& tree,
                               const std::string& commit);

/// The chosen files that are listed, sorted by path.
std::vector<SnapshotFile> listed_files(const Tree& tree, const Chosen& chosen);

/// A snapshot's folders and names, without files.
Snapshot empty_snapshot(const Cache& cache, const SnapshotRequest& request,
                        const std::string& commit, const Chosen& chosen);

/// Whether the snapshot's file is there, of the right size, and leads to the right blob.
bool is_there(const Cache& cache, const Repo& repo, const std::string& commit,
              const SnapshotFile& file);

/// See Hub::cached.
HubResult<Snapshot> cached_snapshot(const Cache& cache, const SnapshotRequest& request);

}  // namespace clairscore::hub
