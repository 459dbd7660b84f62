#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "hub/fnmatch.h"
#include "hub/snapshot.h"

namespace clairscore::hub {

namespace {

constexpr std::string_view kUsualModelFolder = "gradient_boosting";
constexpr std::string_view kUsualCsv = "application_test.csv";
/// What a shipped SHAP file may be called; the first that is there is taken.
constexpr std::array<std::string_view, 4> kShapFiles = {
    "shap/shap_explanation.joblib", "shap/shap_explanation.pkl", "shap/shap_values.joblib",
    "shap/shap_values.pkl"};
constexpr std::string_view kBeeswarm = "shap/shap_beeswarm.png";
constexpr std::string_view kRecipe = "recipe.yaml";
constexpr std::string_view kHistograms = "plots/*_hist_data.json";
/// Folders named in an error, at most.
constexpr std::size_t kMostNamed = 8;

bool has(const std::vector<std::string>& paths, std::string_view path) {
  return std::binary_search(paths.begin(), paths.end(), path);
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < kMostNamed; ++i) {
    text += (i == 0 ? "" : ", ") + (names[i].empty() ? std::string("the top folder") : names[i]);
  }
  if (names.size() > kMostNamed) text += ", …";
  return text;
}

/// Folders that hold a file MLmodel.
std::vector<std::string> model_folders(const std::vector<std::string>& paths) {
  std::vector<std::string> folders;
  for (const std::string& path : paths) {
    if (path == "MLmodel") folders.emplace_back();
    if (path.ends_with("/MLmodel")) folders.push_back(path.substr(0, path.size() - 8));
  }
  return folders;
}

std::string model_file(const std::string& folder) {
  return folder.empty() ? "MLmodel" : folder + "/MLmodel";
}

}  // namespace

Chooser choose_model(std::string subfolder) {
  while (subfolder.ends_with('/')) subfolder.pop_back();
  return [subfolder =
              std::move(subfolder)](const std::vector<std::string>& paths) -> HubResult<Chosen> {
    const std::vector<std::string> folders = model_folders(paths);
    Chosen chosen;
    if (!subfolder.empty() && !has(paths, model_file(subfolder))) {
      return fail(make_error(
          Fault::kUnsuitable, "no MLmodel in " + subfolder, "hub_model_subfolder",
          folders.empty() ? "a folder that holds an MLmodel" : "one of: " + joined(folders)));
    }
    if (!subfolder.empty()) {
      chosen.folder = subfolder;
    } else if (has(paths, model_file(std::string(kUsualModelFolder)))) {
      chosen.folder = kUsualModelFolder;
    } else if (folders.size() == 1) {
      chosen.folder = folders.front();
    } else if (folders.empty()) {
      return fail(make_error(Fault::kUnsuitable, "a model repository without an MLmodel", {},
                             "an MLflow folder, as gradient_boosting/"));
    } else {
      return fail(make_error(Fault::kUnsuitable, "several models: " + joined(folders), {},
                             "hub_model_subfolder to say which"));
    }
    const std::string prefix = chosen.folder.empty() ? "" : chosen.folder + "/";
    for (const std::string& path : paths) {
      if (path.starts_with(prefix)) chosen.required.push_back(path);
    }
    return chosen;
  };
}

Chooser choose_data() {
  return [](const std::vector<std::string>& paths) -> HubResult<Chosen> {
    Chosen chosen;
    std::vector<std::string> tables;
    for (const std::string& path : paths) {
      const bool at_top = path.find('/') == std::string::npos;
      if (at_top && (path.ends_with(".csv") || path.ends_with(".csv.gz"))) tables.push_back(path);
      if (matches_pattern(path, kHistograms)) chosen.optional.push_back(path);
    }
    if (has(paths, kUsualCsv)) {
      chosen.required.emplace_back(kUsualCsv);
    } else if (tables.size() == 1) {
      chosen.required = tables;
    } else {
      return fail(make_error(Fault::kUnsuitable,
                             tables.empty() ? "a data repository without applicants"
                                            : "several tables: " + joined(tables),
                             {}, "application_test.csv, or a single CSV file at the top"));
    }
    const auto shap =
        std::ranges::find_if(kShapFiles, [&](std::string_view path) { return has(paths, path); });
    if (shap != kShapFiles.end()) {
      chosen.optional.emplace_back(*shap);
    } else {
      chosen.missing.emplace_back(kShapFiles.front());
    }
    (has(paths, kBeeswarm) ? chosen.optional : chosen.missing).emplace_back(kBeeswarm);
    if (has(paths, kRecipe)) chosen.optional.emplace_back(kRecipe);
    if (std::none_of(paths.begin(), paths.end(),
                     [](const std::string& path) { return matches_pattern(path, kHistograms); })) {
      chosen.missing.emplace_back(kHistograms);
    }
    return chosen;
  };
}

Chooser choose_matching(std::vector<std::string> patterns) {
  return [patterns =
              std::move(patterns)](const std::vector<std::string>& paths) -> HubResult<Chosen> {
    Chosen chosen;
    for (const std::string& path : paths) {
      if (std::any_of(patterns.begin(), patterns.end(),
                      [&](const std::string& pattern) { return matches_pattern(path, pattern); })) {
        chosen.required.push_back(path);
      }
    }
    if (chosen.required.empty()) {
      return fail(make_error(Fault::kUnsuitable, "no file matches " + joined(patterns), {},
                             "patterns of files that are there"));
    }
    return chosen;
  };
}

bool same_files(const std::vector<SnapshotFile>& a, const std::vector<SnapshotFile>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const SnapshotFile& x, const SnapshotFile& y) {
                      return x.path == y.path && x.oid == y.oid && !x.oid.empty();
                    });
}

}  // namespace clairscore::hub
