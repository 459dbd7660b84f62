#include "model/quadrature.h"

#include <cmath>
#include <numbers>

namespace clairscore {

// The roots of the Legendre polynomial P_n by Newton's method from Tricomi's first guess, weights
// 2 / ((1 - x^2) P_n'(x)^2), moved from [-1, 1] to [0, 1].
Quadrature gauss_legendre(std::size_t n) {
  Quadrature rule{std::vector<double>(n), std::vector<double>(n)};
  const auto size = static_cast<double>(n);
  for (std::size_t i = 0; i < n; ++i) {
    double x = std::cos(std::numbers::pi * (static_cast<double>(i) + 0.75) / (size + 0.5));
    double slope = 0;
    for (int step = 0; step < 100; ++step) {
      double previous = 1;
      double value = x;
      for (std::size_t k = 2; k <= n; ++k) {
        const auto degree = static_cast<double>(k);
        const double next = ((2 * degree - 1) * x * value - (degree - 1) * previous) / degree;
        previous = value;
        value = next;
      }
      slope = size * (x * value - previous) / (x * x - 1);
      const double move = value / slope;
      x -= move;
      if (std::fabs(move) < 1e-16) break;
    }
    rule.points[i] = (1 - x) / 2;
    rule.weights[i] = 1 / ((1 - x * x) * slope * slope);
  }
  return rule;
}

}  // namespace clairscore
