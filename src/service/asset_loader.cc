#include "service/asset_loader.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/clock.h"
#include "base/numbers.h"
#include "base/parallel.h"
#include "data/choose_recipe.h"
#include "service/explanation_source.h"
#include "service/histogram.h"
#include "service/parity.h"
#include "service/scoring.h"
#include "service/snapshot.h"
#include "shap/shap_file.h"

namespace clairscore {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxHistogramBytes = std::uint64_t{1} << 20U;
constexpr std::uint64_t kMaxPictureBytes = std::uint64_t{32} << 20U;
/// What the loader tests before anything is served.
constexpr std::size_t kTestedRows = 256;
constexpr std::size_t kTestedBlockRows = 32;
constexpr double kAdditivity = 1e-9;
constexpr std::string_view kHistogramSuffix = "_hist_data.json";
constexpr std::string_view kPngMagic = "\x89PNG\r\n\x1a\n";

/// The CSV of a data folder: application_test.csv, else the only CSV file there is.
Result<fs::path> csv_of(const fs::path& data) {
  std::error_code ignored;
  if (!fs::is_directory(data, ignored)) return data;
  fs::path usual = data / "application_test.csv";
  if (fs::exists(usual, ignored)) return usual;
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(data, ignored)) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(".csv") || name.ends_with(".csv.gz")) found.push_back(entry.path());
  }
  if (found.size() == 1) return found.front();
  return fail(ErrorCode::kNotFound,
              found.empty() ? "a data folder without a CSV file"
                            : "a data folder with " + std::to_string(found.size()) + " CSV files",
              data.string(), "application_test.csv, or a single CSV file");
}

/// shap/ and plots/ beside the CSV, when data is a folder; empty otherwise.
fs::path folder_of(const fs::path& data) {
  std::error_code ignored;
  return fs::is_directory(data, ignored) ? data : fs::path();
}

class ShapFileContributions final : public ShippedContributions {
 public:
  /// `order[f]` is the file's column of the pipeline's feature f.
  ShapFileContributions(ShapFile file, std::vector<std::size_t> order)
      : file_(std::move(file)), order_(std::move(order)) {}
  std::size_t rows() const override { return file_.rows(); }
  std::size_t features() const override { return file_.features(); }
  double read(std::size_t row, std::span<double> values) const override {
    std::vector<double> in_file(file_.features());
    file_.read_row(row, in_file);
    for (std::size_t f = 0; f < order_.size(); ++f) values[f] = in_file[order_[f]];
    // A file without base values is read as if they were missing: nothing adds up to them.
    return file_.base_value(row).value_or(std::numeric_limits<double>::quiet_NaN());
  }
  void release() const override { file_.release(); }

 private:
  ShapFile file_;
  std::vector<std::size_t> order_;
};

/// The file's columns in the pipeline's order: by name when it names the same features, else as
/// they stand.
std::vector<std::size_t> feature_order(const ShapFile& file,
                                       const std::vector<std::string>& features) {
  std::vector<std::size_t> as_they_stand(file.features());
  for (std::size_t f = 0; f < as_they_stand.size(); ++f) as_they_stand[f] = f;
  const auto& names = file.feature_names();
  if (!names || names->size() != features.size()) return as_they_stand;
  std::vector<std::size_t> by_name;
  for (const std::string& feature : features) {
    const auto found = std::find(names->begin(), names->end(), feature);
    if (found == names->end()) return as_they_stand;
    by_name.push_back(static_cast<std::size_t>(found - names->begin()));
  }
  return by_name;
}

void read_plots(const fs::path& folder, const AssetOptions& options, SnapshotParts& parts) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder / "plots", ignored)) {
    const std::string name = entry.path().filename().string();
    if (!name.ends_with(kHistogramSuffix)) continue;
    auto json = read_text_file(entry.path(), kMaxHistogramBytes);
    if (!json) {
      options.on_warning(to_string(json.error()) + "; the histogram is computed live");
      continue;
    }
    const auto feature = check_histogram_json(*json, entry.path().string());
    const std::string expected = name.substr(0, name.size() - kHistogramSuffix.size());
    if (!feature) {
      options.on_warning(to_string(feature.error()) + "; the histogram is computed live");
    } else if (*feature != expected) {
      options.on_warning("a histogram of " + *feature + " in the file of " + expected + ", " +
                         entry.path().string() + "; the histogram is computed live");
    } else {
      parts.histograms.emplace(*feature, std::move(*json));
    }
  }
}

void read_picture(const fs::path& folder, const AssetOptions& options, SnapshotParts& parts) {
  const fs::path path = folder / "shap" / "shap_beeswarm.png";
  std::error_code ignored;
  if (!fs::exists(path, ignored)) {
    options.on_warning(
        "no shap/shap_beeswarm.png; the global importance is drawn from live values");
    return;
  }
  auto png = read_file(path, kMaxPictureBytes);
  if (!png) {
    options.on_warning(to_string(png.error()));
  } else if (!as_text(*png).starts_with(kPngMagic)) {
    options.on_warning("not a PNG picture, " + path.string() +
                       "; the global importance is drawn from live values");
  } else {
    parts.global_importance = std::make_shared<const Bytes>(std::move(*png));
  }
}

