#include "model/linked_estimator.h"

#include <utility>

#include "model/linked_engine.h"

namespace clairscore {

namespace {

class LinkedEstimator final : public Estimator {
 public:
  explicit LinkedEstimator(LinkedParts parts)
      : parts_(std::move(parts)), map_{parts_.divisor, parts_.factor, parts_.offset} {
    for (const double base : parts_.sum->base_values()) base_values_.push_back(map_.of_score(base));
  }

  const std::string& kind() const override { return parts_.kind; }
  std::size_t features() const override { return parts_.sum->features(); }
  const std::vector<std::string>& classes() const override { return parts_.classes; }
  std::size_t outputs() const override { return parts_.sum->outputs(); }
  ScoreScale raw_scale() const override { return parts_.scale; }
  bool has_probabilities() const override { return parts_.link.kind != Link::Kind::kNone; }

  Result<void> raw_scores(const Frame& features, std::span<double> out) const override {
    RETURN_IF_ERROR(parts_.sum->raw_scores(features, out));
    for (double& score : out) score = map_.of_score(score);
    return {};
  }
  void probabilities(std::span<const double> raw, std::span<double> out) const override {
    apply_link(parts_.link, raw, out);
  }
  bool explainable() const override { return parts_.sum->explainable(); }
  std::string why_not() const override { return parts_.sum->why_not(); }
  std::span<const double> base_values() const override { return base_values_; }
  Result<void> explain(const Frame& features, std::span<double> out) const override {
    RETURN_IF_ERROR(parts_.sum->explain(features, out));
    for (double& value : out) value = map_.of_contribution(value);
    return {};
  }
  RowEnginePtr engine_on(const std::vector<CellRule>& rules) const override {
    return make_linked_engine(parts_.sum->engine_on(rules), map_);
  }

 private:
  LinkedParts parts_;
  AffineMap map_;
  std::vector<double> base_values_;
};

}  // namespace

Result<EstimatorPtr> make_linked_estimator(LinkedParts parts) {
  const std::size_t outputs = parts.sum->outputs();
  const std::size_t classes = parts.classes.size();
  const bool fits = classes <= 2 ? outputs == 1 && classes != 1 : outputs == classes;
  if (!fits) {
    return fail(ErrorCode::kInput,
                std::to_string(outputs) + " outputs for " + std::to_string(classes) + " classes",
                parts.kind, "one output for two classes, one a class for more");
  }
  if (!(parts.divisor > 0 || parts.divisor < 0)) {
    return fail(ErrorCode::kInput, "an average of nothing", parts.kind, "at least one member");
  }
  return std::make_shared<const LinkedEstimator>(std::move(parts));
}

}  // namespace clairscore
