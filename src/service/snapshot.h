#pragma once

// The one implementation of Assets that serves; made by load_assets() only.

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/bytes.h"
#include "service/asset_loader.h"
#include "service/assets.h"
#include "service/explanation_source.h"

namespace clairscore {

/// The parts of a snapshot as they are loaded, before contributions are compared.
struct SnapshotParts {
  AssetSources sources;
  std::shared_ptr<const LoadedModel> model;
  RecipePtr recipe;
  Dataset data;
  std::vector<Score> scores;                       // by row
  std::map<std::string, std::string> histograms;   // shipped JSON by feature
  std::shared_ptr<const Bytes> global_importance;  // shipped PNG, or null
  PipelineExplainer explainer;                     // of the model's pipeline
  std::size_t background_rows = 0;                 // 0: path-dependent
  std::chrono::system_clock::time_point loaded_at;
  std::size_t threads = 1;
  PointsRule points = {};
  InputDictionaryPtr dictionary = nullptr;
  /// The data as they were read, where no commit says what they were: to be hashed.
  std::optional<MappedFile> data_file = std::nullopt;
};

class Snapshot final : public Assets {
 public:
  explicit Snapshot(SnapshotParts parts);

  const LoadedModel& model() const override { return *parts_.model; }
  const Recipe& recipe() const override { return *parts_.recipe; }
  const Dataset& data() const override { return parts_.data; }
  const std::vector<std::string>& feature_names() const override { return feature_names_; }
  const std::vector<std::string>& main_features() const override { return main_features_; }
  Score score(std::size_t row) const override { return parts_.scores[row]; }
  Result<Explanation> explain(std::size_t row) const override;
  bool explains_at_once() const override;
  std::span<const Score> scores() const override { return parts_.scores; }
  PointScale points() const override;
  const InputDictionary& dictionary() const override { return *parts_.dictionary; }
  std::span<const InputReference> references() const override { return references_; }
  std::shared_ptr<const ContributionTable> contributions() const override;
  Result<std::vector<Explanation>> explain_rows(const Frame& inputs) const override;
  const std::vector<std::string>& plottable() const override { return plottable_; }
  std::vector<std::string> shipped_histograms() const override;
  Result<std::string> histogram_json(std::string_view feature) const override;
  Result<std::shared_ptr<const Bytes>> global_importance_png(Language language) const override;
  std::chrono::system_clock::time_point global_importance_time() const override;
  std::string version() const override;
  void write_provenance(JsonWriter& json) const override;
  void write_model_card(JsonWriter& json) const override;

  /// The identifier of a row, as text.
  std::string customer_name(std::size_t row) const;
  /// Contributions computed now or before, whatever is served.
  Result<Explanation> explain_live(std::size_t row) const;
  /// How they are computed, for people.
  std::string live_method() const;
  /// Set once, before the snapshot is shared.
  void set_explanations(std::unique_ptr<ExplanationSource> source);
  ExplanationSource& explanations() { return *explanations_; }
  /// Computes contributions() and the hash of the data on a thread of its own; at most once.
  /// `on_warning` as in AssetOptions.
  void start_contributions(std::function<void(const std::string&)> on_warning);

 private:
  Result<std::shared_ptr<const Bytes>> draw_global_importance(Language language) const;
  /// Empty until it is computed, and where a commit says what the data are.
  std::string data_sha256() const;

  SnapshotParts parts_;
  std::vector<std::string> feature_names_;
  std::vector<std::string> plottable_;
  std::vector<std::string> main_features_;
  std::vector<InputReference> references_;
  mutable std::mutex drawing_mutex_;  // guards drawn_
  mutable std::array<std::shared_ptr<const Bytes>, kLanguages> drawn_;
  mutable std::mutex contributions_mutex_;  // guards what follows
  std::shared_ptr<const ContributionTable> contributions_;
  std::string data_sha256_;
  std::unique_ptr<ExplanationSource> explanations_;  // its thread uses what is above
  std::jthread computing_;                           // the same
};

}  // namespace clairscore
