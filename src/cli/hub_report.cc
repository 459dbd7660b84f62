#include "cli/hub_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/clock.h"
#include "base/json_writer.h"

namespace clairscore {

namespace {

std::uint64_t bytes_of(const std::vector<hub::SnapshotFile>& files) {
  std::uint64_t bytes = 0;
  for (const hub::SnapshotFile& file : files) bytes += file.size;
  return bytes;
}

std::string megabytes(std::uint64_t bytes) {
  return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
}

const char* type_name(const hub::Repo& repo) {
  return repo.type == hub::RepoType::kModel ? "model" : "dataset";
}

/// Whole seconds are exact enough for people.
std::string time_text(Time time) {
  return iso8601_utc(time).substr(0, 19) + "Z";
}

void write_snapshot(JsonWriter& json, const hub::Snapshot& snapshot) {
  json.member("commit", snapshot.commit).member("folder", snapshot.folder.string());
  if (snapshot.committed_at != Time()) {
    json.member("committed_at", iso8601_utc(snapshot.committed_at));
  }
  json.member("confirmed_at", iso8601_utc(snapshot.confirmed_at));
  json.member("bytes", bytes_of(snapshot.files));
  json.key("files").begin_array();
  for (const hub::SnapshotFile& file : snapshot.files) {
    json.begin_object().member("path", file.path).member("oid", file.oid);
    json.member("size", file.size).end_object();
  }
  json.end_array().key("missing").strings(snapshot.missing);
}

void write_repo(JsonWriter& json, const hub::Repo& repo) {
  json.member("type", type_name(repo)).member("id", repo.id);
}

void append_status(std::string& out, const hub::Hub& client, const hub::SnapshotRequest& request,
                   Time now) {
  const hub::Record record = hub::read_record(client.repo_folder(request.repo));
  hub::SnapshotRequest effective = request;
  effective.revision = record.effective_revision(request.revision);
  const auto snapshot = client.cached(effective);
  out += request.repo.text() + "\n";
  out += "  follows    " + request.revision +
         (record.pinned.empty() ? "" : ", but is rolled back to " + record.pinned) + "\n";
  if (snapshot) {
    out += "  commit     " + snapshot->commit;
    if (snapshot->committed_at != Time()) out += " of " + time_text(snapshot->committed_at);
    out += "\n";
    out += fmt::format("  confirmed  {} ({})\n", time_text(snapshot->confirmed_at),
                       ago(now - snapshot->confirmed_at));
    out += fmt::format("  files      {}, {}, in {}\n", snapshot->files.size(),
                       megabytes(bytes_of(snapshot->files)), snapshot->folder.string());
    for (const std::string& path : snapshot->missing) out += "  without    " + path + "\n";
  } else {
    out += "  files      " + to_string(snapshot.error().error) + "\n";
  }
  for (auto good = record.good.rbegin(); good != record.good.rend(); ++good) {
    out += fmt::format("  served     {} since {}\n", good->commit, time_text(good->since));
  }
  for (auto bad = record.refused.rbegin(); bad != record.refused.rend(); ++bad) {
    out += fmt::format("  refused    {} at {}: {}\n", bad->commit, time_text(bad->at), bad->reason);
  }
}

}  // namespace

std::string ago(std::chrono::system_clock::duration age) {
  const auto seconds =
      std::max<std::int64_t>(std::chrono::duration_cast<std::chrono::seconds>(age).count(), 0);
  const auto text = [](std::int64_t count, const char* unit) {
    return fmt::format("{} {}{} ago", count, unit, count == 1 ? "" : "s");
  };
  if (seconds < 120) return text(seconds, "second");
  if (seconds < 7'200) return text(seconds / 60, "minute");
  if (seconds < 172'800) return text(seconds / 3600, "hour");
  return text(seconds / 86'400, "day");
}

std::string sync_text(const std::vector<hub::Snapshot>& snapshots) {
  std::string out;
  for (const hub::Snapshot& snapshot : snapshots) {
    out += fmt::format("{} at {}: {} files, {}, in {}\n", snapshot.repo.text(), snapshot.commit,
                       snapshot.files.size(), megabytes(bytes_of(snapshot.files)),
                       snapshot.folder.string());
  }
  return out;
}

std::string sync_json(const std::vector<hub::Snapshot>& snapshots) {
  JsonWriter json;
  json.begin_array();
  for (const hub::Snapshot& snapshot : snapshots) {
    json.begin_object();
    write_repo(json, snapshot.repo);
    json.member("revision", snapshot.revision);
    write_snapshot(json, snapshot);
    json.end_object();
  }
  json.end_array();
  return json.take() + "\n";
}

std::string status_text(const hub::Hub& client, const std::vector<hub::SnapshotRequest>& requests,
                        Time now) {
  std::string out = "cache " + client.settings().cache.string() + "\n";
  for (const hub::SnapshotRequest& request : requests) append_status(out, client, request, now);
  return out;
}

std::string status_json(const hub::Hub& client, const std::vector<hub::SnapshotRequest>& requests,
                        Time now) {
  JsonWriter json;
  json.begin_object().member("cache", client.settings().cache.string()).key("repos").begin_array();
  for (const hub::SnapshotRequest& request : requests) {
    const hub::Record record = hub::read_record(client.repo_folder(request.repo));
    hub::SnapshotRequest effective = request;
    effective.revision = record.effective_revision(request.revision);
    const auto snapshot = client.cached(effective);
    json.begin_object();
    write_repo(json, request.repo);
    json.member("revision", request.revision);
    json.key("pinned");
    record.pinned.empty() ? json.null() : json.string(record.pinned);
    json.key("snapshot");
    if (snapshot) {
      json.begin_object();
      write_snapshot(json, *snapshot);
      const auto age =
          std::chrono::duration_cast<std::chrono::seconds>(now - snapshot->confirmed_at);
      json.member("age_seconds", age.count()).end_object();
    } else {
      json.null().member("problem", to_string(snapshot.error().error));
      json.member("fault", hub::fault_name(snapshot.error().fault));
    }
    json.key("served").begin_array();
    for (const hub::GoodCommit& good : record.good) {
      json.begin_object().member("commit", good.commit);
      json.member("since", iso8601_utc(good.since)).end_object();
    }
    json.end_array().key("refused").begin_array();
    for (const hub::RefusedCommit& bad : record.refused) {
      json.begin_object().member("commit", bad.commit).member("reason", bad.reason);
      json.member("at", iso8601_utc(bad.at)).member("times", bad.times).end_object();
    }
    json.end_array().end_object();
  }
  json.end_array().end_object();
  return json.take() + "\n";
}

std::string verify_text(const std::vector<VerifiedRepo>& repos) {
  std::string out;
  for (const VerifiedRepo& one : repos) {
    const hub::CacheVerdict& verdict = one.verdict;
    out += fmt::format("{}: {} files, {}: {}\n", one.repo.text(), verdict.files,
                       megabytes(verdict.bytes),
                       verdict.bad.empty() ? "all are what the Hub named"
                                           : fmt::format("{} bad", verdict.bad.size()));
    for (const hub::BadFile& bad : verdict.bad) {
      out += "  bad      " + bad.path.string() + ": " + bad.problem + "\n";
    }
    for (const auto& path : verdict.unnamed) {
      out += "  unnamed  " + path.string() + ": nothing says what it should hold\n";
    }
  }
  return out;
}

std::string verify_json(const std::vector<VerifiedRepo>& repos) {
  JsonWriter json;
  json.begin_array();
  for (const VerifiedRepo& one : repos) {
    json.begin_object();
    write_repo(json, one.repo);
    json.member("files", one.verdict.files).member("bytes", one.verdict.bytes);
    json.key("bad").begin_array();
    for (const hub::BadFile& bad : one.verdict.bad) {
      json.begin_object().member("path", bad.path.string());
      json.member("problem", bad.problem).end_object();
    }
    json.end_array().key("unnamed").begin_array();
    for (const auto& path : one.verdict.unnamed) json.string(path.string());
    json.end_array().end_object();
  }
  json.end_array();
  return json.take() + "\n";
}

std::string rollback_text(const std::vector<hub::Rollback>& rollbacks) {
  std::string out;
  for (const hub::Rollback& one : rollbacks) {
    out += one.repo.text();
    out += one.to.empty() ? ": follows its revision again, no longer " + one.from
                          : ": serves " + one.to + " until `clairscore hub rollback --undo`";
    if (!one.to.empty() && !one.from.empty()) out += " (was " + one.from + ")";
    out += "\n";
  }
  return rollbacks.empty() ? "nothing was rolled back\n" : out;
}

std::string rollback_json(const std::vector<hub::Rollback>& rollbacks) {
  JsonWriter json;
  json.begin_array();
  for (const hub::Rollback& one : rollbacks) {
    json.begin_object();
    write_repo(json, one.repo);
    json.key("from");
    one.from.empty() ? json.null() : json.string(one.from);
    json.key("to");
    one.to.empty() ? json.null() : json.string(one.to);
    json.end_object();
  }
  json.end_array();
  return json.take() + "\n";
}

}  // namespace clairscore
