#include "hub/tree.h"

#include <simdjson.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "base/clock.h"
#include "base/excerpt.h"
#include "base/json_writer.h"
#include "hub/header_values.h"
#include "hub/repo.h"

namespace clairscore::hub {

namespace {

namespace dom = simdjson::dom;

constexpr std::size_t kMostDepth = 64;

tl::unexpected<Error> not_a_listing(std::string what, std::string where = "file list") {
  return fail(ErrorCode::kInput, std::move(what), std::move(where),
              "the list of a repository's files as the Hub sends it");
}

Result<dom::element> parse(dom::parser& parser, const simdjson::padded_string& text) {
  if (text.size() > kMostTreePageBytes) {
    return fail(ErrorCode::kLimit, "a file list of " + std::to_string(text.size()) + " bytes",
                "file list", "at most " + std::to_string(kMostTreePageBytes) + " bytes");
  }
  if (parser.allocate(std::max<std::size_t>(text.size(), 1), kMostDepth) != simdjson::SUCCESS) {
    return fail(ErrorCode::kLimit, "no memory to read a file list", "file list");
  }
  dom::element root;
  if (const auto error = parser.parse(text).get(root); error != simdjson::SUCCESS) {
    return not_a_listing(std::string("not JSON: ") + simdjson::error_message(error));
  }
  return root;
}

std::optional<std::string_view> text_of(dom::object object, std::string_view key) {
  std::string_view value;
  if (object.at_key(key).get(value) != simdjson::SUCCESS) return std::nullopt;
  return value;
}

std::optional<std::uint64_t> size_of(dom::object object, std::string_view key) {
  std::uint64_t value = 0;
  if (object.at_key(key).get(value) != simdjson::SUCCESS) return std::nullopt;
  // Sizes are added up and compared with signed offsets.
  if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) / 4) {
    return std::nullopt;
  }
  return value;
}

bool is_hash(std::string_view text, std::size_t digits) {
  return text.size() == digits && content_etag(text) == std::string(text);
}

std::optional<std::string> hash_of(dom::object object, std::string_view key, std::size_t digits) {
  const auto text = text_of(object, key);
  if (!text || !is_hash(*text, digits)) return std::nullopt;
  return std::string(*text);
}

Result<void> append(Tree& tree, TreeFile file) {
  if (!is_safe_path(file.path)) {
    return not_a_listing("a path that would leave the cache", quote_excerpt(file.path));
  }
  if (tree.size() >= kMostTreeFiles) {
    return fail(ErrorCode::kLimit, "a repository of too many files", "file list",
                "at most " + std::to_string(kMostTreeFiles) + " files");
  }
  tree.push_back(std::move(file));
  return {};
}

Result<void> append_item(dom::object item, Tree& tree) {
  const auto type = text_of(item, "type");
  if (type == "directory") return {};
  if (type != "file") return not_a_listing("an entry that is neither file nor directory");
  TreeFile file;
  const auto path = text_of(item, "path");
  if (!path) return not_a_listing("a file without path");
  file.path = *path;
  const auto size = size_of(item, "size");
  auto oid = hash_of(item, "oid", 40);
  if (!size || !oid) {
    return not_a_listing("a file without size and oid", quote_excerpt(file.path));
  }
  file.size = *size;
  file.blob_id = std::move(*oid);
  dom::object lfs;
  if (item.at_key("lfs").get(lfs) == simdjson::SUCCESS) {
    file.lfs_sha256 = hash_of(lfs, "oid", 64);
    const auto lfs_size = size_of(lfs, "size");
    if (!file.lfs_sha256 || !lfs_size) {
      return not_a_listing("a large file without sha256 and size", quote_excerpt(file.path));
    }
    file.lfs_size = *lfs_size;
  }
  file.xet_hash = hash_of(item, "xetHash", 64);
  return append(tree, std::move(file));
}

}  // namespace

const TreeFile* find_file(const Tree& tree, std::string_view path) {
  const auto at = std::lower_bound(
      tree.begin(), tree.end(), path,
      [](const TreeFile& file, std::string_view wanted) { return file.path < wanted; });
  return at != tree.end() && at->path == path ? &*at : nullptr;
}