/// The rows contributions are measured against, prepared as the applicants are.
Result<Frame> read_background(const AssetSources& sources, const Recipe& recipe,
                              const LoadedModel& model, const AssetOptions& options) {
  PrepareOptions prepare;
  prepare.on_bad_row = options.on_bad_row;
  prepare.threads = options.threads;
  ASSIGN_OR_RETURN(PreparedRows rows,
                   prepare_rows(csv_source(sources.background), recipe, model.signature, prepare));
  return std::move(rows.inputs);
}

/// What people call it, whatever it holds and whoever wrote it; the first that is there counts.
constexpr std::array<std::string_view, 4> kShapFiles = {
    "shap_explanation.joblib", "shap_explanation.pkl", "shap_values.joblib", "shap_values.pkl"};

/// Opens the shipped SHAP file when there is one.
void open_shap_file(const fs::path& folder, const Snapshot& snapshot,
                    ExplanationSource::Parts& parts) {
  if (folder.empty()) return;
  std::error_code ignored;
  fs::path path;
  for (const std::string_view name : kShapFiles) {
    if (fs::exists(folder / "shap" / name, ignored)) {
      path = folder / "shap" / name;
      break;
    }
  }
  if (path.empty()) return;
  auto file = ShapFile::open(path);
  if (!file) {
    parts.without_file = ParityStatus::kUnreadable;
    parts.problem = "the shipped SHAP file cannot be read: " + to_string(file.error()) +
                    "; contributions are computed live";
    return;
  }
  std::vector<std::size_t> order = feature_order(*file, snapshot.feature_names());
  parts.file = std::make_shared<const ShapFileContributions>(std::move(*file), std::move(order));
}

Result<void> require_servable(const LoadedModel& model) {
  const EstimatorPtr& estimator = model.pipeline.estimator();
  const std::string accepted = "a classifier of two classes";
  if (!estimator) {
    return fail(ErrorCode::kUnsupported, "the model holds only transformers", model.card.path,
                accepted);
  }
  if (estimator->classes().empty()) {
    return fail(ErrorCode::kUnsupported, "the model is a regressor and makes no decision",
                model.card.path, accepted);
  }
  if (estimator->classes().size() != 2) {
    return fail(ErrorCode::kUnsupported,
                "the model has " + std::to_string(estimator->classes().size()) +
                    " classes and the screen shows one decision between two",
                model.card.path, accepted);
  }
  if (!estimator->has_probabilities()) {
    return fail(ErrorCode::kUnsupported,
                "the model has a margin and no probability: " + estimator->kind(), model.card.path,
                accepted + " with probabilities (CalibratedClassifierCV gives them)");
  }
  if (!estimator->explainable()) {
    return fail(ErrorCode::kUnsupported, "the model cannot be explained: " + estimator->why_not(),
                model.card.path, "a model of trees, or a linear one");
  }
  return {};
}

/// Every score is a number, and for rows spread over the file contributions add up to it.
Result<void> test_snapshot(const Snapshot& snapshot, std::size_t threads) {
  const std::size_t count = snapshot.data().rows();
  for (std::size_t row = 0; row < count; ++row) {
    if (!std::isfinite(snapshot.score(row).raw)) {
      return fail(ErrorCode::kInput,
                  "the score of customer " + snapshot.customer_name(row) + " is not finite",
                  snapshot.model().card.path, "a model that scores every applicant");
    }
  }
  const std::vector<std::size_t> rows = spread_rows(count, kTestedRows);
  std::vector<Result<void>> tested(rows.size());
  const auto test_row = [&](std::size_t row) -> Result<void> {
    ASSIGN_OR_RETURN(const Explanation explanation, snapshot.explain_live(row));
    double sum = explanation.base_value;
    for (const double value : explanation.values) sum += value;
    const double raw = snapshot.score(row).raw;
    if (!(std::abs(sum - raw) <= kAdditivity * std::max(1.0, std::abs(raw)))) {
      return fail(ErrorCode::kInput,
                  "the contributions of customer " + snapshot.customer_name(row) + " add up to " +
                      double_to_text(sum) + " and the score is " + double_to_text(raw),
                  snapshot.model().card.path, "a model whose contributions add up");
    }
    return {};
  };
  parallel_blocks(rows.size(), kTestedBlockRows, threads, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) tested[i] = test_row(rows[i]);
  });
  for (Result<void>& one : tested) RETURN_IF_ERROR(std::move(one));
  return {};
}

bool is_built_in(const Recipe& recipe) {
  const std::vector<std::string> names = Recipe::built_in_names();
  return std::ranges::find(names, recipe.name()) != names.end();
}

bool holds_every_input(const std::vector<std::string>& header, const Signature& signature) {
  return std::ranges::all_of(signature.inputs, [&](const SignatureColumn& input) {
    return std::ranges::find(header, input.name) != header.end();
  });
}

}  // namespace

