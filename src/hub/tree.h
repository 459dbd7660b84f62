#pragma once

// The files of a repository at a commit, as the Hub lists them and as the cache keeps the list
// (trees/<commit>.json, the Python client's format 1). Parsers of untrusted bytes; pure, any
// thread.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace clairscore::hub {

struct TreeFile {
  std::string path;  // is_safe_path
  std::uint64_t size = 0;
  std::string blob_id;  // git's name of the file, or of the pointer to a large one
  std::optional<std::string> lfs_sha256;  // a large file's content
  std::uint64_t lfs_size = 0;
  std::optional<std::string> xet_hash;  // kept for the Python client; names nothing of ours

  /// The name of the content, which is the ETag of /resolve and the file's name in blobs/.
  const std::string& oid() const { return lfs_sha256 ? *lfs_sha256 : blob_id; }
  std::uint64_t content_size() const { return lfs_sha256 ? lfs_size : size; }
};

/// Sorted by path, each path once.
using Tree = std::vector<TreeFile>;

/// The file, or nullptr.
const TreeFile* find_file(const Tree& tree, std::string_view path);

inline constexpr std::size_t kMostTreeFiles = 1'000'000;
inline constexpr std::size_t kMostTreePageBytes = std::size_t{64} << 20U;

/// One page of /api/…/tree: appends its files (folders are passed over). Errors kInput: not JSON of
/// that shape, an oid that is no hash, a path that would leave the cache; kLimit.
Result<void> append_tree_page(std::string_view json, Tree& tree);

/// Sorts; errors kInput where a path is listed twice.
Result<void> finish_tree(Tree& tree);

/// trees/<commit>.json. Errors kInput (also for another format's version), kLimit.
Result<Tree> parse_tree_cache(std::string_view json);
std::string tree_cache_json(const Tree& tree);

/// "sha" of an answer of /api/…/revision. Errors kInput: not JSON, no commit hash.
Result<std::string> parse_revision(std::string_view json);

/// When the commit was made, of an answer of /api/…/commits. Errors kInput: not JSON, not about
/// this commit, no date in UTC.
Result<std::chrono::system_clock::time_point> parse_commit_date(std::string_view json,
                                                                std::string_view commit);

}  // namespace clairscore::hub
