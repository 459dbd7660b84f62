#pragma once

// One file into blobs/: resumed where an earlier start was ended, verified against its name, then
// renamed into place. Nothing unverified ever has the blob's name.

#include <stop_token>
#include <string>

#include "base/log.h"
#include "hub/cache.h"
#include "hub/error.h"
#include "hub/hub_client.h"
#include "hub/progress.h"
#include "hub/waiter.h"

namespace clairscore::hub {

struct BlobRequest {
  const Repo& repo;
  const std::string& commit;
  const TreeFile& file;
};

/// True when the blob was downloaded, false when it is there by now (another process's work). Bytes
/// are told to `progress` as they arrive, resumed ones too. A file that ends as something else than
/// its name says is thrown away and fetched once more; then Fault::kCorrupt. Where the network ends
/// it or a stop does, what has arrived stays for the next time, as <oid>.<8
/// digits>.clairscore.incomplete; where the disk does, it is removed. Thread-safe.
HubResult<bool> download_blob(HubClient& client, const Cache& cache, const BlobRequest& request,
                              FetchProgress& progress, Log& log, Waiter& waiter,
                              const std::stop_token& stop);

}  // namespace clairscore::hub
