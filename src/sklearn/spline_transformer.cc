// SplineTransformer: knots by column. The basis functions' coefficients, which the file holds too,
// are always those that name one function each.

#include "transform/splines.h"

#include <utility>

#include "sklearn/objects.h"
#include "sklearn/readers.h"
#include "sklearn/tree_records.h"

namespace clairscore::sklearn {

namespace {

/// Functions that a SplineTransformer may make.
constexpr std::size_t kMaxFunctions = 1'000'000;
constexpr std::int64_t kMaxDegree = 20;

Result<Splines::Outside> read_extrapolation(const Value& object) {
  ASSIGN_OR_RETURN(const std::string way, text_attribute(object, "extrapolation", "constant"));
  if (way == "error") return Splines::Outside::kError;
  if (way == "constant") return Splines::Outside::kConstant;
  if (way == "linear") return Splines::Outside::kLinear;
  if (way == "continue") return Splines::Outside::kContinue;
  if (way == "periodic") return Splines::Outside::kPeriodic;
  return refuse_attribute(ErrorCode::kUnsupported, object, "extrapolation",
                          *object.attribute("extrapolation"),
                          "'error', 'constant', 'linear', 'continue' or 'periodic'");
}

/// scipy's BSpline holds t, c and k; since 1.18 an object within it does.
Result<Value> spline_state(const Value& spline) {
  const auto state = spline.kind() == Kind::kObject ? spline.state() : std::nullopt;
  if (state && state->kind() == Kind::kTuple && state->size() > 0 && state->at(0).attribute("t")) {
    return state->at(0);
  }
  if (spline.attribute("t")) return spline;
  return ReadContext::refuse(spline, ErrorCode::kUnsupported,
                             "a spline that is " + describe(spline),
                             "a BSpline of scipy 1.6 to 1.18");
}

}  // namespace

Result<ReadTransformer> read_spline_transformer(const Value& object, ReadContext& context) {
  ASSIGN_OR_RETURN(ReadEstimator inputs, read_numeric_inputs(object, context));
  Splines::Parts parts;
  ASSIGN_OR_RETURN(parts.outside, read_extrapolation(object));
  ASSIGN_OR_RETURN(parts.all_functions, bool_attribute(object, "include_bias", true));
  ASSIGN_OR_RETURN(const bool sparse, bool_attribute(object, "sparse_output", false));
  ASSIGN_OR_RETURN(const std::string missing, text_attribute(object, "handle_missing", "error"));
  parts.missing_are_zeros = missing == "zeros";
  ASSIGN_OR_RETURN(const Value degree_attribute, required(object, "degree"));
  ASSIGN_OR_RETURN(const std::int64_t degree, pickle::to_integer(degree_attribute));
  if (degree < 1 || degree > kMaxDegree) {
    return refuse_attribute(ErrorCode::kUnsupported, object, "degree", degree_attribute,
                            "1 to " + std::to_string(kMaxDegree));
  }
  parts.degree = static_cast<std::size_t>(degree);
  ASSIGN_OR_RETURN(const Value attribute, required(object, "bsplines_"));
  ASSIGN_OR_RETURN(const std::vector<Value> splines, elements(attribute));
  if (splines.size() != inputs.inputs.size()) {
    return ReadContext::refuse(attribute, ErrorCode::kInput, "splines for other columns");
  }
  for (const Value& spline : splines) {
    ASSIGN_OR_RETURN(const Value state, spline_state(spline));
    ASSIGN_OR_RETURN(const Value knots, required(state, "t"));
    ASSIGN_OR_RETURN(const pickle::NdArray array, pickle::read_ndarray(knots));
    if (array.size() > kMaxFunctions / splines.size()) {
      return ReadContext::refuse(knots, ErrorCode::kLimit, "too many knots",
                                 std::to_string(kMaxFunctions) + " in all");
    }
    RETURN_IF_ERROR(context.spend(array.size() * 16 * sizeof(double), knots));
    ASSIGN_OR_RETURN(std::vector<double> values, pickle::to_doubles(knots));
    parts.knots.push_back(std::move(values));
  }
  ReadTransformer read;
  read.input_names = std::move(inputs.input_names);
  read.inputs = std::move(inputs.inputs);
  read.rows = sparse ? RowForm::kSparse : RowForm::kDense;
  auto transformer = Splines::build(std::move(parts));
  if (!transformer) return at_object(std::move(transformer.error()), object);
  read.transformer = std::move(*transformer);
  return read;
}

}  // namespace clairscore::sklearn
