#include "model/combined_estimator.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <utility>

#include "model/link.h"

namespace clairscore {

namespace {

std::size_t outputs_for(const std::vector<std::string>& classes) {
  return classes.size() <= 2 ? 1 : classes.size();
}

Frame select(const Frame& rows, const std::vector<std::size_t>& columns) {
  std::vector<Column> selected;
  selected.reserve(columns.size());
  for (const std::size_t column : columns) selected.push_back(rows.column(column));
  return Frame(rows.rows(), std::move(selected));
}

/// Raw scores of a member, and from them one response an output.
Result<std::vector<double>> responses(const Estimator& estimator, const Frame& rows,
                                      Response response) {
  const std::size_t outputs = estimator.outputs();
  std::vector<double> values(rows.rows() * outputs);
  RETURN_IF_ERROR(estimator.raw_scores(rows, values));
  if (response != Response::kProbability) return values;
  std::vector<double> probabilities(estimator.classes().size());
  for (std::size_t r = 0; r < rows.rows(); ++r) {
    const std::span<double> raw = std::span(values).subspan(r * outputs, outputs);
    estimator.probabilities(raw, probabilities);
    if (outputs == 1) {
      raw[0] = probabilities[1];
    } else {
      std::copy(probabilities.begin(), probabilities.end(), raw.begin());
    }
  }
  return values;
}

class MeanEstimator final : public Estimator {
 public:
  explicit MeanEstimator(MeanParts parts) : parts_(std::move(parts)) {
    for (const Member& member : parts_.members) total_ += member.weight;
    find_why_not();
    if (!explainable()) return;
    base_values_.assign(outputs(), 0.0);
    for (const Member& member : parts_.members) {
      for (std::size_t k = 0; k < outputs(); ++k) {
        base_values_[k] += member.weight * member.estimator->base_values()[k];
      }
    }
    for (double& value : base_values_) value /= total_;
  }

  const std::string& kind() const override { return parts_.kind; }
  std::size_t features() const override { return parts_.features; }
  const std::vector<std::string>& classes() const override { return parts_.classes; }
  std::size_t outputs() const override { return outputs_for(parts_.classes); }
  ScoreScale raw_scale() const override {
    return parts_.classes.empty() ? ScoreScale::kPrediction : ScoreScale::kProbability;
  }
  void probabilities(std::span<const double> raw, std::span<double> out) const override {
    apply_link({Link::Kind::kProbability}, raw, out);
  }
  bool explainable() const override { return why_not_.empty(); }
  std::string why_not() const override { return why_not_; }
  std::span<const double> base_values() const override { return base_values_; }

  Result<void> raw_scores(const Frame& rows, std::span<double> out) const override {
    std::fill(out.begin(), out.end(), 0.0);
    for (const Member& member : parts_.members) {
      ASSIGN_OR_RETURN(const std::vector<double> values, answers(member, rows));
      for (std::size_t i = 0; i < out.size(); ++i) out[i] += member.weight * values[i];
    }
    for (double& value : out) value /= total_;
    return {};
  }

  Result<void> explain(const Frame& rows, std::span<double> out) const override {
    std::fill(out.begin(), out.end(), 0.0);
    for (const Member& member : parts_.members) {
      const bool all = member.columns.empty();
      const std::size_t width = member.estimator->features();
      std::vector<double> values(rows.rows() * outputs() * width);
      RETURN_IF_ERROR(all ? member.estimator->explain(rows, values)
                          : member.estimator->explain(select(rows, member.columns), values));
      for (std::size_t i = 0; i < values.size(); ++i) {
        const std::size_t feature = all ? i % width : member.columns[i % width];
        out[i / width * parts_.features + feature] += member.weight * values[i];
      }
    }
    for (double& value : out) value /= total_;
    return {};
  }

