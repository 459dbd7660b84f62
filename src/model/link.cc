#include "model/link.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace clairscore {

double expit(double x) {
  return 1 / (1 + std::exp(-x));
}

double logit(double p) {
  if (p < 0.3 || p > 0.65) return std::log(p / (1 - p));
  const double s = 2 * (p - 0.5);
  return std::log1p(s) - std::log1p(-s);
}

void softmax(std::span<const double> scores, std::span<double> out, double slope) {
  const double largest = *std::max_element(scores.begin(), scores.end());
  double sum = 0;
  for (std::size_t k = 0; k < scores.size(); ++k) {
    out[k] = std::exp(slope * scores[k] - slope * largest);
    sum += out[k];
  }
  for (double& probability : out) probability /= sum;
}

void apply_link(const Link& link, std::span<const double> raw, std::span<double> probabilities) {
  const bool two = raw.size() == 1;
  switch (link.kind) {
    case Link::Kind::kLogistic:
      probabilities[1] = expit(link.slope * raw[0]);
      probabilities[0] = 1 - probabilities[1];
      return;
    case Link::Kind::kSoftmax:
      softmax(raw, probabilities, link.slope);
      return;
    case Link::Kind::kOneVsRest: {
      double sum = 0;
      for (std::size_t k = 0; k < raw.size(); ++k) {
        probabilities[k] = expit(link.slope * raw[k]);
        sum += probabilities[k];
      }
      for (double& probability : probabilities) {
        probability = sum > 0 ? probability / sum : 1 / static_cast<double>(raw.size());
      }
      return;
    }
    case Link::Kind::kIndependent:
      for (std::size_t k = 0; k < raw.size(); ++k) probabilities[k] = expit(link.slope * raw[k]);
      return;
    case Link::Kind::kProbability:
      if (two) {
        probabilities[0] = 1 - raw[0];
        probabilities[1] = raw[0];
      } else {
        std::copy(raw.begin(), raw.end(), probabilities.begin());
      }
      return;
    case Link::Kind::kClipped:
      probabilities[1] = (std::clamp(raw[0], -1.0, 1.0) + 1) / 2;
      probabilities[0] = 1 - probabilities[1];
      return;
    case Link::Kind::kNone:
      std::fill(probabilities.begin(), probabilities.end(),
                std::numeric_limits<double>::quiet_NaN());
      return;
  }
}

}  // namespace clairscore
