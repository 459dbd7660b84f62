#include "hub/cache.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <random>
#include <system_error>
#include <utility>

#include "base/bytes.h"
#include "hub/header_values.h"

namespace clairscore::hub {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxRefBytes = 4096;
constexpr auto kAbandonedAfter = std::chrono::hours(24);
constexpr std::string_view kCacheTag =
    "Signature: 8a477f597d28d172789f06886806bc55\n"
    "# This file is a cache directory tag created by clairscore.\n"
    "# For information about cache directory tags, see:\n"
    "#\thttps://bford.info/cachedir/\n";

HubResult<void> make_folders(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return fail(disk_error(error.value(), "cannot create a folder", folder));
  return {};
}

/// "../../blobs/<oid>" from where the pointer is.
fs::path link_target(const std::string& path, const std::string& oid) {
  fs::path target = fs::path("..") / "..";
  for (const char c : path) {
    if (c == '/') target /= "..";
  }
  return target / "blobs" / oid;
}

bool no_links_here(int error_number) {
  return error_number == EPERM || error_number == EOPNOTSUPP || error_number == ENOSYS;
}

}  // namespace

std::string random_digits() {
  thread_local std::random_device device;
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (unsigned bits = device(), i = 0; i < 8; ++i, bits >>= 4U) text += digits[bits & 15U];
  return text;
}

HubError disk_error(int error_number, const std::string& what, const fs::path& path) {
  const std::string reason = std::generic_category().message(error_number);
  std::string accepted = "a cache folder that can be written to (HF_HOME, HF_HUB_CACHE)";
  if (error_number == ENOSPC || error_number == EDQUOT) accepted = "free space on the disk";
  return make_error(Fault::kDisk, what + ": " + reason, path.string(), accepted);
}

HubResult<void> replace_file(const fs::path& path, std::string_view text) {
  RETURN_IF_ERROR(make_folders(path.parent_path()));
  fs::path temporary = path;
  temporary += "." + random_digits() + ".tmp";
  const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (fd < 0) return fail(disk_error(errno, "cannot write", path));
  int error = 0;
  while (!text.empty() && error == 0) {
    const ssize_t put = ::write(fd, text.data(), text.size());
    if (put < 0 && errno != EINTR) error = errno;
    if (put > 0) text.remove_prefix(static_cast<std::size_t>(put));
  }
  if (::close(fd) != 0 && error == 0) error = errno;
  if (error == 0 && ::rename(temporary.c_str(), path.c_str()) != 0) error = errno;
  if (error == 0) return {};
  ::unlink(temporary.c_str());
  return fail(disk_error(error, "cannot write", path));
}

std::optional<std::string> Cache::read_ref(const Repo& repo, const std::string& revision) const {
  if (!is_safe_revision(revision)) return std::nullopt;
  auto text = read_text_file(repo_folder(repo) / "refs" / revision, kMaxRefBytes);
  if (!text) return std::nullopt;
  while (text->ends_with('\n')) text->pop_back();
  if (!is_commit_hash(*text)) return std::nullopt;
  return std::move(*text);
}

std::optional<Tree> Cache::read_tree(const Repo& repo, const std::string& commit) const {
  const auto text =
      read_text_file(repo_folder(repo) / "trees" / (commit + ".json"), kMostTreePageBytes);
  if (!text) return std::nullopt;
  auto tree = parse_tree_cache(*text);
  if (!tree) return std::nullopt;
  return std::move(*tree);
}

std::vector<std::string> Cache::commits(const Repo& repo) const {
  std::vector<std::pair<fs::file_time_type, std::string>> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(repo_folder(repo) / "snapshots", error)) {
    const std::string name = entry.path().filename().string();
    std::error_code ignored;
    if (is_commit_hash(name) && entry.is_directory(ignored)) {
      found.emplace_back(entry.last_write_time(ignored), name);
    }
  }
  std::sort(found.rbegin(), found.rend());
  std::vector<std::string> names;
  names.reserve(found.size());
  for (auto& [time, name] : found) names.push_back(std::move(name));
  return names;
}

