#pragma once

// The files of a repository at a commit: which are wanted, and what fetching them gives.
// Values, any thread.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "hub/error.h"
#include "hub/repo.h"

namespace clairscore::hub {

/// What a chooser wants of a repository. Paths are the repository's own.
struct Chosen {
  std::string folder;                 // what is served: "" or a folder of the repository
  std::vector<std::string> required;  // there, and needed
  std::vector<std::string> optional;  // there, and worth having
  std::vector<std::string> missing;   // not there, and worth a warning each
};

/// Chooses among all paths of a repository, sorted. Errors: Fault::kUnsuitable, saying what was
/// found. Called on any thread; may be called again with the files a cached snapshot has.
using Chooser = std::function<HubResult<Chosen>(const std::vector<std::string>& paths)>;

/// The folder that holds MLmodel: `subfolder` when it is not empty, else gradient_boosting, else
/// the only folder that holds one. Everything in it is required.
Chooser choose_model(std::string subfolder);

/// application_test.csv (else the only CSV file at the top), and where there are any
/// shap/shap_{explanation,values}.{joblib,pkl}, shap/shap_beeswarm.png, plots/*_hist_data.json and
/// recipe.yaml.
Chooser choose_data();

/// Files that match one of the patterns of Python's fnmatch ('*' crosses '/'); all are required.
Chooser choose_matching(std::vector<std::string> patterns);

struct SnapshotRequest {
  Repo repo;
  std::string revision = "main";  // branch, tag or commit
  Chooser choose;
  /// Whether fetch() writes refs/<revision> once everything is there. Without it, write_ref() does
  /// when the snapshot has proved itself.
  bool write_ref = true;
};

struct SnapshotFile {
  std::string path;
  std::string oid;  // the etag: sha256 of a large file, git's sha1 of a small one; empty: unknown
  std::uint64_t size = 0;
  friend bool operator==(const SnapshotFile&, const SnapshotFile&) = default;
};

struct Snapshot {
  Repo repo;
  std::string revision;              // as asked for
  std::string commit;                // forty digits
  std::filesystem::path root;        // snapshots/<commit>
  std::filesystem::path folder;      // root joined with what is served
  std::vector<SnapshotFile> files;   // sorted by path
  std::vector<std::string> missing;  // optional files that are not there
  /// When the commit was made; the epoch when the Hub did not say.
  std::chrono::system_clock::time_point committed_at{};
  bool offline = false;               // the Hub was not asked, or did not answer
  std::optional<HubError> hub_error;  // why an older state is served, when it is
  /// When the Hub last confirmed this commit for this revision, as far as the cache knows.
  std::chrono::system_clock::time_point confirmed_at{};
};

/// True when both hold the same paths with the same oids: a commit that changed none of our files.
bool same_files(const std::vector<SnapshotFile>& a, const std::vector<SnapshotFile>& b);

}  // namespace clairscore::hub
