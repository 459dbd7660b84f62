#pragma once

// Which commits of a repository were served well, when they were made, and whether an older one is
// pinned: what rollback and a start without network need. One small JSON file in the repository's
// cache folder,
// `.clairscore/record.json`, which the Python client ignores; replaced by rename, so a reader sees
// the old one or the new one. Values; update() takes a lock between processes.

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace clairscore::hub {

struct GoodCommit {
  std::string commit;
  std::string revision;                         // what it was reached by
  std::chrono::system_clock::time_point since;  // first served
};

struct RefusedCommit {
  std::string commit;
  std::string reason;
  std::chrono::system_clock::time_point at;
  int times = 1;
};

struct CommitDate {
  std::string commit;
  std::chrono::system_clock::time_point made_at;
};

struct Record {
  std::vector<GoodCommit> good;        // oldest first, each once, at most kMostGood
  std::vector<RefusedCommit> refused;  // oldest first, at most kMostGood
  std::vector<CommitDate> dates;       // as the Hub says, at most kMostDates
  std::string pinned;                  // a commit; empty: the revision is followed
  /// When the Hub last said that `confirmed_commit` is what `confirmed_revision` names.
  std::string confirmed_commit;
  std::string confirmed_revision;
  std::chrono::system_clock::time_point confirmed_at{};

  static constexpr std::size_t kMostGood = 16;
  static constexpr std::size_t kMostDates = 2 * kMostGood;

  /// A commit was loaded, tested and served. Served again, it becomes the newest.
  void add_good(const std::string& commit, const std::string& revision,
                std::chrono::system_clock::time_point now);
  void add_refused(const std::string& commit, const std::string& reason,
                   std::chrono::system_clock::time_point now);
  void add_date(const std::string& commit, std::chrono::system_clock::time_point made_at);
  /// When the commit was made; the epoch when that is not known.
  std::chrono::system_clock::time_point date_of(std::string_view commit) const;
  const RefusedCommit* refused_commit(std::string_view commit) const;
  /// The newest good commit; nothing when there is none.
  const GoodCommit* last_good() const;
  /// The good commit before `commit` (before the newest when `commit` is not among them).
  const GoodCommit* previous_good(std::string_view commit) const;
  /// What to ask the Hub for: the pinned commit, else `revision`.
  const std::string& effective_revision(const std::string& revision) const;
};

/// The record of a repository's cache folder; an empty one when there is none or it cannot be read.
Record read_record(const std::filesystem::path& repo_folder);

/// Reads, changes and replaces it. Errors kInternal: the folder cannot be written.
Result<void> update_record(const std::filesystem::path& repo_folder,
                           const std::function<void(Record&)>& change);

/// Exposed for the fuzz target and tests. Errors kInput.
Result<Record> parse_record(std::string_view json);
std::string record_json(const Record& record);

}  // namespace clairscore::hub
