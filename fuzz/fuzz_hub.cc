// What a Hub, or whoever wrote the cache, can choose: file lists, records, headers, addresses,
// names and patterns.
//
// The input is a header's value, a line end, and bytes that are read as each kind of JSON.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "hub/fnmatch.h"
#include "hub/header_values.h"
#include "hub/record.h"
#include "hub/repo.h"
#include "hub/snapshot.h"
#include "hub/tree.h"
#include "hub/url.h"

namespace {

using namespace clairscore;
using namespace clairscore::hub;

void require(bool condition) {
  if (!condition) std::abort();
}

/// A list that was accepted holds only what may be joined to a folder, and is read again as
/// written.
void check_tree(const Tree& tree) {
  std::vector<std::string> paths;
  for (const TreeFile& file : tree) {
    const auto below = (std::filesystem::path("/cache") / file.path).lexically_normal();
    require(below.string().starts_with("/cache/"));
    require(content_etag(file.oid()) == file.oid());
    paths.push_back(file.path);
  }
  require(parse_tree_cache(tree_cache_json(tree)).has_value());
  for (const Chooser& choose : {choose_model(""), choose_data(), choose_matching({"*.pkl"})}) {
    const auto chosen = choose(paths);
    if (!chosen) continue;
    for (const std::string& path : chosen->required) require(find_file(tree, path) != nullptr);
    for (const std::string& path : chosen->optional) require(find_file(tree, path) != nullptr);
  }
}

void check_json(std::string_view json) {
  Tree tree;
  if (append_tree_page(json, tree) && finish_tree(tree)) check_tree(tree);
  if (const auto cached = parse_tree_cache(json)) check_tree(*cached);
  if (const auto sha = parse_revision(json)) require(is_commit_hash(*sha));
  const std::string_view sha = "0123456789abcdef0123456789abcdef01234567";
  if (const auto date = parse_commit_date(json, sha)) {
    require(date->time_since_epoch().count() >= 0);
  }
  if (const auto record = parse_record(json)) {
    const std::string text = record_json(*record);
    const auto again = parse_record(text);
    require(again && record_json(*again) == text);
    require(record->pinned.empty() || is_commit_hash(record->pinned));
  }
}

void check_value(const std::string& value) {
  const std::chrono::system_clock::time_point now(std::chrono::seconds(1'785'585'600));
  if (const auto etag = content_etag(value)) require(is_safe_path(*etag));
  if (const auto wait = retry_after(value, now)) require(wait->count() >= 0);
  if (const auto wait = rate_limit_reset(value)) require(wait->count() >= 0);
  if (const auto range = content_range(value)) require(range->first <= range->last);
  if (const auto link = next_link(value)) require(!link->empty());
  if (const auto url = resolve_location("https://hub.example/a/b", value)) {
    require(url->starts_with("http://") || url->starts_with("https://"));
    require(origin_of(*url).has_value());
    require(shown_url(*url).find('?') == std::string::npos);
  }
  if (const auto repo = parse_repo(RepoType::kModel, value)) {
    require(is_safe_path(repo->folder_name()));
  }
  if (is_safe_revision(value)) {
    const auto below = (std::filesystem::path("/refs") / value).lexically_normal();
    require(below.string().starts_with("/refs/"));
  }
  matches_pattern(value, value);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t line = input.find('\n');
  check_value(std::string(input.substr(0, line)));
  if (line != std::string_view::npos) check_json(input.substr(line + 1));
  return 0;
}