 private:
  void find_why_not() {
    for (const Member& member : parts_.members) {
      const Estimator& estimator = *member.estimator;
      if (!member.calibrators.empty()) {
        why_not_ =
            "its probabilities are calibrated, and a calibrated score is no sum over features";
      } else if (!estimator.explainable()) {
        why_not_ = estimator.why_not();
      } else if (estimator.raw_scale() != raw_scale()) {
        why_not_ = "it averages probabilities of a " + estimator.kind() +
                   ", which is additive in " + std::string(to_string(estimator.raw_scale()));
      }
      if (!why_not_.empty()) return;
    }
  }

  Result<std::vector<double>> answers(const Member& member, const Frame& rows) const {
    const bool regressor = parts_.classes.empty();
    const Response response = regressor                    ? Response::kPrediction
                              : member.calibrators.empty() ? Response::kProbability
                                                           : member.calibrated;
    ASSIGN_OR_RETURN(std::vector<double> values,
                     member.columns.empty()
                         ? responses(*member.estimator, rows, response)
                         : responses(*member.estimator, select(rows, member.columns), response));
    if (member.calibrators.empty()) return values;
    const std::size_t count = member.calibrators.size();
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = member.calibrators[i % count](values[i]);
    }
    if (count == 1) return values;
    for (std::size_t first = 0; first < values.size(); first += count) {
      double sum = 0;
      for (std::size_t k = 0; k < count; ++k) sum += values[first + k];
      for (std::size_t k = 0; k < count; ++k) {
        double& value = values[first + k];
        value = sum == 0 ? 1 / static_cast<double>(count) : value / sum;
      }
    }
    return values;
  }

  MeanParts parts_;
  double total_ = 0;
  std::string why_not_;
  std::vector<double> base_values_;
};

class MedianEstimator final : public Estimator {
 public:
  explicit MedianEstimator(MedianParts parts) : parts_(std::move(parts)) {}

  const std::string& kind() const override { return parts_.kind; }
  std::size_t features() const override { return parts_.features; }
  const std::vector<std::string>& classes() const override { return classes_; }
  std::size_t outputs() const override { return 1; }
  ScoreScale raw_scale() const override { return ScoreScale::kPrediction; }
  void probabilities(std::span<const double> raw, std::span<double> out) const override {
    apply_link({Link::Kind::kNone}, raw, out);
  }
  bool explainable() const override { return false; }
  std::string why_not() const override {
    return "it answers the weighted median of its members, which is no sum over features";
  }
  std::span<const double> base_values() const override { return {}; }

  Result<void> raw_scores(const Frame& rows, std::span<double> out) const override {
    const std::size_t count = parts_.members.size();
    std::vector<double> answers(count * rows.rows());
    for (std::size_t m = 0; m < count; ++m) {
      RETURN_IF_ERROR(parts_.members[m]->raw_scores(
          rows, std::span(answers).subspan(m * rows.rows(), rows.rows())));
    }
    std::vector<std::size_t> order(count);
    std::vector<double> reached(count);
    for (std::size_t r = 0; r < rows.rows(); ++r) {
      const auto answer = [&](std::size_t m) { return answers[m * rows.rows() + r]; };
      std::iota(order.begin(), order.end(), std::size_t{0});
      std::stable_sort(order.begin(), order.end(),
                       [&](std::size_t a, std::size_t b) { return answer(a) < answer(b); });
      double sum = 0;
      for (std::size_t i = 0; i < count; ++i) reached[i] = sum += parts_.weights[order[i]];
      const auto half = std::find_if(reached.begin(), reached.end(),
                                     [&](double weight) { return weight >= 0.5 * sum; });
      out[r] = answer(order[static_cast<std::size_t>(half - reached.begin())]);
    }
    return {};
  }
  Result<void> explain(const Frame& /*rows*/, std::span<double> /*out*/) const override {
    return fail(ErrorCode::kUnsupported, why_not(), parts_.kind);
  }

 private:
  MedianParts parts_;
  std::vector<std::string> classes_;
};

class StackedEstimator final : public Estimator {
 public:
  explicit StackedEstimator(StackedParts parts) : parts_(std::move(parts)) {}

