#pragma once

// Gauss-Legendre quadrature on [0, 1], with which SHAP values are integrated exactly.

#include <cstddef>
#include <vector>

namespace clairscore {

struct Quadrature {
  std::vector<double> points;
  std::vector<double> weights;
};

/// The rule of n points: exact for polynomials of degree 2 n - 1.
Quadrature gauss_legendre(std::size_t n);

}  // namespace clairscore
