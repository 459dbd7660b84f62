#include "cli/hub_assets.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <utility>

#include "base/progress.h"
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
      : state_(state), log_(std::move(log)), bar_(bar && stderr_is_terminal()) {}

  /// As FetchProgress calls it: one call at a time.
  void show(const hub::FetchState& download) {
    if (download.step != step_) {
      step_ = download.step;
      state_.set_step(step_);
      log_->info(step_);
    }
    state_.set_download(download);
    if (download.files_total == 0) return;
    const bool done = download.files_done == download.files_total;
    const std::string text = hub::progress_text(download);
    if (bar_) {
      draw(download, done ? "" : text);
    } else if (done || steady_clock::now() - logged_ >= kLogEvery) {
      if (done && text == last_) return;
      logged_ = steady_clock::now();
      last_ = text;
      log_->info(step_ + ": " + text);
    }
  }

 private:
  /// Over the line that was drawn before; an empty text wipes it.
  void draw(const hub::FetchState& download, const std::string& text) const {
    std::string line = "\r";
    if (!text.empty()) {
      constexpr std::uint64_t kWidth = 30;
      const std::uint64_t filled =
          download.bytes_total == 0
              ? 0
              : std::min(kWidth, download.bytes_done * kWidth / download.bytes_total);
      line += step_ + "  [" + std::string(filled, '#') + std::string(kWidth - filled, ' ') + "]  " +
              text;
    }
    std::fputs((line + "\x1b[K").c_str(), stderr);
    std::fflush(stderr);
  }

  api::State& state_;
  std::shared_ptr<Log> log_;
  bool bar_;
  std::string step_;
  std::string last_;
  steady_clock::time_point logged_ = steady_clock::now();
};

Result<HubSupply::Half> half_of(const Settings& settings, const std::string& key,
                                hub::RepoType type, hub::Chooser choose) {
  const std::string& text = settings.text(key);
  HubSupply::Half half;
  if (!hub::names_a_repo(text)) {
    half.path = text;
    return half;
  }
  ASSIGN_OR_RETURN(hub::Repo repo, hub::parse_repo(type, text));
  half.request = hub::SnapshotRequest{std::move(repo), settings.text("hub_" + key + "_revision"),
                                      std::move(choose), false};
  return half;
}

/// A HubSupply that owns what it works with.
class OwningHubSupply final : public AssetSupply {
 public:
  OwningHubSupply(const SupplyContext& context, hub::HubSettings settings, HubSupply::Half model,
                  HubSupply::Half data)
      : report_(context.state, context.log, settings.show_progress),
        progress_([this](const hub::FetchState& download) { report_.show(download); }),
        hub_(std::move(settings), *context.log, waiter_),
        supply_(hub_, std::move(model), std::move(data), context.settings.text("recipe"), progress_,
                *context.log, context.clock) {}

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
  Result<std::string> roll_back(const std::string& repository, const std::string& served_commit,
                                bool undo) override {
    return supply_.roll_back(repository, served_commit, undo);
  }

 private:
  DownloadReport report_;
  hub::FetchProgress progress_;
  hub::SystemWaiter waiter_;
  hub::Hub hub_;
  HubSupply supply_;
};

}  // namespace

bool wants_hub(const Settings& settings) {
  return hub::names_a_repo(settings.text("model")) || hub::names_a_repo(settings.text("data"));
}

Result<std::unique_ptr<AssetSupply>> make_hub_supply(const SupplyContext& context) {
  const Settings& settings = context.settings;
  ASSIGN_OR_RETURN(HubSupply::Half model,
                   half_of(settings, "model", hub::RepoType::kModel,
                           hub::choose_model(settings.text("hub_model_subfolder"))));
  ASSIGN_OR_RETURN(HubSupply::Half data,
                   half_of(settings, "data", hub::RepoType::kDataset, hub::choose_data()));
  ASSIGN_OR_RETURN(hub::HubSettings hub_settings, hub::read_hub_settings(process_environment()));
  return std::make_unique<OwningHubSupply>(context, std::move(hub_settings), std::move(model),
                                           std::move(data));
}

}  // namespace clairscore
