#pragma once

// The cache folder on disk, in the layout of the Python client: who names what, and how files get
// in without ever being half there. Knows nothing of the network. Thread-safe: it holds only paths;
// what it does on disk is atomic by rename.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hub/error.h"
#include "hub/repo.h"
#include "hub/tree.h"

namespace clairscore::hub {

class Cache {
 public:
  Cache(std::filesystem::path root, bool use_symlinks)
      : root_(std::move(root)), use_symlinks_(use_symlinks) {}

  // Where things are.
  std::filesystem::path repo_folder(const Repo& repo) const { return root_ / repo.folder_name(); }
  std::filesystem::path blobs(const Repo& repo) const { return repo_folder(repo) / "blobs"; }
  std::filesystem::path blob(const Repo& repo, const std::string& oid) const {
    return blobs(repo) / oid;
  }
  std::filesystem::path snapshot(const Repo& repo, const std::string& commit) const {
    return repo_folder(repo) / "snapshots" / commit;
  }
  std::filesystem::path lock(const Repo& repo, const std::string& oid) const {
    return root_ / ".locks" / repo.folder_name() / (oid + ".lock");
  }

  // What is there.
  /// The commit that a branch or tag was last seen at.
  std::optional<std::string> read_ref(const Repo& repo, const std::string& revision) const;
  /// Nothing when there is none, or it cannot be read (it is fetched again then).
  std::optional<Tree> read_tree(const Repo& repo, const std::string& commit) const;
  /// Commits with a snapshot folder, the one changed last first.
  std::vector<std::string> commits(const Repo& repo) const;
  /// Paths of the files in a snapshot folder, sorted; broken links are left out.
  std::vector<std::string> files(const Repo& repo, const std::string& commit) const;
  /// The size of the regular file that a path leads to, through any links.
  static std::optional<std::uint64_t> file_size(const std::filesystem::path& path);
  /// The blob's name a snapshot's link points at; nothing where the file is no link to a blob.
  static std::optional<std::string> linked_oid(const std::filesystem::path& pointer);

  // What is put there. Errors: Fault::kDisk, with the path and the system's reason.
  /// The repository's folders, and CACHEDIR.TAG for backup programs.
  HubResult<void> prepare(const Repo& repo) const;
  HubResult<void> write_ref(const Repo& repo, const std::string& revision,
                            const std::string& commit) const;
  HubResult<void> write_tree(const Repo& repo, const std::string& commit, const Tree& tree) const;
  HubResult<void> write_no_exist(const Repo& repo, const std::string& commit,
                                 const std::string& path) const;
  /// Makes snapshots/<commit>/<path> lead to the blob: a relative link, or where links are not to
  /// be had the blob itself (`fresh`: nothing else uses it yet) or a copy. Replaces what is broken.
  HubResult<void> link(const Repo& repo, const std::string& commit, const std::string& path,
                       const std::string& oid, bool fresh) const;
  /// Removes what downloads that were killed left behind a day ago or longer.
  void sweep(const Repo& repo) const;

 private:
  HubResult<void> place(const Repo& repo, const std::filesystem::path& blob,
                        const std::filesystem::path& pointer, bool fresh) const;

  std::filesystem::path root_;
  bool use_symlinks_;
};

/// Eight random hexadecimal digits, for the names of temporary files.
std::string random_digits();

/// Fault::kDisk from errno.
HubError disk_error(int error_number, const std::string& what, const std::filesystem::path& path);

/// Writes beside the final name and renames; creates the folders above.
HubResult<void> replace_file(const std::filesystem::path& path, std::string_view text);

}  // namespace clairscore::hub
