#include "service/parity.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace clairscore {

std::string_view to_string(ParityStatus status) {
  switch (status) {
    case ParityStatus::kNoFile:
      return "no_file";
    case ParityStatus::kUnreadable:
      return "unreadable";
    case ParityStatus::kOtherShape:
      return "other_shape";
    case ParityStatus::kEqual:
      return "equal";
    case ParityStatus::kDifferent:
      return "different";
    case ParityStatus::kNotAdditive:
      return "not_additive";
  }
  return "unknown";
}

void Parity::add(std::size_t row, double file_base, std::span<const double> file_values,
                 double live_base, std::span<const double> live_values, double raw,
                 double probability) {
  ++rows_;
  const auto note = [&](double a, double b) {
    double difference = std::fabs(a - b);
    if (std::isnan(difference)) difference = std::numeric_limits<double>::infinity();
    max_difference_ = std::max(max_difference_, difference);
  };
  note(file_base, live_base);
  double sum = file_base;
  for (std::size_t f = 0; f < file_values.size(); ++f) {
    note(file_values[f], live_values[f]);
    sum += file_values[f];
  }
  // Written so that NaN is not additive.
  raw_additive_ = raw_additive_ && std::fabs(sum - raw) <= kAdditiveTolerance;
  probability_additive_ =
      probability_additive_ && std::fabs(sum - probability) <= kAdditiveTolerance;
  if (!raw_additive_ && !probability_additive_ && (!first_failed_ || row < *first_failed_)) {
    const bool this_row_fails = !(std::fabs(sum - raw) <= kAdditiveTolerance) &&
                                !(std::fabs(sum - probability) <= kAdditiveTolerance);
    if (this_row_fails || !first_failed_) first_failed_ = row;
  }
}

ParityStatus Parity::status() const {
  if (max_difference_ <= kEqualTolerance) return ParityStatus::kEqual;
  if (raw_additive_ || probability_additive_) return ParityStatus::kDifferent;
  return ParityStatus::kNotAdditive;
}

std::vector<std::size_t> spread_rows(std::size_t rows, std::size_t count) {
  std::vector<std::size_t> chosen;
  if (rows <= count) {
    for (std::size_t i = 0; i < rows; ++i) chosen.push_back(i);
    return chosen;
  }
  chosen.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    chosen.push_back(count == 1 ? 0 : i * (rows - 1) / (count - 1));
  }
  return chosen;
}

}  // namespace clairscore
