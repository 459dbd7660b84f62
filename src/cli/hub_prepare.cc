// clairscore hub prepare DIR: whether a model and its data will serve, before they are uploaded.

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/output.h"
#include "base/parallel.h"
#include "cli/commands.h"
#include "service/asset_loader.h"
#include "service/assets.h"

namespace clairscore {

namespace {

namespace fs = std::filesystem;

/// A folder below `root` that holds `file`: `root` itself, one of the usual names, or the only one.
Result<fs::path> folder_with(const fs::path& root, const std::string& file,
                             const std::vector<std::string>& usual, const std::string& what) {
  std::error_code ignored;
  if (fs::exists(root / file, ignored)) return root;
  for (const std::string& name : usual) {
    if (fs::exists(root / name / file, ignored)) return root / name;
  }
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(root, ignored)) {
    if (entry.is_directory(ignored) && fs::exists(entry.path() / file, ignored)) {
      found.push_back(entry.path());
    }
  }
  if (found.size() == 1) return found.front();
  return fail(ErrorCode::kNotFound,
              found.empty() ? "no folder with " + file
                            : std::to_string(found.size()) + " folders with " + file,
              root.string(), what);
}

std::uintmax_t size_of(const fs::path& folder) {
  std::uintmax_t size = 0;
  std::error_code ignored;
  for (const auto& entry : fs::recursive_directory_iterator(folder, ignored)) {
    if (entry.is_regular_file(ignored)) size += entry.file_size(ignored);
  }
  return size;
}

std::string megabytes(std::uintmax_t bytes) {
  constexpr double kMega = 1e6;
  return fmt::format("{:.1f} MB", static_cast<double>(bytes) / kMega);
}

std::string card_of(const Assets& assets) {
  JsonWriter json;
  json.begin_object();
  assets.write_model_card(json);
  return json.end_object().take();
}

/// What the model card says of the shipped contributions, once every row has been compared.
/// What a comparison with the shipped file came to, for people.
std::string in_words(std::string_view parity) {
  if (parity == "no_file") return "none; contributions are computed live";
  if (parity == "equal") return "equal to what is computed live";
  if (parity == "different") return "another method or background; its values are served";
  if (parity == "unreadable") return "cannot be read; contributions are computed live";
  if (parity == "other_shape") return "made for other rows or features; not used";
  return "does not add up to the scores; not used";
}

Result<std::string> parity_of(const Assets& assets) {
  simdjson::dom::parser parser;
  while (true) {
    const std::string text = card_of(assets);
    const simdjson::dom::element card = parser.parse(text);
    const simdjson::dom::element file = card["explanations"]["shipped_file"];
    if (bool(file["checking"])) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      continue;
    }
    std::string verdict = in_words(std::string_view(file["parity"]));
    std::string_view warning;
    if (file["warning"].get(warning) == simdjson::SUCCESS) verdict.append("; ").append(warning);
    return verdict;
  }
}

Result<void> write_whole(const fs::path& path, std::string_view content) {
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  ASSIGN_OR_RETURN(OutputFile file, OutputFile::open(path.string()));
  RETURN_IF_ERROR(file.write(content));
  return file.commit();
}

/// Histograms of the main features and the picture of global importance, where they are missing.
Result<std::vector<std::string>> write_missing(const Assets& assets, const fs::path& data) {
  std::vector<std::string> written;
  std::error_code ignored;
  const std::vector<std::string>& plottable = assets.plottable();
  for (const std::string& feature : assets.main_features()) {
    if (std::ranges::find(plottable, feature) == plottable.end()) continue;
    const fs::path path = data / "plots" / (feature + "_hist_data.json");
    if (fs::exists(path, ignored)) continue;
    ASSIGN_OR_RETURN(const std::string json, assets.histogram_json(feature));
    RETURN_IF_ERROR(write_whole(path, json));
    written.push_back(path.string());
  }
  const fs::path picture = data / "shap" / "shap_beeswarm.png";
  if (!fs::exists(picture, ignored)) {
    ASSIGN_OR_RETURN(const auto png, assets.global_importance_png(Language::kFrench));
    RETURN_IF_ERROR(write_whole(picture, as_text(*png)));
    written.push_back(picture.string());
  }
  return written;
}

void say(const std::string& what, const std::string& value) {
  std::fputs(fmt::format("{:<15}{}\n", what, value).c_str(), stdout);
}

}  // namespace

Result<void> run_hub_prepare(const HubPrepareCommand& command) {
  const fs::path root = command.folder;
  std::error_code ignored;
  if (!fs::is_directory(root, ignored)) {
    return fail(ErrorCode::kNotFound, "no such folder", root.string(),
                "a folder with a model folder and a data folder");
  }
  ASSIGN_OR_RETURN(const fs::path model,
                   folder_with(root, "MLmodel", {"gradient_boosting", "model"},
                               "one MLflow folder, as mlflow.sklearn.save_model writes it"));
  ASSIGN_OR_RETURN(const fs::path data, folder_with(root, "application_test.csv", {"data"},
                                                    "one folder with application_test.csv"));
  std::vector<std::string> warnings;
  AssetOptions options;
  options.threads = available_threads();
  options.on_warning = [&](const std::string& warning) { warnings.push_back(warning); };
  AssetSources sources;
  sources.model = model;
  sources.data = data;
  ASSIGN_OR_RETURN(const AssetsPtr assets, load_assets(sources, options));
  ASSIGN_OR_RETURN(const std::string parity, parity_of(*assets));

  const std::size_t rows = assets->data().rows();
  std::size_t refused = 0;
  for (std::size_t row = 0; row < rows; ++row) refused += assets->score(row).refused ? 1 : 0;
  const ModelCard& card = assets->model().card;
  say("model", model.string() + ", " + megabytes(size_of(model)));
  say("", assets->model().pipeline.estimator()->kind() + ", " +
              std::to_string(assets->feature_names().size()) + " features, sha256 " + card.sha256);
  say("data", data.string() + ", " + megabytes(size_of(data)));
  say("", fmt::format("{} applicants, recipe {}", rows, assets->recipe().name()));
  say("scores", fmt::format("{} refused, {} accepted at the threshold {}{}", refused,
                            rows - refused, assets->model().threshold,
                            assets->model().threshold_from_model ? "" : " (not in MLmodel)"));
  say("contributions", "add up to the score on every row tested");
  say("SHAP file", parity);
  for (const std::string& warning : warnings) say("warning", warning);
  if (command.write) {
    ASSIGN_OR_RETURN(const std::vector<std::string> written, write_missing(*assets, data));
    for (const std::string& path : written) say("written", path);
  }
  std::error_code failed;
  const std::string subfolder = fs::weakly_canonical(model, failed).filename().string();
  say("upload", "hf upload ORG/MODEL " + model.string() + " " + subfolder);
  say("", "hf upload ORG/DATA " + data.string() + " . --repo-type dataset");
  say("then", "HF_MODEL_REPO_ID=ORG/MODEL HF_DATA_REPO_ID=ORG/DATA clairscore serve");
  return {};
}

}  // namespace clairscore
