#include "transform/splines.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "model/number_rule.h"
#include "transform/output_names.h"

namespace clairscore {

namespace {

/// De Boor's recurrence: the values, or slopes, at x of the degree + 1 basis functions that are not
/// zero between knots `interval` and `interval` + 1. The operations are scipy's, in its order.
void de_boor(const std::vector<double>& knots, double x, std::size_t degree, std::size_t interval,
             bool slopes, std::vector<double>& out) {
  std::vector<double> before(degree + 1);
  out.assign(degree + 1, 0.0);
  out[0] = 1;
  const std::size_t by_values = slopes ? degree - 1 : degree;
  for (std::size_t j = 1; j <= degree; ++j) {
    std::copy_n(out.begin(), j, before.begin());
    out[0] = 0;
    const auto order = static_cast<double>(j);
    for (std::size_t n = 1; n <= j; ++n) {
      const double high = knots[interval + n];
      const double low = knots[interval + n - j];
      if (high == low) {
        out[n] = 0;
        continue;
      }
      if (j <= by_values) {
        const double w = before[n - 1] / (high - low);
        out[n - 1] += w * (high - x);
        out[n] = w * (x - low);
      } else {
        const double w = order * before[n - 1] / (high - low);
        out[n - 1] -= w;
        out[n] = w;
      }
    }
  }
}

/// numpy's %, for a positive divisor.
double remainder_of(double x, double divisor) {
  const double rest = std::fmod(x, divisor);
  return rest < 0 ? rest + divisor : rest;
}

}  // namespace

Splines::Splines(Parts parts) : parts_(std::move(parts)) {
  for (std::size_t i = 0; i < parts_.knots.size(); ++i) {
    const std::vector<double>& knots = parts_.knots[i];
    Ends ends;
    const double low = knots[outer_knots(i)];
    const double high = knots[knots.size() - outer_knots(i) - 1];
    evaluate(knots, low, false, ends.low_values);
    evaluate(knots, low, true, ends.low_slopes);
    evaluate(knots, high, false, ends.high_values);
    evaluate(knots, high, true, ends.high_slopes);
    ends_.push_back(std::move(ends));
  }
}

Result<TransformerPtr> Splines::build(Parts parts) {
  const auto refuse = [](std::string what) {
    return fail(ErrorCode::kInput, std::move(what), {}, "knots that ascend, as many a column");
  };
  if (parts.degree == 0 || parts.knots.empty()) return refuse("splines of degree 0, or of nothing");
  const std::size_t count = parts.knots.front().size();
  const std::size_t fewest = parts.outside == Outside::kPeriodic ? 3 * parts.degree + 1
                             : parts.outside == Outside::kLinear ? 2 * parts.degree + 4
                                                                 : 2 * parts.degree + 2;
  if (count < fewest) return refuse(std::to_string(count) + " knots");
  for (const std::vector<double>& knots : parts.knots) {
    if (knots.size() != count) return refuse("columns with different numbers of knots");
    for (std::size_t i = 0; i < count; ++i) {
      const bool ascends = i == 0 || knots[i] > knots[i - 1];
      if (!std::isfinite(knots[i]) || !ascends) return refuse("knots that do not ascend");
    }
  }
  return std::shared_ptr<const Transformer>(new Splines(std::move(parts)));
}

std::size_t Splines::functions() const {
  const std::size_t all = parts_.knots.front().size() - parts_.degree - 1;
  return parts_.outside == Outside::kPeriodic ? all - parts_.degree : all;
}

std::size_t Splines::outer_knots(std::size_t column) const {
  // scikit-learn counts one more from the second column on when it continues splines of degree 1
  // linearly, and so begins to do so one knot early.
  const bool one_more = parts_.outside == Outside::kLinear && parts_.degree == 1 && column > 0;
  return parts_.degree + (one_more ? 1 : 0);
}

void Splines::evaluate(const std::vector<double>& knots, double x, bool slopes,
                       std::vector<double>& out) const {
  const std::size_t degree = parts_.degree;
  const std::size_t last = knots.size() - degree - 2;  // the last interval of the base
  const auto first = knots.begin() + static_cast<std::ptrdiff_t>(degree);
  const auto above = std::upper_bound(first, knots.end(), x);
  const auto found = static_cast<std::size_t>(above - knots.begin());
  const std::size_t interval = std::clamp(found == 0 ? degree : found - 1, degree, last);
  std::vector<double> near;
  de_boor(knots, x, degree, interval, slopes, near);
  out.assign(functions(), 0.0);
  for (std::size_t a = 0; a <= degree; ++a) {
    out[(interval - degree + a) % out.size()] += near[a];
  }
}

/// The basis functions at x; out[functions()].
Result<void> Splines::value(std::size_t column, double x, std::vector<double>& out) const {
  const std::vector<double>& knots = parts_.knots[column];
  const double low = knots[outer_knots(column)];
  const double high = knots[knots.size() - outer_knots(column) - 1];
  if (std::isnan(x)) {
    out.assign(functions(), 0.0);  // check_numbers() refuses it where that is not meant
    return {};
  }
  if (parts_.outside == Outside::kPeriodic) {
    evaluate(knots, low + remainder_of(x - low, high - low), false, out);
    return {};
  }
  const bool inside = x >= low && x <= high;
  if (inside || parts_.outside == Outside::kContinue) {
    evaluate(knots, x, false, out);
    return {};
  }
  if (parts_.outside == Outside::kError) {
    return fail(ErrorCode::kInput, "a value beyond the limits of the knots", {},
                "values between the knots of the SplineTransformer");
  }
  const Ends& ends = ends_[column];
  const bool below = x < low;
  const std::vector<double>& values = below ? ends.low_values : ends.high_values;
  const std::vector<double>& slopes = below ? ends.low_slopes : ends.high_slopes;
  out.assign(functions(), 0.0);
  const bool linear = parts_.outside == Outside::kLinear;
  // Linear functions have a slope at the second one from the end, too.
  const std::size_t moved = linear && parts_.degree == 1 ? 2 : parts_.degree;
  for (std::size_t j = 0; j < std::min(moved, out.size()); ++j) {
    const std::size_t f = below ? j : out.size() - 1 - j;
    out[f] = linear ? values[f] + (x - (below ? low : high)) * slopes[f] : values[f];
  }
  return {};
}

Result<std::vector<OutputColumn>> Splines::outputs(
    const std::vector<std::string>& input_names) const {
  RETURN_IF_ERROR(check_column_count(input_names.size(), parts_.knots.size()));
  std::vector<OutputColumn> outputs;
  outputs.reserve(input_names.size() * kept());
  for (std::size_t i = 0; i < input_names.size(); ++i) {
    for (std::size_t f = 0; f < kept(); ++f) {
      outputs.push_back({input_names[i] + "_sp_" + std::to_string(f), {i}});
    }
  }
  make_unique(outputs);
  return outputs;
}

Result<Frame> Splines::transform(const Frame& input) const {
  const NumberRule rule{.missing = parts_.missing_are_zeros, .infinite = false};
  ASSIGN_OR_RETURN(const NumericColumns numbers,
                   numeric_columns(input, parts_.knots.size(), "SplineTransformer", rule));
  ASSIGN_OR_RETURN(std::vector<OutputColumn> named, outputs(input.names()));
  std::vector<Column> columns;
  columns.reserve(named.size());
  std::vector<double> row;
  for (std::size_t i = 0; i < parts_.knots.size(); ++i) {
    std::vector<std::vector<double>> values(kept(), std::vector<double>(input.rows()));
    for (std::size_t r = 0; r < input.rows(); ++r) {
      auto evaluated = value(i, numbers.columns[i][r], row);
      if (!evaluated) {
        evaluated.error().where =
            "column " + input.column(i).name() + ", row " + std::to_string(r + 1);
        return fail(std::move(evaluated.error()));
      }
      for (std::size_t f = 0; f < kept(); ++f) values[f][r] = row[f];
    }
    for (std::vector<double>& column : values) {
      columns.push_back(
          Column::of_doubles(std::move(named[columns.size()].name), std::move(column)));
    }
  }
  return Frame(input.rows(), std::move(columns));
}

}  // namespace clairscore
