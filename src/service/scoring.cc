#include "service/scoring.h"

#include <algorithm>
#include <array>

#include "base/parallel.h"

namespace clairscore {

namespace {

constexpr std::size_t kRowsPerThread = 512;

}  // namespace

std::size_t threads_for_rows(std::size_t rows) {
  return std::clamp<std::size_t>(rows / kRowsPerThread, 1, available_threads());
}

Result<std::vector<Score>> score_rows(const LoadedModel& model, const Frame& inputs,
                                      std::size_t threads) {
  const EstimatorPtr& estimator = model.pipeline.estimator();
  if (!estimator || estimator->classes().size() != 2 || estimator->outputs() != 1) {
    return fail(ErrorCode::kUnsupported, "the model is no classifier of two classes",
                model.card.path, "one with two classes");
  }
  ASSIGN_OR_RETURN(const std::vector<double> raw, model.pipeline.raw_scores(inputs, threads));
  std::vector<Score> scores(raw.size());
  std::array<double, 2> probabilities{};
  for (std::size_t row = 0; row < raw.size(); ++row) {
    estimator->probabilities({&raw[row], 1}, probabilities);
    scores[row] = {raw[row], probabilities[1], probabilities[1] >= model.threshold};
  }
  return scores;
}

}  // namespace clairscore
