#include "model/number_rule.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>

#include "base/numbers.h"

namespace clairscore {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
/// Halfway between the largest float32 and 2^128: this and more rounds to infinity.
constexpr double kFloat32Overflow = 0x1.ffffffp127;

tl::unexpected<Error> refuse(const Column& column, std::size_t row, std::string what,
                             std::string accepted) {
  return fail(ErrorCode::kInput, std::move(what),
              "column " + column.name() + ", row " + std::to_string(row + 1), std::move(accepted));
}

}  // namespace

NumberLimits limits_of(const NumberRule& rule) {
  NumberLimits limits{!rule.missing, std::nullopt};
  if (!rule.infinite) limits.most = rule.as_float32 ? kFloat32Overflow : kInfinity;
  return limits;
}

Result<void> check_numbers(const Column& column, const NumberRule& rule) {
  if (column.type() == ColumnType::kText) {
    return fail(ErrorCode::kInput, "text where numbers are needed", "column " + column.name(),
                "numbers");
  }
  if (column.type() != ColumnType::kDouble) return {};
  const NumberLimits limits = limits_of(rule);
  if (!limits.any()) return {};
  const auto cells = column.doubles();
  for (std::size_t row = 0; row < cells.size(); ++row) {
    if (!limits.refuse(cells[row])) continue;
    if (std::isnan(cells[row])) {
      return refuse(column, row, "a missing value, which the model does not take", "a number");
    }
    return refuse(column, row, "the value " + double_to_text(cells[row]),
                  rule.as_float32 ? "a number within the range of float32" : "a finite number");
  }
  return {};
}

Result<NumericColumns> numeric_columns(const Frame& table, std::size_t expected,
                                       const std::string& kind, const NumberRule& rule) {
  if (table.columns().size() != expected) {
    return fail(ErrorCode::kInput,
                "a table of " + std::to_string(table.columns().size()) + " features", kind,
                std::to_string(expected) + " features");
  }
  NumericColumns numbers;
  numbers.converted.reserve(expected);
  numbers.columns.reserve(expected);
  for (const Column& column : table.columns()) {
    RETURN_IF_ERROR(check_numbers(column, rule));
    if (column.type() == ColumnType::kDouble) {
      numbers.columns.push_back(column.doubles().data());
      continue;
    }
    ASSIGN_OR_RETURN(Column converted, column.as_doubles());
    numbers.converted.push_back(std::move(converted));
    numbers.columns.push_back(numbers.converted.back().doubles().data());
  }
  return numbers;
}

double float32_test(double threshold) {
  if (std::isnan(threshold) || threshold == kInfinity) return threshold;
  // The largest float32 that passes.
  float passing = static_cast<float>(std::clamp(threshold, -0x1.fffffep127, 0x1.fffffep127));
  if (threshold < -0x1.fffffep127) passing = -std::numeric_limits<float>::infinity();
  if (static_cast<double>(passing) > threshold) {
    passing = std::nextafter(passing, -std::numeric_limits<float>::infinity());
  }
  // Doubles up to halfway to the next float32 round to it; halfway itself does when it is even.
  const bool lowest = std::isinf(passing);
  const float next = std::nextafter(passing, std::numeric_limits<float>::infinity());
  const double from = lowest ? -0x1p128 : static_cast<double>(passing);
  const double to = std::isinf(next) ? 0x1p128 : static_cast<double>(next);
  const double halfway = from / 2 + to / 2;
  const bool even = lowest || (std::bit_cast<std::uint32_t>(passing) & 1U) == 0;
  return even ? halfway : std::nextafter(halfway, -kInfinity);
}

double float32_test_below(float threshold) {
  if (threshold == -std::numeric_limits<float>::infinity()) {
    return -std::numeric_limits<double>::infinity();  // as good as never: features are finite
  }
  const float below = std::nextafter(threshold, -std::numeric_limits<float>::infinity());
  return float32_test(static_cast<double>(below));
}

double numpy_sum(const double* values, std::size_t count) {
  constexpr std::size_t kBlock = 128;
  if (count < 8) {
    double sum = 0;
    for (std::size_t i = 0; i < count; ++i) sum += values[i];
    return sum;
  }
  if (count <= kBlock) {
    std::array<double, 8> part{};
    std::copy(values, values + 8, part.begin());
    std::size_t i = 8;
    for (; i + 8 <= count; i += 8) {
      for (std::size_t lane = 0; lane < 8; ++lane) part[lane] += values[i + lane];
    }
    double sum =
        ((part[0] + part[1]) + (part[2] + part[3])) + ((part[4] + part[5]) + (part[6] + part[7]));
    for (; i < count; ++i) sum += values[i];
    return sum;
  }
  std::size_t half = count / 2;
  half -= half % 8;
  return numpy_sum(values, half) + numpy_sum(values + half, count - half);
}

}  // namespace clairscore