Result<void> append_tree_page(std::string_view json, Tree& tree) {
  dom::parser parser;
  const simdjson::padded_string text(json);
  ASSIGN_OR_RETURN(const dom::element root, parse(parser, text));
  dom::array items;
  if (root.get(items) != simdjson::SUCCESS) return not_a_listing("JSON that is not a list");
  for (const dom::element item : items) {
    dom::object object;
    if (item.get(object) != simdjson::SUCCESS) return not_a_listing("an entry that is no object");
    RETURN_IF_ERROR(append_item(object, tree));
  }
  return {};
}

Result<void> finish_tree(Tree& tree) {
  std::sort(tree.begin(), tree.end(),
            [](const TreeFile& a, const TreeFile& b) { return a.path < b.path; });
  const auto twice =
      std::adjacent_find(tree.begin(), tree.end(),
                         [](const TreeFile& a, const TreeFile& b) { return a.path == b.path; });
  if (twice != tree.end()) return not_a_listing("a file listed twice", quote_excerpt(twice->path));
  return {};
}

Result<Tree> parse_tree_cache(std::string_view json) {
  dom::parser parser;
  const simdjson::padded_string text(json);
  ASSIGN_OR_RETURN(const dom::element root, parse(parser, text));
  std::uint64_t version = 0;
  dom::object files;
  if (root["format_version"].get(version) != simdjson::SUCCESS || version != 1 ||
      root["files"].get(files) != simdjson::SUCCESS) {
    return not_a_listing("a cached file list of another format");
  }
  Tree tree;
  for (const auto& [path, value] : files) {
    TreeFile file;
    file.path = path;
    dom::object object;
    if (value.get(object) != simdjson::SUCCESS) return not_a_listing("an entry that is no object");
    const auto size = size_of(object, "size");
    auto oid = hash_of(object, "blob_id", 40);
    if (!size || !oid) {
      return not_a_listing("a file without size and blob_id", quote_excerpt(file.path));
    }
    file.size = *size;
    file.blob_id = std::move(*oid);
    file.lfs_sha256 = hash_of(object, "lfs_sha256", 64);
    if (file.lfs_sha256) {
      const auto lfs_size = size_of(object, "lfs_size");
      if (!lfs_size) return not_a_listing("a large file without size", quote_excerpt(file.path));
      file.lfs_size = *lfs_size;
    }
    file.xet_hash = hash_of(object, "xet_hash", 64);
    RETURN_IF_ERROR(append(tree, std::move(file)));
  }
  RETURN_IF_ERROR(finish_tree(tree));
  return tree;
}

std::string tree_cache_json(const Tree& tree) {
  JsonWriter json;
  json.begin_object().member("format_version", 1).key("files").begin_object();
  for (const TreeFile& file : tree) {
    json.key(file.path).begin_object();
    json.member("size", file.size).member("blob_id", file.blob_id);
    if (file.lfs_sha256) {
      json.member("lfs_sha256", *file.lfs_sha256).member("lfs_size", file.lfs_size);
    }
    if (file.xet_hash) json.member("xet_hash", *file.xet_hash);
    json.end_object();
  }
  json.end_object().end_object();
  return json.take();
}

Result<std::string> parse_revision(std::string_view json) {
  dom::parser parser;
  const simdjson::padded_string text(json);
  ASSIGN_OR_RETURN(const dom::element root, parse(parser, text));
  std::string_view sha;
  if (root["sha"].get(sha) != simdjson::SUCCESS || !is_commit_hash(sha)) {
    return fail(ErrorCode::kInput, "no commit in what is known of the revision", "sha",
                "forty hexadecimal digits");
  }
  return std::string(sha);
}

Result<std::chrono::system_clock::time_point> parse_commit_date(std::string_view json,
                                                                std::string_view commit) {
  dom::parser parser;
  const simdjson::padded_string text(json);
  ASSIGN_OR_RETURN(const dom::element root, parse(parser, text));
  std::string_view id;
  std::string_view date;
  const auto latest = root.at(0);
  if (latest["id"].get(id) != simdjson::SUCCESS || id != commit) {
    return fail(ErrorCode::kInput, "an answer about another commit", "id", std::string(commit));
  }
  const auto made_at =
      latest["date"].get(date) == simdjson::SUCCESS ? parse_utc(date) : std::nullopt;
  if (!made_at) {
    return fail(ErrorCode::kInput, "no date", "date", "ISO 8601 in UTC: 2024-02-19T10:57:45.000Z");
  }
  return *made_at;
}

}  // namespace clairscore::hub
