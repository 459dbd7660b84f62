#pragma once

// B-spline bases: each column becomes the values of its basis functions there.

#include <cstddef>
#include <string>
#include <vector>

#include "model/transformer.h"

namespace clairscore {

class Splines final : public Transformer {
 public:
  /// What becomes of values outside the knots that training chose.
  enum class Outside { kError, kConstant, kLinear, kContinue, kPeriodic };
  struct Parts {
    std::size_t degree = 3;  // at least 1
    Outside outside = Outside::kConstant;
    /// Ascending, of each column; the base interval is between the knots number `degree` from
    /// either end. All columns have as many.
    std::vector<std::vector<double>> knots;
    bool all_functions = true;       // else all but the last of each column
    bool missing_are_zeros = false;  // else an error
  };
  /// Errors kInput: knots that do not strictly ascend, are too few, or differ in number.
  static Result<TransformerPtr> build(Parts parts);

  Result<std::vector<OutputColumn>> outputs(
      const std::vector<std::string>& input_names) const override;
  Result<Frame> transform(const Frame& input) const override;

 private:
  /// Values and slopes of the basis functions at both ends of the base interval.
  struct Ends {
    std::vector<double> low_values;
    std::vector<double> low_slopes;
    std::vector<double> high_values;
    std::vector<double> high_slopes;
  };
  explicit Splines(Parts parts);
  /// Basis functions of a column.
  std::size_t functions() const;
  /// Knots outside the interval between which a column's values count as inside.
  std::size_t outer_knots(std::size_t column) const;
  std::size_t kept() const { return functions() - (parts_.all_functions ? 0 : 1); }
  void evaluate(const std::vector<double>& knots, double x, bool slopes,
                std::vector<double>& out) const;
  Result<void> value(std::size_t column, double x, std::vector<double>& out) const;

  Parts parts_;
  std::vector<Ends> ends_;
};

}  // namespace clairscore
