#include "hub/repo.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>

#include "base/excerpt.h"

namespace clairscore::hub {

namespace {

constexpr std::size_t kMostIdPart = 96;
constexpr std::size_t kMostPath = 1024;
constexpr std::size_t kMostRevision = 255;
/// The longest name a file may have on the file systems there are.
constexpr std::size_t kMostName = 255;

/// Of models and tables: a name that ends so is a file that is not there.
constexpr std::array<std::string_view, 10> kFileSuffixes = {
    ".csv", ".csv.gz", ".pkl", ".joblib", ".skops", ".cbm", ".json", ".ubj", ".txt", ".gz"};

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool is_id_part(std::string_view part) {
  if (part.empty() || part.size() > kMostIdPart) return false;
  if (!is_word(part.front()) || !is_word(part.back())) return false;
  return std::all_of(part.begin(), part.end(),
                     [](char c) { return is_word(c) || c == '-' || c == '.'; });
}

bool is_id(std::string_view id) {
  if (id.find("--") != std::string_view::npos || id.find("..") != std::string_view::npos ||
      id.ends_with(".git")) {
    return false;
  }
  const std::size_t slash = id.find('/');
  if (slash == std::string_view::npos) return is_id_part(id);
  return is_id_part(id.substr(0, slash)) && is_id_part(id.substr(slash + 1));
}

}  // namespace

std::string Repo::folder_name() const {
  std::string name = type == RepoType::kModel ? "models" : "datasets";
  name += "--";
  for (const char c : id) {
    if (c == '/') {
      name += "--";
    } else {
      name += c;
    }
  }
  return name;
}

std::string Repo::api_path() const {
  return (type == RepoType::kModel ? "/api/models/" : "/api/datasets/") + id;
}

std::string Repo::web_path() const {
  return (type == RepoType::kModel ? "/" : "/datasets/") + id;
}

std::string Repo::text() const {
  return (type == RepoType::kModel ? "model " : "dataset ") + id;
}

Result<Repo> parse_repo(RepoType type, std::string_view id) {
  if (is_id(id)) return Repo{type, std::string(id)};
  return fail(ErrorCode::kUsage, quote_excerpt(id) + " cannot be the name of a repository", {},
              "organisation/name of letters, digits, '-', '_' and '.'");
}

bool names_a_repo(std::string_view text) {
  if (!is_id(text) || text.find('/') == std::string_view::npos) return false;
  for (const std::string_view suffix : kFileSuffixes) {
    if (text.ends_with(suffix)) return false;
  }
  std::error_code ignored;
  return !std::filesystem::exists(std::filesystem::path(text), ignored);
}

bool is_commit_hash(std::string_view text) {
  return text.size() == 40 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

bool is_safe_path(std::string_view path) {
  if (path.empty() || path.size() > kMostPath) return false;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F || c == '\\') return false;
  }
  if (path.size() >= 2 && path[1] == ':') return false;
  while (true) {
    const std::size_t slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    if (part.empty() || part == "." || part == ".." || part.size() > kMostName) return false;
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
}

bool is_safe_revision(std::string_view revision) {
  return revision.size() <= kMostRevision && is_safe_path(revision);
}

}  // namespace clairscore::hub
