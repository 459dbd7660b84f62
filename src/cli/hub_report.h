#pragma once

// What the hub commands print: for people, and as JSON.

#include <chrono>
#include <string>
#include <vector>

#include "hub/hub.h"
#include "hub/rollback.h"

namespace clairscore {

struct VerifiedRepo {
  hub::Repo repo;
  hub::CacheVerdict verdict;
};

std::string sync_text(const std::vector<hub::Snapshot>& snapshots);
std::string sync_json(const std::vector<hub::Snapshot>& snapshots);

using Time = std::chrono::system_clock::time_point;
/// Reads the cache only.
std::string status_text(const hub::Hub& client, const std::vector<hub::SnapshotRequest>& requests,
                        Time now);
std::string status_json(const hub::Hub& client, const std::vector<hub::SnapshotRequest>& requests,
                        Time now);

std::string verify_text(const std::vector<VerifiedRepo>& repos);
std::string verify_json(const std::vector<VerifiedRepo>& repos);

/// `to` empty: the branch is followed again.
std::string rollback_text(const std::vector<hub::Rollback>& rollbacks);
std::string rollback_json(const std::vector<hub::Rollback>& rollbacks);

/// "3 minutes ago", "2 days ago".
std::string ago(std::chrono::system_clock::duration age);

}  // namespace clairscore
