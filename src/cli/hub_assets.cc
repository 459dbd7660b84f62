#include "cli/hub_assets.h"

#include "base/excerpt.h"
#include "hub/repo.h"

namespace clairscore {

namespace {

Result<std::optional<hub::SnapshotRequest>> request_of(const Settings& settings,
                                                       std::string_view key,
                                                       std::string_view revision_key,
                                                       hub::RepoType type, hub::Chooser choose) {
  const std::string& id = settings.text(key);
  if (id.empty() || !hub::names_a_repo(id)) return std::optional<hub::SnapshotRequest>();
  ASSIGN_OR_RETURN(const hub::Repo repo, hub::parse_repo(type, id));
  const std::string& revision = settings.text(revision_key);
  if (!hub::is_safe_revision(revision)) {
    return fail(ErrorCode::kUsage, quote_excerpt(revision) + " cannot be a revision",
                "setting " + std::string(revision_key), "a branch, a tag or a commit");
  }
  return std::optional(hub::SnapshotRequest{repo, revision, std::move(choose)});
}

}  // namespace

Result<HubAssets> hub_assets(const Settings& settings) {
  HubAssets assets;
  ASSIGN_OR_RETURN(assets.model,
                   request_of(settings, "model", "hub_model_revision", hub::RepoType::kModel,
                              hub::choose_model(settings.text("hub_model_subfolder"))));
  ASSIGN_OR_RETURN(assets.data, request_of(settings, "data", "hub_data_revision",
                                           hub::RepoType::kDataset, hub::choose_data()));
  return assets;
}

}  // namespace clairscore
