#include "synth/portable_math.h"

#include <bit>
#include <cstdint>

namespace clairscore::synth::portable {
namespace {

constexpr double kLn2High = 0x1.62e42fefa0000p-1;  // the leading 33 bits: k * kLn2High is exact
constexpr double kLn2Low = 0x1.cf79abc9e3b3ap-40;  // ln 2 − kLn2High
constexpr double kInverseLn2 = 0x1.71547652b82fep+0;
constexpr double kSqrtHalf = 0x1.6a09e667f3bcdp-1;
constexpr double kInverseSqrtTwoPi = 0x1.9884533d43651p-2;

double density(double z) {
  return kInverseSqrtTwoPi * exp(-0.5 * z * z);
}

// ½ + φ(z)·(z + z³/3 + z⁵/(3·5) + …), for z >= 0: all terms are positive, so nothing cancels.
// G. Marsaglia, "Evaluating the Normal Distribution", Journal of Statistical Software 11(4), 2004.
double series_cdf(double z) {
  double term = z;
  double sum = z;
  for (double odd = 3; term > sum * 1e-18; odd += 2) {
    term *= z * z / odd;
    sum += term;
  }
  return 0.5 + density(z) * sum;
}

}  // namespace

double log(double x) {
  const auto bits = std::bit_cast<std::uint64_t>(x);
  auto exponent = static_cast<std::int64_t>(bits >> 52) - 1023;
  double m = std::bit_cast<double>((bits & 0xFFFFFFFFFFFFFU) | (std::uint64_t{1023} << 52));
  if (m * 0.5 >= kSqrtHalf) {  // m in [√½, √2)
    m *= 0.5;
    ++exponent;
  }
  // log m = 2 artanh s = 2 (s + s³/3 + s⁵/5 + …), |s| <= 0.172
  const double s = (m - 1) / (m + 1);
  const double s2 = s * s;
  double sum = 0;
  for (int odd = 23; odd >= 3; odd -= 2) sum = (sum + 1.0 / odd) * s2;
  const auto k = static_cast<double>(exponent);
  return k * kLn2High + (2 * s + (2 * s * sum + k * kLn2Low));
}

double exp(double x) {
  const double scaled = x * kInverseLn2;
  const auto k = static_cast<std::int64_t>(scaled + (scaled < 0 ? -0.5 : 0.5));
  const auto kd = static_cast<double>(k);
  const double r = (x - kd * kLn2High) - kd * kLn2Low;  // |r| <= ½ ln 2
  double sum = 1;
  for (int n = 14; n >= 1; --n) sum = 1 + r * sum / n;
  return sum * std::bit_cast<double>(static_cast<std::uint64_t>(k + 1023) << 52);
}

double sin(double x) {
  const double x2 = x * x;
  double sum = 1;
  for (int n = 18; n >= 2; n -= 2) sum = 1 - x2 * sum / (n * (n + 1));
  return x * sum;
}

double logistic(double x) {
  if (x > 700) x = 700;
  if (x < -700) x = -700;
  return 1 / (1 + exp(-x));
}

NormalDistribution::NormalDistribution() {
  constexpr std::size_t half = 512;  // cells on each side of zero
  constexpr double step = 1 / kPointsPerUnit;
  // Points at 0, 1/64, …, 8; the left half is one minus the right.
  std::array<double, half + 1> value{};
  std::array<double, half + 1> slope{};
  for (std::size_t i = 0; i <= half; ++i) {
    const double z = static_cast<double>(i) * step;
    value[i] = series_cdf(z);
    slope[i] = density(z) * step;
  }
  for (std::size_t i = 0; i < 2 * half; ++i) {
    const bool right = i >= half;
    const std::size_t at = right ? i - half : half - i;  // this point's index
    const std::size_t next = right ? at + 1 : at - 1;    // the next point to the right
    const double left_value = right ? value[at] : 1 - value[at];
    const double right_value = right ? value[next] : 1 - value[next];
    const double rise = right_value - left_value;
    cubics_[i] = {left_value, slope[at], 3 * rise - 2 * slope[at] - slope[next],
                  slope[at] + slope[next] - 2 * rise};
  }
}

}  // namespace clairscore::synth::portable
