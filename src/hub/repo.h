#pragma once

// A repository of the Hub by type and name, and the names derived from them. Values, any thread.

#include <string>
#include <string_view>

#include "base/error.h"

namespace clairscore::hub {

enum class RepoType { kModel, kDataset };

struct Repo {
  RepoType type = RepoType::kModel;
  std::string id;  // "org/name" or "name"

  /// "models--org--name": the repository's folder in the cache.
  std::string folder_name() const;
  /// "/api/models/org/name"
  std::string api_path() const;
  /// "/org/name" or "/datasets/org/name": what comes before /resolve/.
  std::string web_path() const;
  /// "model org/name", for messages.
  std::string text() const;

  friend bool operator==(const Repo&, const Repo&) = default;
};

/// Checks a name as the Python client does: letters, digits, '-', '_', '.', one '/' at most, no
/// "--", no "..", no ".git" at the end, at most 96 characters a part, none of '-' and '.' at either
/// end. Errors kUsage.
Result<Repo> parse_repo(RepoType type, std::string_view id);

/// True for "org/name" where no such path exists and the name does not end as a file of ours does
/// (.csv, .pkl, …): how `--model` and `--data` tell a repository from a path, so that a mistyped
/// file is not looked for on the Hub.
bool names_a_repo(std::string_view text);

/// Forty lower-case hexadecimal digits.
bool is_commit_hash(std::string_view text);

/// A path of a repository that may be joined to a folder of ours: relative, with '/' only, no
/// empty,
/// "." or ".." part, no drive, no backslash, no control character, at most 1,024 bytes.
bool is_safe_path(std::string_view path);

/// A branch, tag or commit that may be a file name below refs/: is_safe_path, at most 255 bytes.
bool is_safe_revision(std::string_view revision);

}  // namespace clairscore::hub
