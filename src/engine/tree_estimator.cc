#include <cstdint>
#include <mutex>
#include <optional>
#include <utility>

#include "engine/tree_engine.h"
#include "engine/tree_estimator.h"
#include "model/link.h"
#include "model/tree_explainer.h"
#include "model/walking_explainer.h"

namespace clairscore {

namespace {

constexpr std::uint64_t kMostKeptTests = 4'000'000;
/// In all that is made of a test on a path.
constexpr std::uint64_t kTestBytes = 100;

class TreeEstimator final : public Estimator {
 public:
  explicit TreeEstimator(TreeEstimatorParts parts)
      : kind_(std::move(parts.kind)),
        classes_(std::move(parts.classes)),
        encoder_(std::move(parts.encoder)),
        ensemble_(std::make_shared<const TreeEnsemble>(std::move(parts.ensemble))) {
    if (kept_path_bytes(*ensemble_) == 0) {
      walking_.emplace(ensemble_);
    } else {
      explainer_.emplace(ensemble_);
    }
  }

  const std::string& kind() const override { return kind_; }
  std::size_t features() const override { return ensemble_->features(); }
  const std::vector<std::string>& classes() const override { return classes_; }
  std::size_t outputs() const override { return ensemble_->outputs(); }
  ScoreScale raw_scale() const override {
    return classes_.empty() ? ScoreScale::kPrediction : ScoreScale::kLogOdds;
  }
  bool explainable() const override { return true; }
  std::span<const double> base_values() const override {
    return walking_ ? walking_->base_values() : explainer_->base_values();
  }

  Result<void> raw_scores(const Frame& features, std::span<double> out) const override {
    const auto rows = open(features);
    if (rows && engine_->raw_scores(*rows, 0, features.rows(), out.data())) return {};
    ASSIGN_OR_RETURN(const Numbers numbers, numeric(features));
    ensemble_->raw_scores(numbers.columns, features.rows(), out);
    return {};
  }

  void probabilities(std::span<const double> raw, std::span<double> out) const override;

  Result<void> explain(const Frame& features, std::span<double> out) const override {
    const auto rows = open(features);
    if (rows && engine_->path_dependent(1).explain(*rows, 0, features.rows(), out.data())) {
      return {};
    }
    ASSIGN_OR_RETURN(const Numbers numbers, numeric(features));
    const std::size_t width = outputs() * ensemble_->features();
    std::vector<double> row(ensemble_->features());
    for (std::size_t r = 0; r < features.rows(); ++r) {
      for (std::size_t f = 0; f < row.size(); ++f) row[f] = numbers.columns[f][r];
      const std::span<double> contributions = out.subspan(r * width, width);
      if (walking_) {
        walking_->explain(row, contributions);
      } else {
        explainer_->explain(row, contributions);
      }
    }
    return {};
  }

  RowEnginePtr engine_on(const std::vector<CellRule>& rules) const override {
    if (walking_) return nullptr;  // an engine keeps every path, too
    if (!encoder_) return make_tree_engine(ensemble_, rules, base_values());
    const std::vector<std::string> names(ensemble_->features());
    auto encoding = encoder_->cell_rules(names);
    if (!encoding) return nullptr;
    const auto both = compose(rules, std::move(*encoding));
    return both ? make_tree_engine(ensemble_, *both, base_values()) : nullptr;
  }

 private:
  /// The features as rows of the engine; null where it does not take them.
  std::unique_ptr<const EngineRows> open(const Frame& features) const {
    if (features.columns().size() != ensemble_->features()) return nullptr;
    std::call_once(engine_once_, [&] {
      std::vector<CellRule> rules(ensemble_->features());
      for (std::size_t f = 0; f < rules.size(); ++f) rules[f].input = f;
      engine_ = engine_on(rules);
    });
    if (!engine_) return nullptr;
    std::vector<const Column*> columns;
    columns.reserve(features.columns().size());
    for (const Column& column : features.columns()) columns.push_back(&column);
    return engine_->open(columns, features.rows());
  }

  /// The columns the trees see, and the storage of those that had to be made.
  struct Numbers {
    std::vector<Column> converted;
    Frame encoded;
    std::vector<const double*> columns;
  };

  Result<Numbers> numeric(const Frame& features) const {
    if (features.columns().size() != ensemble_->features()) {
      return fail(ErrorCode::kInput,
                  "a table of " + std::to_string(features.columns().size()) + " features", kind_,
                  std::to_string(ensemble_->features()) + " features");
    }
    Numbers numbers;
    const Frame* source = &features;
    if (encoder_) {
      ASSIGN_OR_RETURN(numbers.encoded, encoder_->transform(features));
      source = &numbers.encoded;
    }
    numbers.converted.reserve(source->columns().size());
    numbers.columns.reserve(source->columns().size());
    for (const Column& column : source->columns()) {
      if (column.type() == ColumnType::kDouble) {
        numbers.columns.push_back(column.doubles().data());
        continue;
      }
      ASSIGN_OR_RETURN(Column converted, column.as_doubles());
      numbers.converted.push_back(std::move(converted));
      numbers.columns.push_back(numbers.converted.back().doubles().data());
    }
    return numbers;
  }

  std::string kind_;
  std::vector<std::string> classes_;
  TransformerPtr encoder_;
  std::shared_ptr<const TreeEnsemble> ensemble_;
  // Base values, and rows that the engine does not take: one of the two.
  std::optional<const TreeExplainer> explainer_;
  std::optional<const WalkingExplainer> walking_;
  mutable std::once_flag engine_once_;
  mutable RowEnginePtr engine_;  // on the features; may be null
};

void TreeEstimator::probabilities(std::span<const double> raw, std::span<double> out) const {
  const auto kind = raw.size() == 1 ? Link::Kind::kLogistic : Link::Kind::kSoftmax;
  apply_link({kind}, raw, out);
}

}  // namespace

std::uint64_t kept_path_bytes(const TreeEnsemble& ensemble) {
  return ensemble.path_tests() > kMostKeptTests ? 0 : (ensemble.path_tests() + 1) * kTestBytes;
}

Result<EstimatorPtr> make_tree_estimator(TreeEstimatorParts parts) {
  const std::size_t outputs = parts.ensemble.outputs();
  const std::size_t classes = parts.classes.size();
  const bool fits = classes == 0   ? outputs > 0
                    : classes == 2 ? outputs == 1
                                   : classes > 2 && outputs == classes;
  if (!fits) {
    return fail(ErrorCode::kInput,
                std::to_string(outputs) + " outputs for " + std::to_string(classes) + " classes",
                parts.kind, "one output for two classes, one a class for more");
  }
  return std::make_shared<const TreeEstimator>(std::move(parts));
}

}  // namespace clairscore
