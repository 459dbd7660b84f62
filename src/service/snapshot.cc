#include "service/snapshot.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <utility>

#include "base/clock.h"
#include "base/json_writer.h"
#include "base/parallel.h"
#include "base/sha256.h"
#include "base/version.h"
#include "render/beeswarm.h"
#include "service/histogram.h"
#include "service/parity.h"
#include "service/scoring.h"

namespace clairscore {

namespace {

constexpr std::size_t kHistogramBins = 30;
// Contributions computed ahead: 44 MB for 48,744 applicants of the demonstration model.
constexpr std::size_t kMostContributionBytes = std::size_t{96} << 20U;
/// Rows of the drawn global importance, spread over the file: more would not change the picture.
constexpr std::size_t kPictureRows = 2000;
constexpr std::size_t kPictureBlockRows = 32;
constexpr std::size_t kPictureFeatures = 20;
/// Main features when the recipe names none.
constexpr std::size_t kDefaultMainFeatures = 4;

std::string_view text_of(SignatureType type) {
  switch (type) {
    case SignatureType::kBoolean:
      return "boolean";
    case SignatureType::kInteger:
      return "integer";
    case SignatureType::kLong:
      return "long";
    case SignatureType::kFloat:
      return "float";
    case SignatureType::kDouble:
      return "double";
    case SignatureType::kString:
      return "string";
    case SignatureType::kBinary:
      return "binary";
    case SignatureType::kDatetime:
      return "datetime";
    case SignatureType::kTensor:
      return "tensor";
  }
  return "unknown";
}

std::string quoted_list(const std::vector<std::string>& names) {
  std::string text = "[";
  for (const std::string& name : names) text += (text.size() > 1 ? ", '" : "'") + name + "'";
  return text + "]";
}

void write_model(JsonWriter& json, const LoadedModel& model) {
  const ModelCard& card = model.card;
  json.key("model").begin_object();
  json.member("path", card.path).member("file", card.file).member("sha256", card.sha256);
  json.member("size_bytes", card.size_bytes).member("flavor", card.flavor);
  json.member("library_version", card.library_version);
  json.member("mlflow_version", card.mlflow_version).member("python_version", card.python_version);
  json.member("serialization_format", card.serialization_format).member("run_id", card.run_id);
  json.member("model_uuid", card.model_uuid).member("utc_time_created", card.utc_time_created);
  const Estimator& estimator = *model.pipeline.estimator();
  json.member("estimator", estimator.kind()).key("classes").strings(estimator.classes());
  json.key("steps").begin_array();
  for (const Pipeline::Step& step : model.pipeline.steps()) json.string(step.name);
  json.end_array().key("inputs").begin_array();
  for (const SignatureColumn& input : model.signature.inputs) {
    json.begin_object().member("name", input.name).member("type", text_of(input.type));
    json.member("required", input.required).end_object();
  }
  json.end_array().end_object();
}

/// Null where there is none, or none yet.
void write_hash(JsonWriter& json, std::string_view name, const std::string& hash) {
  json.key(name);
  if (hash.empty()) {
    json.null();
  } else {
    json.string(hash);
  }
}

void write_data(JsonWriter& json, const SnapshotParts& parts, const std::string& hash) {
  json.key("data").begin_object();
  write_hash(json, "sha256", hash);
  json.member("path", parts.sources.data.string()).member("rows", parts.data.rows());
  json.member("identifier", parts.recipe->identifier()).member("recipe", parts.recipe->name());
  json.member("loaded_at", iso8601_utc(parts.loaded_at));
  json.member("skipped_count", parts.data.skipped().size()).key("skipped").begin_array();
  for (const BadRow& bad : parts.data.skipped()) {
    json.begin_object().member("row", bad.row).member("identifier", bad.identifier);
    json.member("reason", to_string(bad.error)).end_object();
  }
  json.end_array().end_object();
}

void write_explanations(JsonWriter& json, const ExplanationSource::Report& report,
                        const std::string& live_method) {
  const bool in_probability = report.file_served && !report.adds_up_to_raw;
  json.key("explanations").begin_object();
  json.member("served", report.file_served ? "file" : "live");
  json.member("method", report.file_served ? "SHAP values of the shipped file" : live_method);
  json.member("scale", in_probability ? "probability" : "log-odds");
  json.key("shipped_file").begin_object();
  json.member("parity", to_string(report.status)).member("checking", report.checking);
  json.member("rows_checked", report.rows_checked);
  json.member("max_difference", report.max_difference).key("warning");
  if (report.warning.empty()) {
    json.null();
  } else {
    json.string(report.warning);
  }
  json.end_object().end_object();
}

/// Null for the epoch: not known.
void write_time(JsonWriter& json, std::string_view name,
                std::chrono::system_clock::time_point time) {
  json.key(name);
  if (time == std::chrono::system_clock::time_point()) {
    json.null();
  } else {
    json.string(iso8601_utc(time));
  }
}

void write_origin(JsonWriter& json, std::string_view name, const std::optional<HubOrigin>& origin) {
  json.key(name);
  if (!origin) {
    json.null();
    return;
  }
  json.begin_object().member("repository", origin->repo).member("revision", origin->revision);
  json.member("commit", origin->commit);
  write_time(json, "committed_at", origin->committed_at);
  json.member("pinned", origin->pinned).end_object();
}

}  // namespace

Snapshot::Snapshot(SnapshotParts parts) : parts_(std::move(parts)) {
  for (const OutputColumn& feature : parts_.model->pipeline.features()) {
    feature_names_.push_back(feature.name);
  }
  for (const Column& column : parts_.data.inputs().columns()) {
    if (column.type() == ColumnType::kDouble) plottable_.push_back(column.name());
  }
  for (const std::string& name : parts_.recipe->main_features()) {
    if (parts_.data.inputs().find(name) != nullptr) main_features_.push_back(name);
  }
  references_ = make_references(parts_.data.inputs(), parts_.scores, parts_.threads);
  if (main_features_.empty()) {
    const std::size_t count = std::min(plottable_.size(), kDefaultMainFeatures);
    main_features_.assign(plottable_.begin(),
                          plottable_.begin() + static_cast<std::ptrdiff_t>(count));
  }
}

std::string Snapshot::customer_name(std::size_t row) const {
  const Column& identifiers = parts_.data.identifiers();
  if (identifiers.type() == ColumnType::kText) return std::string(identifiers.text(row));
  return std::to_string(identifiers.integers()[row]);
}

void Snapshot::set_explanations(std::unique_ptr<ExplanationSource> source) {
  explanations_ = std::move(source);
}

Result<Explanation> Snapshot::explain_live(std::size_t row) const {
  Explanation explanation;
  explanation.values.resize(feature_names_.size());
  const auto table = contributions();
  if (table && table->features() != nullptr) {
    table->features()->read(row, explanation.values);
  } else {
    RETURN_IF_ERROR(
        parts_.explainer.explain(parts_.data.inputs(), {row, 1}, 1, explanation.values));
  }
  explanation.base_value = parts_.explainer.base_values()[0];
  return explanation;
}

PointScale Snapshot::points() const {
  const ExplanationSource::Report report = explanations_->report();
  const bool of_probability =
      report.file_served ? !report.adds_up_to_raw
                         : model().pipeline.estimator()->raw_scale() == ScoreScale::kProbability;
  return {parts_.points, of_probability ? PointsOf::kProbability : PointsOf::kLogOdds,
          model().threshold};
}

std::shared_ptr<const ContributionTable> Snapshot::contributions() const {
  const std::lock_guard lock(contributions_mutex_);
  return contributions_;
}

void Snapshot::start_contributions(std::function<void(const std::string&)> on_warning) {
  computing_ = std::jthread([this, warn = std::move(on_warning)](const std::stop_token& stop) {
    // Requests come first, however long this takes; on Linux the thread's own.
    [[maybe_unused]] const int niceness = ::nice(10);
    if (parts_.data_file) {
      std::string hash = sha256_hex(parts_.data_file->bytes());
      parts_.data_file.reset();
      const std::lock_guard lock(contributions_mutex_);
      data_sha256_ = std::move(hash);
    }
    auto made = ContributionTable::make(model().pipeline, parts_.explainer, parts_.data.inputs(),
                                        stop, kMostContributionBytes);
    if (made) {
      const std::lock_guard lock(contributions_mutex_);
      contributions_ = std::move(*made);
    } else {
      warn("no contributions of all applicants: " + to_string(made.error()));
    }
  });
}

std::string Snapshot::data_sha256() const {
  const std::lock_guard lock(contributions_mutex_);
  return data_sha256_;
}

void Snapshot::write_provenance(JsonWriter& json) const {
  const auto commit = [&](std::string_view name, const std::optional<HubOrigin>& origin) {
    json.key(name);
    if (origin) {
      json.string(origin->commit);
    } else {
      json.null();
    }
  };
  json.member("version", version()).member("model_sha256", parts_.model->card.sha256);
  commit("model_commit", parts_.sources.model_origin);
  const std::optional<HubOrigin>& data = parts_.sources.data_origin;
  commit("data_commit", data);
  write_time(json, "data_committed_at",
             data ? data->committed_at : std::chrono::system_clock::time_point());
  write_hash(json, "data_sha256", data_sha256());
  json.member("loaded_at", iso8601_utc(parts_.loaded_at));
  json.member("explanations", explanations_->report().file_served ? "file" : "live");
}

Result<std::vector<Explanation>> Snapshot::explain_rows(const Frame& inputs) const {
  const std::size_t width = feature_names_.size();
  std::vector<double> values(inputs.rows() * width);
  RETURN_IF_ERROR(parts_.explainer.explain(inputs, {0, inputs.rows()},
                                           threads_for_rows(inputs.rows()), values));
  std::vector<Explanation> explanations(inputs.rows());
  for (std::size_t row = 0; row < inputs.rows(); ++row) {
    const std::span<const double> own = std::span(values).subspan(row * width, width);
    explanations[row] = {parts_.explainer.base_values()[0], {own.begin(), own.end()}};
  }
  return explanations;
}

std::string Snapshot::live_method() const {
  if (parts_.background_rows == 0) {
    return "path-dependent TreeSHAP, computed for each applicant";
  }
  return "interventional TreeSHAP against " + std::to_string(parts_.background_rows) +
         " background rows, computed for each applicant";
}

Result<Explanation> Snapshot::explain(std::size_t row) const {
  return explanations_->explain(row);
}

bool Snapshot::explains_at_once() const {
  if (explanations_->serves_file()) return false;
  const auto table = contributions();
  return table && table->features() != nullptr;
}

std::vector<std::string> Snapshot::shipped_histograms() const {
  std::vector<std::string> names;
  for (const auto& [name, json] : parts_.histograms) names.push_back(name);
  return names;
}

Result<std::string> Snapshot::histogram_json(std::string_view feature) const {
  const std::string name(feature);
  if (const auto shipped = parts_.histograms.find(name); shipped != parts_.histograms.end()) {
    return shipped->second;
  }
  const Column* column = parts_.data.inputs().find(feature);
  if (column == nullptr || column->type() != ColumnType::kDouble) {
    std::vector<std::string> available = plottable_;
    for (const auto& [shipped, json] : parts_.histograms) {
      if (std::find(available.begin(), available.end(), shipped) == available.end()) {
        available.push_back(shipped);
      }
    }
    std::sort(available.begin(), available.end());
    return fail(ErrorCode::kNotFound, "Distribution not available for '" + name + "'", {},
                "Available: " + quoted_list(available));
  }
  return to_json(make_histogram(name, column->doubles(), kHistogramBins));
}

std::chrono::system_clock::time_point Snapshot::global_importance_time() const {
  return parts_.loaded_at;
}

Result<std::shared_ptr<const Bytes>> Snapshot::global_importance_png(Language language) const {
  if (parts_.global_importance) return parts_.global_importance;
  const std::lock_guard lock(drawing_mutex_);
  std::shared_ptr<const Bytes>& drawn = drawn_[static_cast<std::size_t>(language)];
  if (!drawn) {
    ASSIGN_OR_RETURN(drawn, draw_global_importance(language));
  }
  return drawn;
}

Result<std::shared_ptr<const Bytes>> Snapshot::draw_global_importance(Language language) const {
  const Pipeline& pipeline = parts_.model->pipeline;
  const std::vector<std::size_t> rows = spread_rows(parts_.data.rows(), kPictureRows);
  const std::size_t width = feature_names_.size();
  std::vector<double> contributions(rows.size() * width);
  std::vector<double> values(rows.size() * width);
  std::vector<Result<void>> done(rows.size());
  const auto explain_row = [&](std::size_t i) -> Result<void> {
    ASSIGN_OR_RETURN(const Frame features,
                     pipeline.transform(parts_.data.inputs().slice(rows[i], 1)));
    for (std::size_t f = 0; f < width; ++f) {
      const Column& column = features.column(f);
      // Text has no order to colour by.
      values[i * width + f] = column.type() == ColumnType::kText
                                  ? std::numeric_limits<double>::quiet_NaN()
                                  : column.number(0);
    }
    return parts_.explainer.explain(parts_.data.inputs(), {rows[i], 1}, 1,
                                    std::span(contributions).subspan(i * width, width));
  };
  parallel_blocks(rows.size(), kPictureBlockRows, parts_.threads,
                  [&](std::size_t begin, std::size_t end) {
                    for (std::size_t i = begin; i < end; ++i) done[i] = explain_row(i);
                  });
  for (Result<void>& one : done) RETURN_IF_ERROR(std::move(one));
  ASSIGN_OR_RETURN(Bytes png, render_beeswarm(beeswarm_input(
                                  feature_names_, contributions, values, kPictureFeatures,
                                  language == Language::kFrench ? BeeswarmLabels::french()
                                                                : BeeswarmLabels::english())));
  return std::make_shared<const Bytes>(std::move(png));
}

std::string Snapshot::version() const {
  std::string commits = version_of(parts_.sources);
  if (!commits.empty()) return commits;
  constexpr std::size_t kDigits = 12;
  return parts_.model->card.sha256.substr(0, kDigits) + "/" + iso8601_utc(parts_.loaded_at);
}

void Snapshot::write_model_card(JsonWriter& json) const {
  json.member("clairscore", clairscore::version()).member("version", version());
  write_model(json, *parts_.model);
  write_origin(json, "model_origin", parts_.sources.model_origin);
  json.member("threshold", parts_.model->threshold);
  json.member("threshold_from_model", parts_.model->threshold_from_model);
  write_data(json, parts_, data_sha256());
  write_origin(json, "data_origin", parts_.sources.data_origin);
  const PointScale scale = points();
  json.key("points").begin_object().member("scale", to_string(scale.scale()));
  json.member("threshold", scale.rule().at_threshold).member("doubling", scale.rule().doubling);
  json.member("review_zone", scale.rule().review_zone).end_object();
  json.member("dictionary", parts_.dictionary->name());
  json.key("features").strings(feature_names_).key("main_features").strings(main_features_);
  json.key("plottable").strings(plottable_);
  json.key("protected_inputs").strings(parts_.recipe->protected_inputs());
  write_explanations(json, explanations_->report(), live_method());
  json.key("global_importance").begin_object();
  json.member("source", parts_.global_importance ? "shipped" : "drawn");
  if (!parts_.global_importance) {
    json.member("rows", std::min(parts_.data.rows(), kPictureRows));
  }
  json.end_object();
}

}  // namespace clairscore
