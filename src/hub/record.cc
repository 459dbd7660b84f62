#include "hub/record.h"

#include <fcntl.h>
#include <simdjson.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "base/json_writer.h"
#include "hub/cache.h"
#include "hub/repo.h"

namespace clairscore::hub {

namespace {

namespace dom = simdjson::dom;
namespace fs = std::filesystem;
using TimePoint = std::chrono::system_clock::time_point;

constexpr std::uint64_t kMaxRecordBytes = std::uint64_t{1} << 20U;
constexpr std::size_t kMostReason = 1000;
constexpr std::size_t kMostDepth = 8;
/// In the year 2255: what is later is no time of ours, and would overflow the clock's nanoseconds.
constexpr std::int64_t kLatest = 9'000'000'000;

fs::path record_path(const fs::path& repo_folder) {
  return repo_folder / ".clairscore" / "record.json";
}

std::int64_t seconds_of(TimePoint time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

TimePoint time_of(dom::object object, std::string_view key) {
  std::int64_t seconds = 0;
  if (object.at_key(key).get(seconds) != simdjson::SUCCESS) return {};
  return TimePoint(std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, kLatest)));
}

std::string text_of(dom::object object, std::string_view key) {
  std::string_view text;
  return object.at_key(key).get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

template <typename Items>
void keep_newest(Items& items, std::size_t most = Record::kMostGood) {
  if (items.size() <= most) return;
  items.erase(items.begin(), items.end() - static_cast<std::ptrdiff_t>(most));
}

template <typename Items>
auto position(Items& items, std::string_view commit) {
  return std::find_if(items.begin(), items.end(),
                      [&](const auto& item) { return item.commit == commit; });
}

/// The objects of a list that name a commit.
template <typename Add>
void for_each_commit(dom::object root, std::string_view key, const Add& add) {
  dom::array items;
  if (root.at_key(key).get(items) != simdjson::SUCCESS) return;
  for (const dom::element item : items) {
    dom::object object;
    if (item.get(object) != simdjson::SUCCESS) continue;
    std::string commit = text_of(object, "commit");
    if (is_commit_hash(commit)) add(std::move(commit), object);
  }
}

}  // namespace

void Record::add_good(const std::string& commit, const std::string& revision, TimePoint now) {
  GoodCommit entry{commit, revision, now};
  if (!good.empty() && good.back().commit == commit) entry.since = good.back().since;
  if (const auto at = position(good, commit); at != good.end()) good.erase(at);
  good.push_back(std::move(entry));
  if (const auto at = position(refused, commit); at != refused.end()) refused.erase(at);
  keep_newest(good);
}

void Record::add_refused(const std::string& commit, const std::string& reason, TimePoint now) {
  RefusedCommit entry{commit, reason.substr(0, kMostReason), now, 1};
  if (const auto at = position(refused, commit); at != refused.end()) {
    entry.times = at->times + 1;
    refused.erase(at);
  }
  refused.push_back(std::move(entry));
  keep_newest(refused);
}

void Record::add_date(const std::string& commit, TimePoint made_at) {
  if (const auto at = position(dates, commit); at != dates.end()) dates.erase(at);
  dates.push_back({commit, made_at});
  keep_newest(dates, kMostDates);
}

TimePoint Record::date_of(std::string_view commit) const {
  const auto at = position(dates, commit);
  return at == dates.end() ? TimePoint() : at->made_at;
}

const RefusedCommit* Record::refused_commit(std::string_view commit) const {
  const auto at = position(refused, commit);
  return at == refused.end() ? nullptr : &*at;
}

const GoodCommit* Record::last_good() const {
  return good.empty() ? nullptr : &good.back();
}

const GoodCommit* Record::previous_good(std::string_view commit) const {
  auto at = position(good, commit);
  if (at == good.end() && !good.empty()) at = std::prev(good.end());
  return at == good.end() || at == good.begin() ? nullptr : &*std::prev(at);
}

const std::string& Record::effective_revision(const std::string& revision) const {
  return pinned.empty() ? revision : pinned;
}

Result<Record> parse_record(std::string_view json) {
  const auto refuse = [](const std::string& what) {
    return fail(ErrorCode::kInput, what, "record.json", "what clairscore wrote there");
  };
  dom::parser parser;
  const simdjson::padded_string text(json);
  if (parser.allocate(std::max<std::size_t>(text.size(), 1), kMostDepth) != simdjson::SUCCESS) {
    return refuse("no memory to read the record");
  }
  dom::element root;
  if (const auto error = parser.parse(text).get(root); error != simdjson::SUCCESS) {
    return refuse(std::string("not JSON: ") + simdjson::error_message(error));
  }
  dom::object object;
  std::int64_t format = 0;
  if (root.get(object) != simdjson::SUCCESS ||
      object.at_key("format").get(format) != simdjson::SUCCESS || format != 1) {
    return refuse("a record of another format");
  }
  Record record;
  for_each_commit(object, "good", [&](std::string commit, dom::object item) {
    record.good.push_back({std::move(commit), text_of(item, "revision"), time_of(item, "since")});
  });
  for_each_commit(object, "refused", [&](std::string commit, dom::object item) {
    std::int64_t times = 1;
    if (item.at_key("times").get(times) != simdjson::SUCCESS) times = 1;
    record.refused.push_back({std::move(commit), text_of(item, "reason"), time_of(item, "at"),
                              static_cast<int>(std::clamp<std::int64_t>(times, 1, 1'000'000))});
  });
  for_each_commit(object, "dates", [&](std::string commit, dom::object item) {
    record.dates.push_back({std::move(commit), time_of(item, "made_at")});
  });
  keep_newest(record.good);
  keep_newest(record.refused);
  keep_newest(record.dates, Record::kMostDates);
  if (std::string pinned = text_of(object, "pinned"); is_commit_hash(pinned)) {
    record.pinned = std::move(pinned);
  }
  record.confirmed_commit = text_of(object, "confirmed_commit");
  record.confirmed_revision = text_of(object, "confirmed_revision");
  record.confirmed_at = time_of(object, "confirmed_at");
  return record;
}

std::string record_json(const Record& record) {
  JsonWriter json;
  json.begin_object().member("format", 1).key("good").begin_array();
  for (const GoodCommit& entry : record.good) {
    json.begin_object().member("commit", entry.commit).member("revision", entry.revision);
    json.member("since", seconds_of(entry.since)).end_object();
  }
  json.end_array().key("refused").begin_array();
  for (const RefusedCommit& entry : record.refused) {
    json.begin_object().member("commit", entry.commit).member("reason", entry.reason);
    json.member("at", seconds_of(entry.at)).member("times", entry.times).end_object();
  }
  json.end_array().key("dates").begin_array();
  for (const CommitDate& entry : record.dates) {
    json.begin_object().member("commit", entry.commit);
    json.member("made_at", seconds_of(entry.made_at)).end_object();
  }
  json.end_array().member("pinned", record.pinned);
  json.member("confirmed_commit", record.confirmed_commit);
  json.member("confirmed_revision", record.confirmed_revision);
  json.member("confirmed_at", seconds_of(record.confirmed_at)).end_object();
  return json.take() + "\n";
}

Record read_record(const fs::path& repo_folder) {
  const auto text = read_text_file(record_path(repo_folder), kMaxRecordBytes);
  if (!text) return {};
  auto record = parse_record(*text);
  return record ? std::move(*record) : Record();
}

Result<void> update_record(const fs::path& repo_folder,
                           const std::function<void(Record&)>& change) {
  const fs::path path = record_path(repo_folder);
  std::error_code ignored;
  fs::create_directories(path.parent_path(), ignored);
  const fs::path lock_path = path.parent_path() / "record.lock";
  // Waits: the others hold it for a moment. Without a lock, the last to rename wins.
  const int lock = ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0664);
  if (lock >= 0) ::flock(lock, LOCK_EX);
  Record record = read_record(repo_folder);
  const std::string before = record_json(record);
  change(record);
  const std::string after = record_json(record);
  HubResult<void> written;
  std::error_code missing;
  if (after != before || !fs::exists(path, missing)) written = replace_file(path, after);
  if (lock >= 0) ::close(lock);
  if (!written) return clairscore::fail(std::move(written.error().error));
  return {};
}

}  // namespace clairscore::hub