  const std::string& kind() const override { return parts_.kind; }
  std::size_t features() const override { return parts_.features; }
  const std::vector<std::string>& classes() const override { return parts_.classes; }
  std::size_t outputs() const override { return parts_.final_estimator->outputs(); }
  ScoreScale raw_scale() const override { return parts_.final_estimator->raw_scale(); }
  bool has_probabilities() const override { return parts_.final_estimator->has_probabilities(); }
  void probabilities(std::span<const double> raw, std::span<double> out) const override {
    parts_.final_estimator->probabilities(raw, out);
  }
  bool explainable() const override { return false; }
  std::string why_not() const override {
    return "its final estimator sees what other models answer, not the features";
  }
  std::span<const double> base_values() const override { return {}; }

  Result<void> raw_scores(const Frame& rows, std::span<double> out) const override {
    std::vector<Column> columns;
    for (const StackedParts::Layer& layer : parts_.members) {
      ASSIGN_OR_RETURN(const std::vector<double> values,
                       responses(*layer.estimator, rows, layer.response));
      const std::size_t width = layer.estimator->outputs();
      for (std::size_t k = 0; k < width; ++k) {
        std::vector<double> column(rows.rows());
        for (std::size_t r = 0; r < column.size(); ++r) column[r] = values[r * width + k];
        columns.push_back(
            Column::of_doubles("answer " + std::to_string(columns.size()), std::move(column)));
      }
    }
    if (parts_.passthrough) {
      columns.insert(columns.end(), rows.columns().begin(), rows.columns().end());
    }
    return parts_.final_estimator->raw_scores(Frame(rows.rows(), std::move(columns)), out);
  }
  Result<void> explain(const Frame& /*rows*/, std::span<double> /*out*/) const override {
    return fail(ErrorCode::kUnsupported, why_not(), parts_.kind);
  }

 private:
  StackedParts parts_;
};

class PipedEstimator final : public Estimator {
 public:
  PipedEstimator(TransformerPtr transformer, EstimatorPtr estimator, std::size_t features)
      : transformer_(std::move(transformer)),
        estimator_(std::move(estimator)),
        features_(features) {}

  const std::string& kind() const override { return estimator_->kind(); }
  std::size_t features() const override { return features_; }
  const std::vector<std::string>& classes() const override { return estimator_->classes(); }
  std::size_t outputs() const override { return estimator_->outputs(); }
  ScoreScale raw_scale() const override { return estimator_->raw_scale(); }
  bool has_probabilities() const override { return estimator_->has_probabilities(); }
  void probabilities(std::span<const double> raw, std::span<double> out) const override {
    estimator_->probabilities(raw, out);
  }
  bool explainable() const override { return false; }
  std::string why_not() const override {
    return "its members have steps of their own, which make features of their own";
  }
  std::span<const double> base_values() const override { return {}; }
  Result<void> raw_scores(const Frame& rows, std::span<double> out) const override {
    ASSIGN_OR_RETURN(const Frame features, transformer_->transform(rows));
    return estimator_->raw_scores(features, out);
  }
  Result<void> explain(const Frame& /*rows*/, std::span<double> /*out*/) const override {
    return fail(ErrorCode::kUnsupported, why_not(), kind());
  }

 private:
  TransformerPtr transformer_;
  EstimatorPtr estimator_;
  std::size_t features_;
};

}  // namespace

double Calibrator::operator()(double response) const {
  if (x.empty()) return expit(-(slope * response + intercept));
  if (as_float32) response = static_cast<double>(static_cast<float>(response));
  double value = y.front();
  if (response >= x.back()) {
    value = y.back();
  } else if (response > x.front()) {
    const auto above = std::upper_bound(x.begin(), x.end(), response);
    const auto i = static_cast<std::size_t>(above - x.begin());
    const double rise = (y[i] - y[i - 1]) / (x[i] - x[i - 1]);
    value = rise * (response - x[i - 1]) + y[i - 1];
  }
  return as_float32 ? static_cast<double>(static_cast<float>(value)) : value;
}

