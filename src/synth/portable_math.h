#pragma once

// The few transcendental functions the applicants need, made of + − × ÷ alone. IEEE 754 defines
// those to the last bit, so a seed gives the same bytes on every machine; a C library's log or exp
// differs from one release to the next. This needs -ffp-contract=off, which every target here has.
// All functions are pure and thread-safe.

#include <array>
#include <cstddef>

namespace clairscore::synth::portable {

/// Natural logarithm of a finite, normal x > 0; within 3e-16 relative of the true value, or
/// 3e-16 absolute near 1.
double log(double x);

/// e^x for |x| <= 700, within 4e-16 relative.
double exp(double x);

/// sin(x) for |x| <= 1, within 2e-16.
double sin(double x);

/// 1 / (1 + e^-x); x is clamped to ±700.
double logistic(double x);

/// The standard normal distribution function, within 2e-10 absolute everywhere, exactly 0 below −8
/// and 1 above 8, never decreasing but for rounding: cubic Hermite interpolation between points
/// 1/64 apart.
class NormalDistribution {
 public:
  NormalDistribution();
  double cdf(double z) const {
    if (!(z > -kLimit)) return 0;
    if (z >= kLimit) return 1;
    const double position = (z + kLimit) * kPointsPerUnit;
    const auto cell = static_cast<std::size_t>(position);
    const double t = position - static_cast<double>(cell);
    const Cubic& c = cubics_[cell];
    return c.a + t * (c.b + t * (c.c + t * c.d));
  }

 private:
  static constexpr double kLimit = 8;
  static constexpr double kPointsPerUnit = 64;
  struct Cubic {
    double a, b, c, d;  // a + b t + c t² + d t³, t in [0, 1)
  };
  std::array<Cubic, 1024> cubics_;
};

}  // namespace clairscore::synth::portable
