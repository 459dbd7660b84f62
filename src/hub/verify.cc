#include "hub/verify.h"

#include <sys/stat.h>

#include <algorithm>
#include <map>
#include <optional>
#include <system_error>
#include <utility>

#include "base/bytes.h"
#include "hub/content_hash.h"
#include "hub/header_values.h"

namespace clairscore::hub {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPiece = std::size_t{4} << 20U;

class Verifier {
 public:
  Verifier(const Cache& cache, const Repo& repo, std::stop_token stop)
      : cache_(cache), repo_(repo), stop_(std::move(stop)) {}

  HubResult<CacheVerdict> run() {
    std::error_code error;
    if (!fs::is_directory(cache_.repo_folder(repo_), error)) {
      return fail(make_error(Fault::kNotCached, repo_.text() + " is not in the cache",
                             cache_.repo_folder(repo_).string(), "a repository that was fetched"));
    }
    for (const std::string& commit : cache_.commits(repo_)) check_snapshot(commit);
    for (const auto& entry : fs::directory_iterator(cache_.blobs(repo_), error)) {
      const auto oid = content_etag(entry.path().filename().string());
      if (oid) check(entry.path(), *oid);
    }
    if (stop_.stop_requested()) return fail(make_error(Fault::kStopped, "stopped", {}));
    std::sort(verdict_.bad.begin(), verdict_.bad.end(),
              [](const BadFile& a, const BadFile& b) { return a.path < b.path; });
    return std::move(verdict_);
  }

 private:
  void check_snapshot(const std::string& commit) {
    const fs::path folder = cache_.snapshot(repo_, commit);
    const auto tree = cache_.read_tree(repo_, commit);
    std::error_code error;
    for (auto at = fs::recursive_directory_iterator(folder, error);
         !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
      std::error_code ignored;
      if (at->is_directory(ignored)) continue;
      const std::string path = at->path().lexically_relative(folder).string();
      const TreeFile* listed = tree ? find_file(*tree, path) : nullptr;
      auto oid = Cache::linked_oid(at->path());
      if (listed != nullptr && oid && *oid != listed->oid()) {
        bad(at->path(), "leads to " + *oid + ", not to " + listed->oid());
        continue;
      }
      if (listed != nullptr) oid = listed->oid();
      if (oid) {
        check(at->path(), *oid);
      } else if (Cache::file_size(at->path())) {
        verdict_.unnamed.push_back(at->path());
      } else {
        bad(at->path(), "a link that leads nowhere");
      }
    }
  }

  void bad(const fs::path& path, std::string problem) {
    verdict_.bad.push_back({path, std::move(problem)});
  }

  void check(const fs::path& path, const std::string& oid) {
    if (stop_.stop_requested()) return;
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0) {
      return bad(path, errno == ENOENT
                           ? "a link that leads nowhere"
                           : "cannot be read: " + std::generic_category().message(errno));
    }
    // The bytes behind several names are hashed once; each name is judged by them.
    const auto key = std::make_pair(status.st_dev, status.st_ino);
    auto known = hashed_.find(key);
    if (known == hashed_.end()) {
      known = hashed_.emplace(key, content_of(path, oid)).first;
      ++verdict_.files;
      verdict_.bytes += static_cast<std::uint64_t>(status.st_size);
      if (stop_.stop_requested()) return;
      if (!known->second) return bad(path, "cannot be read");
      if (*known->second != oid) bad(path, "its content is " + *known->second + ", not " + oid);
    } else if (known->second && known->second->size() == oid.size() && *known->second != oid) {
      bad(path, "its content is " + *known->second + ", not " + oid);
    }
  }

  std::optional<std::string> content_of(const fs::path& path, const std::string& oid) const {
    const auto mapped = MappedFile::open(path);
    if (!mapped) return std::nullopt;
    const ByteSpan bytes = mapped->bytes();
    ContentHash hash(oid, bytes.size());
    for (std::size_t at = 0; at < bytes.size() && !stop_.stop_requested(); at += kPiece) {
      const std::size_t size = std::min(kPiece, bytes.size() - at);
      hash.update(bytes.subspan(at, size));
      mapped->release(at, size);
    }
    return hash.finish();
  }

  const Cache& cache_;
  const Repo& repo_;
  std::stop_token stop_;
  CacheVerdict verdict_;
  std::map<std::pair<dev_t, ino_t>, std::optional<std::string>> hashed_;
};

}  // namespace

HubResult<CacheVerdict> verify_repo(const Cache& cache, const Repo& repo, std::stop_token stop) {
  return Verifier(cache, repo, std::move(stop)).run();
}

}  // namespace clairscore::hub