std::string version_of(const AssetSources& sources) {
  if (!sources.model_origin && !sources.data_origin) return {};
  const auto commit = [](const std::optional<HubOrigin>& origin) {
    return origin ? origin->commit : std::string("local");
  };
  return commit(sources.model_origin) + "/" + commit(sources.data_origin);
}

Result<LoadedModelPtr> load_servable_model(const AssetSources& sources,
                                           const AssetOptions& options) {
  options.on_step("reading the model");
  ASSIGN_OR_RETURN(LoadedModelPtr model, load_model(sources.model));
  RETURN_IF_ERROR(require_servable(*model));
  return model;
}

Result<AssetsPtr> load_assets(const AssetSources& sources, const AssetOptions& options) {
  ASSIGN_OR_RETURN(LoadedModelPtr model, load_servable_model(sources, options));
  return load_assets(sources, std::move(model), options);
}

Result<AssetsPtr> load_assets(const AssetSources& sources, LoadedModelPtr model,
                              const AssetOptions& options) {
  options.on_step("reading the applicants");
  ASSIGN_OR_RETURN(const fs::path csv, csv_of(sources.data));
  std::optional<MappedFile> data_file;
  if (!sources.data_origin) {
    ASSIGN_OR_RETURN(data_file, MappedFile::open(csv));
  }
  ASSIGN_OR_RETURN(const std::vector<std::string> header, read_csv_header(csv));
  ASSIGN_OR_RETURN(RecipePtr recipe, choose_recipe(sources.recipe, *model, header));
  if (sources.recipe.empty() && !model->recipe_path && is_built_in(*recipe) &&
      holds_every_input(header, model->signature)) {
    options.on_warning("the file holds every input of the model, and the built-in recipe " +
                       recipe->name() + " prepares them; a model that was trained on the columns " +
                       "as they are needs a recipe.yaml without steps beside MLmodel");
  }
  ASSIGN_OR_RETURN(Dataset data, Dataset::load(csv, *recipe, model->signature, options.on_bad_row,
                                               options.threads));
  for (const BadRow& bad : data.skipped()) {
    options.on_warning("skipped " +
                       (bad.identifier.empty() ? "row " + std::to_string(bad.row)
                                               : "customer " + options.names.of(bad.identifier)) +
                       ": " + to_string(bad.error));
  }

  options.on_step("scoring " + std::to_string(data.rows()) + " applicants");
  ASSIGN_OR_RETURN(std::vector<Score> scores, score_rows(*model, data.inputs(), options.threads));
  // Tables for any applicant, made now so that the first request need not wait for them. The
  // explanations of all applicants are not: see ARCHITECTURE.md.
  options.on_step("preparing the explanations");
  PipelineExplainer explainer = model->pipeline.path_dependent(options.threads);
  std::size_t background_rows = 0;
  if (!sources.background.empty()) {
    ASSIGN_OR_RETURN(const Frame background, read_background(sources, *recipe, *model, options));
    ASSIGN_OR_RETURN(explainer, model->pipeline.interventional(background, options.threads));
    background_rows = background.rows();
  }
  std::vector<std::string> inputs;
  for (const Column& column : data.inputs().columns()) inputs.push_back(column.name());
  ASSIGN_OR_RETURN(InputDictionaryPtr dictionary,
                   InputDictionary::choose(model->dictionary_path, inputs));
  SnapshotParts parts{sources,
                      std::move(model),
                      std::move(recipe),
                      std::move(data),
                      std::move(scores),
                      {},
                      nullptr,
                      std::move(explainer),
                      background_rows,
                      SystemClock().now(),
                      options.threads,
                      options.points,
                      std::move(dictionary),
                      std::move(data_file)};
  const fs::path folder = folder_of(sources.data);
  if (!folder.empty()) {
    read_plots(folder, options, parts);
    read_picture(folder, options, parts);
  }
  auto snapshot = std::make_shared<Snapshot>(std::move(parts));

  options.on_step("testing the scores and contributions");
  RETURN_IF_ERROR(test_snapshot(*snapshot, options.threads));

  options.on_step("comparing the shipped contributions with live ones");
  ExplanationSource::Parts explanation;
  explanation.setting = options.explanations;
  explanation.rows = snapshot->data().rows();
  explanation.features = snapshot->feature_names().size();
  explanation.threads = options.threads;
  const Snapshot* raw = snapshot.get();  // owns the source, so outlives it
  explanation.live = [raw](std::size_t row) { return raw->explain_live(row); };
  explanation.score = [raw](std::size_t row) { return raw->score(row); };
  explanation.customer = [raw](std::size_t row) { return raw->customer_name(row); };
  explanation.customer_in_log = [raw, names = options.names](std::size_t row) {
    return names.of(raw->customer_name(row));
  };
  explanation.on_warning = options.on_warning;
  open_shap_file(folder, *snapshot, explanation);
  ASSIGN_OR_RETURN(std::unique_ptr<ExplanationSource> source,
                   ExplanationSource::create(std::move(explanation)));
  snapshot->set_explanations(std::move(source));
  snapshot->explanations().start_background();
  snapshot->start_contributions(options.on_warning);
  return AssetsPtr(std::move(snapshot));
}

}  // namespace clairscore
