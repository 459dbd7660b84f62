#include "model/additive_estimator.h"

#include <cmath>
#include <utility>

namespace clairscore {

namespace {

double value_of(const std::vector<AdditiveParts::Term>& terms, double x) {
  double sum = 0;
  for (const AdditiveParts::Term& term : terms) {
    const double away = x - term.center;
    sum += term.constant + away * (term.slope + term.curvature * away);
  }
  return sum;
}

class AdditiveEstimator final : public Estimator {
 public:
  explicit AdditiveEstimator(AdditiveParts parts) : parts_(std::move(parts)) {}

  const std::string& kind() const override { return parts_.kind; }
  std::size_t features() const override { return parts_.features; }
  const std::vector<std::string>& classes() const override { return parts_.classes; }
  std::size_t outputs() const override { return parts_.base.size(); }
  ScoreScale raw_scale() const override { return parts_.scale; }
  bool has_probabilities() const override { return parts_.link.kind != Link::Kind::kNone; }
  void probabilities(std::span<const double> raw, std::span<double> out) const override {
    apply_link(parts_.link, raw, out);
  }
  bool explainable() const override { return true; }
  std::span<const double> base_values() const override { return parts_.base; }

  Result<void> raw_scores(const Frame& rows, std::span<double> out) const override {
    ASSIGN_OR_RETURN(const NumericColumns numbers, read(rows));
    const std::size_t outputs = parts_.base.size();
    for (std::size_t r = 0; r < rows.rows(); ++r) {
      for (std::size_t k = 0; k < outputs; ++k) {
        double sum = 0;
        for (std::size_t f = 0; f < parts_.features; ++f) {
          sum += value_of(parts_.terms[k * parts_.features + f], numbers.columns[f][r]);
        }
        out[r * outputs + k] = sum + parts_.base[k];
      }
    }
    return {};
  }

  Result<void> explain(const Frame& rows, std::span<double> out) const override {
    ASSIGN_OR_RETURN(const NumericColumns numbers, read(rows));
    const std::size_t outputs = parts_.base.size();
    for (std::size_t r = 0; r < rows.rows(); ++r) {
      for (std::size_t i = 0; i < outputs * parts_.features; ++i) {
        out[r * outputs * parts_.features + i] =
            value_of(parts_.terms[i], numbers.columns[i % parts_.features][r]);
      }
    }
    return {};
  }

 private:
  Result<NumericColumns> read(const Frame& rows) const {
    return numeric_columns(rows, parts_.features, parts_.kind, parts_.rule);
  }
  AdditiveParts parts_;
};

}  // namespace

Result<EstimatorPtr> make_additive_estimator(AdditiveParts parts) {
  const std::size_t outputs = parts.base.size();
  const std::size_t classes = parts.classes.size();
  const bool fits = classes <= 2 ? outputs == 1 && classes != 1 : outputs == classes;
  if (!fits || parts.terms.size() != outputs * parts.features) {
    return fail(ErrorCode::kInput,
                std::to_string(outputs) + " outputs of " + std::to_string(parts.terms.size()) +
                    " terms for " + std::to_string(classes) + " classes and " +
                    std::to_string(parts.features) + " features",
                parts.kind, "one output for two classes, one a class for more");
  }
  bool finite = true;
  for (const double base : parts.base) finite = finite && std::isfinite(base);
  for (const auto& terms : parts.terms) {
    for (const AdditiveParts::Term& t : terms) {
      finite = finite && std::isfinite(t.constant) && std::isfinite(t.center) &&
               std::isfinite(t.slope) && std::isfinite(t.curvature);
    }
  }
  if (!finite) {
    return fail(ErrorCode::kInput, "a coefficient that is not finite", parts.kind,
                "finite coefficients");
  }
  return std::make_shared<const AdditiveEstimator>(std::move(parts));
}

}  // namespace clairscore
