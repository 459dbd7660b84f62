#include "cli/serve_hub.h"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include "base/progress.h"
#include "cli/download_bar.h"
#include "cli/hub_assets.h"
#include "hub/hub.h"
#include "service/hub_supply.h"

namespace clairscore {

namespace {

using std::chrono::steady_clock;

/// Between two lines of the log about the same download.
constexpr std::chrono::seconds kLogEvery{5};

/// Tells everyone who waits how far a download is: /readyz and the screen through the state, the
/// log, and whoever looks at the terminal.
class DownloadReport {
 public:
  DownloadReport(api::State& state, std::shared_ptr<Log> log, bool bar)
      : state_(state),
        log_(std::move(log)),
        bar_enabled_(bar && stderr_is_terminal()),
        bar_(bar_enabled_) {}

  /// As FetchProgress calls it: one call at a time.
  void show(const hub::FetchState& download) {
    if (download.step != step_) {
      step_ = download.step;
      state_.set_step(step_);
      log_->debug(step_);
    }
    state_.set_download(download);
    if (download.files_total == 0) return;
    const bool done = download.files_done == download.files_total;
    const std::string text = hub::progress_text(download);
    if (bar_enabled_) {
      done ? bar_.finish() : bar_.show(download);
    } else if (done || steady_clock::now() - logged_ >= kLogEvery) {
      if (done && text == last_) return;
      logged_ = steady_clock::now();
      last_ = text;
      log_->info(step_ + ": " + text);
    }
  }

 private:
  api::State& state_;
  std::shared_ptr<Log> log_;
  bool bar_enabled_;
  DownloadBar bar_;
  std::string step_;
  std::string last_;
  steady_clock::time_point logged_ = steady_clock::now();
};

/// Errors kNotFound: neither a repository's name nor a path that is there. It would not come by
/// waiting, as what is on the Hub may.
Result<HubSupply::Half> half_of(const Settings& settings, std::string_view key,
                                std::optional<hub::SnapshotRequest> request) {
  HubSupply::Half half;
  half.request = std::move(request);
  if (half.request) return half;
  half.path = settings.text(key);
  std::error_code ignored;
  if (std::filesystem::exists(half.path, ignored)) return half;
  return fail(ErrorCode::kNotFound, "no such file or folder, and no name of a repository",
              "setting " + std::string(key) + ": " + half.path.string(),
              "a path that exists, or a repository as org/name");
}

/// A HubSupply that owns what it works with.
class OwningHubSupply final : public AssetSupply {
 public:
  OwningHubSupply(const SupplyContext& context, hub::HubSettings settings, HubSupply::Half model,
                  HubSupply::Half data)
      : report_(context.state, context.log, settings.show_progress),
        progress_([this](const hub::FetchState& download) { report_.show(download); }),
        hub_(std::move(settings), *context.log, waiter_),
        supply_(hub_, std::move(model), std::move(data), context.settings.text("recipe"),
                context.settings.text("explanation_background"), progress_, *context.log,
                context.clock) {}

  Result<AssetSources> fetch(std::stop_token stop) override { return supply_.fetch(stop); }
  Result<bool> moved(const AssetSources& served, std::stop_token stop) override {
    return supply_.moved(served, stop);
  }
  Result<AssetSources> last_good(const AssetSources& refused) override {
    return supply_.last_good(refused);
  }
  void note_served(const AssetSources& sources) override { supply_.note_served(sources); }
  void note_refused(const AssetSources& sources, const std::string& reason) override {
    supply_.note_refused(sources, reason);
  }
  bool follows() const override { return true; }
  Result<std::string> roll_back(const std::string& repository, bool undo) override {
    return supply_.roll_back(repository, undo);
  }

 private:
  DownloadReport report_;
  hub::FetchProgress progress_;
  hub::SystemWaiter waiter_;
  hub::Hub hub_;
  HubSupply supply_;
};

}  // namespace

Result<std::unique_ptr<AssetSupply>> make_hub_supply(const SupplyContext& context) {
  const Settings& settings = context.settings;
  ASSIGN_OR_RETURN(HubAssets assets, hub_assets(settings));
  ASSIGN_OR_RETURN(HubSupply::Half model, half_of(settings, "model", std::move(assets.model)));
  ASSIGN_OR_RETURN(HubSupply::Half data, half_of(settings, "data", std::move(assets.data)));
  ASSIGN_OR_RETURN(hub::HubSettings hub_settings, hub::read_hub_settings(process_environment()));
  return std::make_unique<OwningHubSupply>(context, std::move(hub_settings), std::move(model),
                                           std::move(data));
}

}  // namespace clairscore
