#pragma once

// Hashes what is cached of a repository and compares it with its names. Reads only. Thread-safe.

#include <filesystem>
#include <stop_token>
#include <string>

#include "hub/cache.h"
#include "hub/error.h"
#include "hub/repo.h"

namespace clairscore::hub {

/// A file whose bytes are not what its name says.
struct BadFile {
  std::filesystem::path path;
  std::string problem;  // "its content is 12…, not 34…", "a link that leads nowhere"
};

struct CacheVerdict {
  std::size_t files = 0;
  std::uint64_t bytes = 0;
  std::vector<BadFile> bad;
  /// Files that neither a link nor a list names the content of: nothing can be said of them.
  std::vector<std::filesystem::path> unnamed;
};

/// Every file of every snapshot, and every blob; a blob that several lead to is hashed once. Faults
/// kNotCached (nothing of the repository), kStopped.
HubResult<CacheVerdict> verify_repo(const Cache& cache, const Repo& repo, std::stop_token stop);

}  // namespace clairscore::hub