std::vector<std::string> Cache::files(const Repo& repo, const std::string& commit) const {
  std::vector<std::string> paths;
  std::error_code error;
  const fs::path folder = snapshot(repo, commit);
  for (auto at = fs::recursive_directory_iterator(folder, error);
       !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    if (file_size(at->path())) paths.push_back(at->path().lexically_relative(folder).string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::optional<std::uint64_t> Cache::file_size(const fs::path& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return static_cast<std::uint64_t>(status.st_size);
}

std::optional<std::string> Cache::linked_oid(const fs::path& pointer) {
  std::error_code error;
  const fs::path target = fs::read_symlink(pointer, error);
  if (error || target.parent_path().filename() != "blobs") return std::nullopt;
  return content_etag(target.filename().string());
}

HubResult<void> Cache::prepare(const Repo& repo) const {
  RETURN_IF_ERROR(make_folders(blobs(repo)));
  std::error_code ignored;
  const fs::path tag = root_ / "CACHEDIR.TAG";
  if (fs::exists(tag, ignored)) return {};
  return replace_file(tag, kCacheTag);
}

HubResult<void> Cache::write_ref(const Repo& repo, const std::string& revision,
                                 const std::string& commit) const {
  if (revision == commit || read_ref(repo, revision) == commit) return {};
  if (!is_safe_revision(revision)) {
    return fail(make_error(Fault::kBadAnswer, "a revision that cannot be a file's name",
                           repo.text(), "a branch, a tag or a commit"));
  }
  return replace_file(repo_folder(repo) / "refs" / revision, commit);
}

HubResult<void> Cache::write_tree(const Repo& repo, const std::string& commit,
                                  const Tree& tree) const {
  return replace_file(repo_folder(repo) / "trees" / (commit + ".json"), tree_cache_json(tree));
}

HubResult<void> Cache::write_no_exist(const Repo& repo, const std::string& commit,
                                      const std::string& path) const {
  const fs::path marker = repo_folder(repo) / ".no_exist" / commit / path;
  std::error_code ignored;
  if (fs::exists(marker, ignored)) return {};
  return replace_file(marker, {});
}

HubResult<void> Cache::link(const Repo& repo, const std::string& commit, const std::string& path,
                            const std::string& oid, bool fresh) const {
  const fs::path pointer = snapshot(repo, commit) / path;
  RETURN_IF_ERROR(make_folders(pointer.parent_path()));
  if (!use_symlinks_) return place(repo, blob(repo, oid), pointer, fresh);
  const fs::path target = link_target(path, oid);
  if (::symlink(target.c_str(), pointer.c_str()) == 0) return {};
  if (no_links_here(errno)) return place(repo, blob(repo, oid), pointer, fresh);
  if (errno != EEXIST) return fail(disk_error(errno, "cannot link", pointer));
  std::error_code ignored;
  if (fs::read_symlink(pointer, ignored) == target) return {};  // another process was faster
  // A broken link, or another file: replaced in one step, by a link made where nobody looks.
  const fs::path aside = repo_folder(repo) / ".clairscore" / (random_digits() + ".link");
  RETURN_IF_ERROR(make_folders(aside.parent_path()));
  if (::symlink(target.c_str(), aside.c_str()) == 0) {
    if (::rename(aside.c_str(), pointer.c_str()) == 0) return {};
    const int error = errno;
    ::unlink(aside.c_str());
    return fail(disk_error(error, "cannot link", pointer));
  }
  return fail(disk_error(errno, "cannot link", aside));
}

/// Without links: the snapshot holds the file itself.
HubResult<void> Cache::place(const Repo& repo, const fs::path& blob, const fs::path& pointer,
                             bool fresh) const {
  if (fresh) {
    if (::rename(blob.c_str(), pointer.c_str()) == 0) return {};
    return fail(disk_error(errno, "cannot move a file into the snapshot", pointer));
  }
  const fs::path aside = blobs(repo) / (random_digits() + ".clairscore.incomplete");
  std::error_code error;
  fs::copy_file(blob, aside, error);
  if (!error) fs::rename(aside, pointer, error);
  if (!error) return {};
  std::error_code ignored;
  fs::remove(aside, ignored);
  return fail(disk_error(error.value(), "cannot copy a file into the snapshot", pointer));
}

void Cache::sweep(const Repo& repo) const {
  std::error_code error;
  const auto now = fs::file_time_type::clock::now();
  for (const auto& entry : fs::directory_iterator(blobs(repo), error)) {
    if (entry.path().extension() != ".incomplete") continue;
    std::error_code ignored;
    const auto changed = entry.last_write_time(ignored);
    if (!ignored && now - changed > kAbandonedAfter) fs::remove(entry.path(), ignored);
  }
}

}  // namespace clairscore::hub