Result<EstimatorPtr> make_mean_estimator(MeanParts parts) {
  const auto refuse = [&](std::string what) {
    return fail(ErrorCode::kInput, std::move(what), parts.kind);
  };
  if (parts.members.empty()) return refuse("a mean of no members");
  const std::size_t outputs = outputs_for(parts.classes);
  double total = 0;
  for (const Member& member : parts.members) {
    const Estimator& estimator = *member.estimator;
    if (estimator.outputs() != outputs || estimator.classes().size() != parts.classes.size()) {
      return refuse("a member of " + std::to_string(estimator.classes().size()) +
                    " classes among " + std::to_string(parts.classes.size()));
    }
    const bool all = member.columns.empty();
    if (estimator.features() != (all ? parts.features : member.columns.size())) {
      return refuse("a member of " + std::to_string(estimator.features()) + " features");
    }
    for (const std::size_t column : member.columns) {
      if (column >= parts.features) return refuse("a member's feature that is out of range");
    }
    if (!member.calibrators.empty() && member.calibrators.size() != outputs) {
      return refuse("a number of calibrators that does not fit the classes");
    }
    if (!parts.classes.empty() && member.calibrators.empty() && !estimator.has_probabilities()) {
      return refuse("a mean of the probabilities of " + estimator.kind() + ", which has none");
    }
    for (const Calibrator& calibrator : member.calibrators) {
      if (calibrator.x.size() != calibrator.y.size()) return refuse("a broken calibration curve");
    }
    total += member.weight;
  }
  if (!std::isfinite(total) || total == 0) return refuse("weights that sum to nothing");
  return std::make_shared<const MeanEstimator>(std::move(parts));
}

Result<EstimatorPtr> make_median_estimator(MedianParts parts) {
  const auto refuse = [&](std::string what) {
    return fail(ErrorCode::kInput, std::move(what), parts.kind);
  };
  if (parts.members.empty()) return refuse("a median of no members");
  if (parts.weights.size() != parts.members.size()) return refuse("weights of other members");
  double total = 0;
  for (std::size_t m = 0; m < parts.members.size(); ++m) {
    const Estimator& member = *parts.members[m];
    if (!member.classes().empty() || member.features() != parts.features) {
      return refuse("a median of members that are no regressors of the same features");
    }
    if (!(parts.weights[m] >= 0)) return refuse("a weight that is no number of 0 or more");
    total += parts.weights[m];
  }
  if (!std::isfinite(total) || total == 0) return refuse("weights that sum to nothing");
  return std::make_shared<const MedianEstimator>(std::move(parts));
}

Result<EstimatorPtr> make_stacked_estimator(StackedParts parts) {
  std::size_t made = parts.passthrough ? parts.features : 0;
  for (const StackedParts::Layer& layer : parts.members) {
    if (layer.estimator->features() != parts.features) {
      return fail(ErrorCode::kInput,
                  "a member of " + std::to_string(layer.estimator->features()) + " features",
                  parts.kind, std::to_string(parts.features));
    }
    if (layer.response == Response::kProbability && !layer.estimator->has_probabilities()) {
      return fail(ErrorCode::kInput, "a member without probabilities", parts.kind);
    }
    made += layer.estimator->outputs();
  }
  if (parts.final_estimator->features() != made ||
      parts.final_estimator->classes().size() != parts.classes.size()) {
    return fail(ErrorCode::kInput,
                "a final estimator of " + std::to_string(parts.final_estimator->features()) +
                    " features where the members give " + std::to_string(made),
                parts.kind);
  }
  return std::make_shared<const StackedEstimator>(std::move(parts));
}

EstimatorPtr make_piped_estimator(TransformerPtr transformer, EstimatorPtr estimator,
                                  std::size_t features) {
  return std::make_shared<const PipedEstimator>(std::move(transformer), std::move(estimator),
                                                features);
}

}  // namespace clairscore
