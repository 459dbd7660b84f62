// clairscore hub sync | status | verify | rollback

#include "hub/hub.h"

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/output.h"
#include "base/progress.h"
#include "cli/commands.h"
#include "cli/download_bar.h"
#include "cli/hub_assets.h"
#include "cli/hub_report.h"
#include "hub/rollback.h"

namespace clairscore {

namespace {

Result<void> print(const std::string& text) {
  ASSIGN_OR_RETURN(OutputFile output, OutputFile::open("-"));
  RETURN_IF_ERROR(output.write(text));
  return output.commit();
}

/// The repositories that the command concerns, model first. Errors kUsage: none.
Result<std::vector<hub::SnapshotRequest>> requests_of(const HubCommand& command,
                                                      const Settings& settings) {
  ASSIGN_OR_RETURN(HubAssets assets, hub_assets(settings));
  for (const auto& [key, found] :
       {std::pair{"model", assets.model.has_value()}, std::pair{"data", assets.data.has_value()}}) {
    std::error_code ignored;
    const std::string& text = settings.text(key);
    if (found || text.empty() || std::filesystem::exists(text, ignored)) continue;
    return fail(ErrorCode::kUsage, "no name of a repository: " + text,
                std::string("setting ") + key, "org/name");
  }
  std::vector<hub::SnapshotRequest> requests;
  if (assets.model && command.only != "data") requests.push_back(std::move(*assets.model));
  if (assets.data && command.only != "model") requests.push_back(std::move(*assets.data));
  if (!requests.empty()) return requests;
  return fail(ErrorCode::kUsage, "no repository is given", "clairscore hub",
              "--model ORG/NAME (HF_MODEL_REPO_ID) or --data ORG/NAME (HF_DATA_REPO_ID), of which "
              "no path of this name exists");
}

Result<void> sync(hub::Hub& client, const std::vector<hub::SnapshotRequest>& requests, bool json) {
  DownloadBar bar(stderr_is_terminal() && client.settings().show_progress);
  std::vector<hub::Snapshot> snapshots;
  for (const hub::SnapshotRequest& request : requests) {
    hub::FetchProgress progress([&](const hub::FetchState& state) { bar.show(state); });
    // The branch is fetched even while an older commit is pinned: sync makes ready what may follow.
    auto snapshot = client.fetch(request, progress, {});
    bar.finish();
    if (!snapshot) return fail(std::move(snapshot.error().error));
    if (snapshot->hub_error) return fail(std::move(snapshot->hub_error->error));
    snapshots.push_back(std::move(*snapshot));
  }
  return print(json ? sync_json(snapshots) : sync_text(snapshots));
}

Result<void> verify(const hub::Hub& client, const std::vector<hub::SnapshotRequest>& requests,
                    bool json) {
  std::vector<VerifiedRepo> verified;
  std::size_t bad = 0;
  for (const hub::SnapshotRequest& request : requests) {
    auto verdict = client.verify(request.repo, {});
    if (!verdict) return fail(std::move(verdict.error().error));
    bad += verdict->bad.size();
    verified.push_back({request.repo, std::move(*verdict)});
  }
  RETURN_IF_ERROR(print(json ? verify_json(verified) : verify_text(verified)));
  if (bad == 0) return {};
  return fail(
      ErrorCode::kInput,
      std::to_string(bad) + (bad == 1 ? " file is" : " files are") + " not what the Hub named",
      client.settings().cache.string(),
      "the same files, downloaded again: remove them and run clairscore hub sync");
}

Result<void> rollback(const hub::Hub& client, const std::vector<hub::SnapshotRequest>& requests,
                      const HubCommand& command) {
  std::vector<hub::Rollback> done;
  if (command.undo) {
    for (const hub::SnapshotRequest& request : requests) {
      const std::string pinned = hub::read_record(client.repo_folder(request.repo)).pinned;
      ASSIGN_OR_RETURN(const bool was_pinned, hub::follow_again(client, request.repo));
      if (was_pinned) done.push_back({request.repo, pinned, {}});
    }
  } else if (!command.only.empty() || !command.to.empty()) {
    if (requests.size() != 1) {
      return fail(ErrorCode::kUsage, "a commit belongs to one repository",
                  "clairscore hub rollback", "--only model or --only data with --to");
    }
    ASSIGN_OR_RETURN(hub::Rollback one, hub::roll_back(client, requests.front(), command.to));
    done.push_back(std::move(one));
  } else {
    ASSIGN_OR_RETURN(done, hub::roll_back_last_change(client, requests));
  }
  return print(command.json ? rollback_json(done) : rollback_text(done));
}

}  // namespace

Result<void> run_hub(const HubCommand& command) {
  if (!command.to.empty() && !hub::is_commit_hash(command.to)) {
    return fail(ErrorCode::kUsage, "--to takes a whole commit", "clairscore hub rollback",
                "forty hexadecimal digits, as `clairscore hub status` lists them");
  }
  ASSIGN_OR_RETURN(const Settings settings,
                   Settings::resolve(serve_settings(), command.given, process_environment(),
                                     command.config_file));
  ASSIGN_OR_RETURN(hub::HubSettings hub_settings, hub::read_hub_settings(process_environment()));
  ASSIGN_OR_RETURN(const std::vector<hub::SnapshotRequest> requests,
                   requests_of(command, settings));
  const std::unique_ptr<Log> log = make_stderr_log(
      command.json ? LogLevel::kError : *parse_log_level(settings.text("log_level")));
  hub::SystemWaiter waiter;
  hub::Hub client(std::move(hub_settings), *log, waiter);
  switch (command.action) {
    case HubAction::kSync:
      return sync(client, requests, command.json);
    case HubAction::kStatus:
      return print(command.json ? status_json(client, requests, waiter.now())
                                : status_text(client, requests, waiter.now()));
    case HubAction::kVerify:
      return verify(client, requests, command.json);
    case HubAction::kRollback:
      return rollback(client, requests, command);
  }
  return {};
}

}  // namespace clairscore
