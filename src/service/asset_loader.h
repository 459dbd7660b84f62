#pragma once

// Files -> the snapshot that is served.

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/error.h"
#include "base/pseudonyms.h"
#include "data/csv.h"
#include "mlflow/loaded_model.h"
#include "service/assets.h"

namespace clairscore {

/// The state of a Hub repository that files were taken from.
struct HubOrigin {
  std::string repo;      // "org/name"
  std::string revision;  // what was asked for: a branch, a tag or a commit
  std::string commit;
  bool pinned = false;  // an older commit is served until told otherwise
  /// Served from the cache: the Hub did not confirm that this is the newest state.
  bool offline = false;
  /// When the Hub last said so; the epoch when that is not known.
  std::chrono::system_clock::time_point confirmed_at{};
  /// When the commit was made; the epoch when that is not known.
  std::chrono::system_clock::time_point committed_at{};
};

struct AssetSources {
  /// See load_model().
  std::filesystem::path model;
  /// A CSV file, or a folder with application_test.csv (else its only CSV file), and optionally
  /// shap/shap_{explanation,values}.{joblib,pkl}, shap/shap_beeswarm.png and
  /// plots/*_hist_data.json.
  std::filesystem::path data;
  /// Empty: as choose_recipe() decides. Else a built-in name, "none", or a file.
  std::string recipe;
  /// A CSV of rows that contributions are measured against; empty: path-dependent contributions.
  std::filesystem::path background = {};
  /// Nothing for files that the operator named.
  std::optional<HubOrigin> model_origin = {};
  std::optional<HubOrigin> data_origin = {};
};

/// The commits that the files are from, "model commit/data commit"; empty for files without any.
std::string version_of(const AssetSources& sources);

struct AssetOptions {
  ExplanationSetting explanations = ExplanationSetting::kAuto;
  OnBadRow on_bad_row = OnBadRow::kRefuse;
  std::size_t threads = 1;
  PointsRule points = {};
  /// How warnings name a customer; errors, which end the load, name customers as they are.
  Pseudonyms names = Pseudonyms(true);
  /// Called with each step as it begins ("reading the applicants").
  std::function<void(const std::string& step)> on_step = [](const std::string&) {};
  /// Called for what is wrong but not fatal: a missing or foreign SHAP file, a bad histogram. May
  /// be called later, from the snapshot's own thread, until the snapshot is gone.
  std::function<void(const std::string& warning)> on_warning = [](const std::string&) {};
};

using LoadedModelPtr = std::shared_ptr<const LoadedModel>;

/// Reads the model by itself: what is refused here is refused with any data. Errors: those of
/// load_model; a model that cannot serve, such as one of other than two classes.
Result<LoadedModelPtr> load_servable_model(const AssetSources& sources,
                                           const AssetOptions& options);

/// Prepares and scores all applicants with that model, tests the result on 256 rows (contributions
/// add up to the score to 1e-9), compares shipped contributions with live ones on the same rows,
/// and starts comparing the rest on a thread that the snapshot owns and ends. Errors: those of
/// InputDictionary, Recipe, Dataset::load and scoring; a score that is no finite number or that
/// contributions do not add up to; with ExplanationSetting::kFile, a SHAP file that is missing,
/// unreadable or does not add up.
Result<AssetsPtr> load_assets(const AssetSources& sources, LoadedModelPtr model,
                              const AssetOptions& options);
/// Both.
Result<AssetsPtr> load_assets(const AssetSources& sources, const AssetOptions& options);

}  // namespace clairscore
