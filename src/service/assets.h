#pragma once

// Everything that is served, as one immutable snapshot: model, data, scores and explanations that
// belong together. A request takes the snapshot once and answers from it, so that it never mixes
// old and new. Building one happens off the serving threads (service/asset_loader.h).

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "base/json_writer.h"
#include "data/dataset.h"
#include "data/dictionary.h"
#include "data/recipe.h"
#include "mlflow/loaded_model.h"
#include "service/points.h"
#include "service/portfolio.h"
#include "service/score.h"

namespace clairscore {

/// Where the served contributions come from (setting `explanations`).
enum class ExplanationSetting { kAuto, kLive, kFile };

/// A customer's contributions, in the scale that `method` names.
struct Explanation {
  double base_value = 0;
  std::vector<double> values;  // one per feature of the pipeline, in its order
};

class Assets {
 public:
  virtual ~Assets() = default;

  virtual const LoadedModel& model() const = 0;
  virtual const Recipe& recipe() const = 0;
  virtual const Dataset& data() const = 0;
  /// Names of the pipeline's features, in order.
  virtual const std::vector<std::string>& feature_names() const = 0;

  /// Inputs shown first on the screen: the recipe's that there are, else a few that can be plotted.
  virtual const std::vector<std::string>& main_features() const = 0;

  virtual Score score(std::size_t row) const = 0;
  /// Computed on the call or before, or read from the shipped file when that is what is served.
  virtual Result<Explanation> explain(std::size_t row) const = 0;
  /// Whether explain() only copies what was computed before: a microsecond, and never a disk.
  virtual bool explains_at_once() const = 0;
  /// Contributions of rows that are not among the applicants, computed now and in log-odds: rows of
  /// the model's inputs.
  virtual Result<std::vector<Explanation>> explain_rows(const Frame& inputs) const = 0;

  /// Every score, by row.
  virtual std::span<const Score> scores() const = 0;
  /// The scale on which the contributions of explain() add up to the score, in points.
  virtual PointScale points() const = 0;
  /// What the inputs mean, in words.
  virtual const InputDictionary& dictionary() const = 0;
  /// What is usual for each column of data().inputs().
  virtual std::span<const InputReference> references() const = 0;
  /// Contributions of everybody, computed live whatever explain() serves; null until they are
  /// there.
  virtual std::shared_ptr<const ContributionTable> contributions() const = 0;

  /// Numeric inputs that can be plotted: the doubles of the signature.
  virtual const std::vector<std::string>& plottable() const = 0;
  /// Names of shipped histograms, sorted.
  virtual std::vector<std::string> shipped_histograms() const = 0;
  /// JSON text of the histogram: the shipped one, else computed live with 30 equal-width bins.
  /// kNotFound for a name that is not plottable: `what` is "Distribution not available for 'X'",
  /// `accepted` is "Available: ['A', 'B']", sorted.
  virtual Result<std::string> histogram_json(std::string_view feature) const = 0;

  /// The global importance picture: the shipped PNG, whatever its language, else drawn from live
  /// values with words of this language (drawn on the first call, then kept). Thread-safe.
  virtual Result<std::shared_ptr<const Bytes>> global_importance_png(Language language) const = 0;
  virtual std::chrono::system_clock::time_point global_importance_time() const = 0;

  /// Tells these assets from others: the Hub's commits where there are any.
  virtual std::string version() const = 0;

  /// Members that say what an answer rests on, written into an object that is open.
  virtual void write_provenance(JsonWriter& json) const = 0;
  /// Members of the model card (/api/v1/model), written into an object that is open: what is
  /// served, from where, how it is explained and how that compares with the shipped file. Changes
  /// while the file is still being compared.
  virtual void write_model_card(JsonWriter& json) const = 0;
};

using AssetsPtr = std::shared_ptr<const Assets>;

}  // namespace clairscore
