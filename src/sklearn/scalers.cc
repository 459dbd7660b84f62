// Transformers of each number by itself: scalers, power and quantile transforms, bins, thresholds,
// and functions of numpy.

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <numbers>
#include <utility>

#include "sklearn/objects.h"
#include "sklearn/readers.h"
#include "sklearn/tree_records.h"
#include "transform/chain.h"
#include "transform/columnwise.h"
#include "transform/one_hot_encoder.h"

namespace clairscore::sklearn {

namespace {

using Function = Columnwise::Function;

constexpr NumberRule kNanPasses{.missing = true, .infinite = false};
constexpr NumberRule kFinite{.missing = false, .infinite = false};

Result<std::vector<double>> numbers_of(const Value& object, std::string_view attribute,
                                       std::size_t expected) {
  ASSIGN_OR_RETURN(const Value value, required(object, attribute));
  ASSIGN_OR_RETURN(std::vector<double> numbers, pickle::to_doubles(value));
  if (numbers.size() == expected) return numbers;
  return ReadContext::refuse(value, ErrorCode::kInput,
                             short_class_name(object) + ": " + std::string(attribute) + " has " +
                                 std::to_string(numbers.size()) + " values",
                             std::to_string(expected) + ", one a column");
}

/// Names and number of the columns of a transformer of numbers.
Result<ReadTransformer> read_number_columns(const Value& object, ReadContext& context) {
  ASSIGN_OR_RETURN(ReadEstimator inputs, read_numeric_inputs(object, context));
  RETURN_IF_ERROR(context.spend(inputs.inputs.size() * 256, object));
  ReadTransformer read;
  read.input_names = std::move(inputs.input_names);
  read.inputs = std::move(inputs.inputs);
  return read;
}

ReadTransformer with(ReadTransformer read, std::vector<Function> functions, NumberRule rule) {
  read.transformer = std::make_shared<const Columnwise>(std::move(functions), rule);
  return read;
}

/// np.interp over ascending points, constant beyond them.
double interpolate(const std::vector<double>& x, const std::vector<double>& y, double value) {
  if (value <= x.front() && !(value == x.front() && x.size() > 1)) return y.front();
  if (value >= x.back()) return y.back();
  const auto above = std::upper_bound(x.begin(), x.end(), value);
  const auto i = static_cast<std::size_t>(above - x.begin());
  const double slope = (y[i] - y[i - 1]) / (x[i] - x[i - 1]);
  return slope * (value - x[i - 1]) + y[i - 1];
}

/// The standard normal quantile: a rational first guess (P. J. Acklam), then Halley's steps on the
/// error function, which leave the rounding of erfc.
double normal_quantile(double p) {
  constexpr std::array<double, 6> kA = {-3.969683028665376e+01, 2.209460984245205e+02,
                                        -2.759285104469687e+02, 1.383577518672690e+02,
                                        -3.066479806614716e+01, 2.506628277459239e+00};
  constexpr std::array<double, 5> kB = {-5.447609879822406e+01, 1.615858368580409e+02,
                                        -1.556989798598866e+02, 6.680131188771972e+01,
                                        -1.328068155288572e+01};
  constexpr std::array<double, 6> kC = {-7.784894002430293e-03, -3.223964580411365e-01,
                                        -2.400758277161838e+00, -2.549732539343734e+00,
                                        4.374664141464968e+00,  2.938163982698783e+00};
  constexpr std::array<double, 4> kD = {7.784695709041462e-03, 3.224671290700398e-01,
                                        2.445134137142996e+00, 3.754408661907416e+00};
  if (p <= 0) return -std::numeric_limits<double>::infinity();
  if (p >= 1) return std::numeric_limits<double>::infinity();
  if (p > 0.5) return -normal_quantile(1 - p);
  double x = 0;
  if (p < 0.02425) {
    const double q = std::sqrt(-2 * std::log(p));
    x = (((((kC[0] * q + kC[1]) * q + kC[2]) * q + kC[3]) * q + kC[4]) * q + kC[5]) /
        ((((kD[0] * q + kD[1]) * q + kD[2]) * q + kD[3]) * q + 1);
  } else {
    const double q = p - 0.5;
    const double r = q * q;
    x = (((((kA[0] * r + kA[1]) * r + kA[2]) * r + kA[3]) * r + kA[4]) * r + kA[5]) * q /
        (((((kB[0] * r + kB[1]) * r + kB[2]) * r + kB[3]) * r + kB[4]) * r + 1);
  }
  for (int step = 0; step < 2; ++step) {
    const double error = 0.5 * std::erfc(-x / std::numbers::sqrt2) - p;
    const double u = error * std::sqrt(2 * std::numbers::pi) * std::exp(x * x / 2);
    x -= u / (1 + x * u / 2);
  }
  return x;
}

double yeo_johnson(double x, double lambda) {
  constexpr double kTiny = std::numeric_limits<double>::epsilon();
  if (std::isnan(x)) return x;
  if (x >= 0) {
    return std::fabs(lambda) < kTiny ? std::log1p(x) : (std::pow(x + 1, lambda) - 1) / lambda;
  }
  return std::fabs(lambda - 2) > kTiny ? -(std::pow(-x + 1, 2 - lambda) - 1) / (2 - lambda)
                                       : -std::log1p(-x);
}

double box_cox(double x, double lambda) {
  const double log = std::log(x);
  return std::fabs(lambda * log) < 1e-19 ? log : std::expm1(lambda * log) / lambda;
}

Function mapped_quantiles(std::vector<double> quantiles, const std::vector<double>& references,
                          bool normal) {
  std::vector<double> backwards(quantiles.rbegin(), quantiles.rend());
  for (double& value : backwards) value = -value;
  std::vector<double> references_backwards(references.rbegin(), references.rend());
  for (double& value : references_backwards) value = -value;
  return [=](double x) {
    if (std::isnan(x)) return x;
    constexpr double kBound = 1e-7;
    const bool low = normal ? x - kBound < quantiles.front() : x == quantiles.front();
    const bool high = normal ? x + kBound > quantiles.back() : x == quantiles.back();
    double y = 0.5 * (interpolate(quantiles, references, x) -
                      interpolate(backwards, references_backwards, -x));
    if (high) y = 1;
    if (low) y = 0;
    if (!normal) return y;
    constexpr double kSpacing = std::numeric_limits<double>::epsilon();
    const double least = normal_quantile(kBound - kSpacing);
    const double most = normal_quantile(1 - (kBound - kSpacing));
    return std::clamp(normal_quantile(y), least, most);
  };
}

struct NamedFunction {
  std::string_view name;
  double (*function)(double);
};

/// Functions of numpy that a FunctionTransformer may name: each the same function of the C library.
constexpr std::array kFunctions = {
    NamedFunction{"log1p", [](double x) { return std::log1p(x); }},
    NamedFunction{"log", [](double x) { return std::log(x); }},
    NamedFunction{"log2", [](double x) { return std::log2(x); }},
    NamedFunction{"log10", [](double x) { return std::log10(x); }},
    NamedFunction{"exp", [](double x) { return std::exp(x); }},
    NamedFunction{"expm1", [](double x) { return std::expm1(x); }},
    NamedFunction{"sqrt", [](double x) { return std::sqrt(x); }},
    NamedFunction{"cbrt", [](double x) { return std::cbrt(x); }},
    NamedFunction{"square", [](double x) { return x * x; }},
    NamedFunction{"reciprocal", [](double x) { return 1 / x; }},
    NamedFunction{"absolute", [](double x) { return std::fabs(x); }},
    NamedFunction{"abs", [](double x) { return std::fabs(x); }},
    NamedFunction{"fabs", [](double x) { return std::fabs(x); }},
    NamedFunction{"negative", [](double x) { return -x; }},
    NamedFunction{"sign",
                  [](double x) {
                    return std::isnan(x) ? x : x > 0 ? 1.0 : x < 0 ? -1.0 : 0.0;
                  }},
    NamedFunction{"floor", [](double x) { return std::floor(x); }},
    NamedFunction{"ceil", [](double x) { return std::ceil(x); }},
    NamedFunction{"rint", [](double x) { return std::nearbyint(x); }},
    NamedFunction{"trunc", [](double x) { return std::trunc(x); }},
    NamedFunction{"sin", [](double x) { return std::sin(x); }},
    NamedFunction{"cos", [](double x) { return std::cos(x); }},
    NamedFunction{"tanh", [](double x) { return std::tanh(x); }},
    NamedFunction{"arcsinh", [](double x) { return std::asinh(x); }},
};

/// The name of a function of numpy: a global, or how older versions of numpy pickle theirs.
std::optional<std::string_view> numpy_function(const Value& value) {
  if (value.kind() == Kind::kGlobal &&
      (value.module() == "numpy" || value.module() == "numpy.core._multiarray_umath" ||
       value.module() == "numpy._core._multiarray_umath")) {
    return value.name();
  }
  const std::string name = value.qualified_name();
  if ((name == "numpy.core._ufunc_reconstruct" || name == "numpy._core._ufunc_reconstruct") &&
      value.arguments().size() == 2 &&
      (value.arguments().at(0).string() == "numpy.core._multiarray_umath" ||
       value.arguments().at(0).string() == "numpy._core._multiarray_umath" ||
       value.arguments().at(0).string() == "numpy")) {
    return value.arguments().at(1).string();
  }
  return std::nullopt;
}

}  // namespace

Result<ReadTransformer> read_standard_scaler(const Value& object, ReadContext& context) {
  ASSIGN_OR_RETURN(ReadTransformer read, read_number_columns(object, context));
  const std::size_t count = read.inputs.size();
  ASSIGN_OR_RETURN(const bool centre, bool_attribute(object, "with_mean", true));
  ASSIGN_OR_RETURN(const bool scale, bool_attribute(object, "with_std", true));
  std::vector<double> means(count, 0);
  std::vector<double> scales(count, 1);
  if (centre) {
    ASSIGN_OR_RETURN(means, numbers_of(object, "mean_", count));
  }
  if (scale) {
    ASSIGN_OR_RETURN(scales, numbers_of(object, "scale_", count));
  }
  std::vector<Function> functions;
  for (std::size_t i = 0; i < count; ++i) {
    functions.emplace_back([mean = means[i], by = scales[i]](double x) { return (x - mean) / by; });
  }
  return with(std::move(read), std::move(functions), kNanPasses);
}

Result<ReadTransformer> read_robust_scaler(const Value& object, ReadContext& context) {
  ASSIGN_OR_RETURN(ReadTransformer read, read_number_columns(object, context));
  const std::size_t count = read.inputs.size();
  ASSIGN_OR_RETURN(const bool centre, bool_attribute(object, "with_centering", true));
  ASSIGN_OR_RETURN(const bool scale, bool_attribute(object, "with_scaling", true));
  std::vector<double> centres(count, 0);
  std::vector<double> scales(count, 1);
  if (centre) {
    ASSIGN_OR_RETURN(centres, numbers_of(object, "center_", count));
  }
  if (scale) {
    ASSIGN_OR_RETURN(scales, numbers_of(object, "scale_", count));
  }
  std::vector<Function> functions;
  for (std::size_t i = 0; i < count; ++i) {
    functions.emplace_back(
        [middle = centres[i], by = scales[i]](double x) { return (x - middle) / by; });
  }
  return with(std::move(read), std::move(functions), kNanPasses);
}

Result<ReadTransformer> read_min_max_scaler(const Value& object, ReadContext& context) {
  ASSIGN_OR_RETURN(ReadTransformer read, read_number_columns(object, context));
  const std::size_t count = read.inputs.size();
  ASSIGN_OR_RETURN(const std::vector<double> scales, numbers_of(object, "scale_", count));
  ASSIGN_OR_RETURN(const std::vector<double> offsets, numbers_of(object, "min_", count));
  ASSIGN_OR_RETURN(const bool clip, bool_attribute(object, "clip", false));
  ASSIGN_OR_RETURN(const std::vector<double> range, numbers_of(object, "feature_range", 2));
  std::vector<Function> functions;
  for (std::size_t i = 0; i < count; ++i) {
    functions.emplace_back(
        [by = scales[i], offset = offsets[i], clip, low = range[0], high = range[1]](double x) {
          const double y = x * by + offset;
          return clip && !std::isnan(y) ? std::min(std::max(y, low), high) : y;
        });
  }
  return with(std::move(read), std::move(functions), kNanPasses);
}

Result<ReadTransformer> read_max_abs_scaler(const Value& object, ReadContext& context) {
  ASSIGN_OR_RETURN(ReadTransformer read, read_number_columns(object, context));
  ASSIGN_OR_RETURN(const std::vector<double> scales,
                   numbers_of(object, "scale_", read.inputs.size()));
  ASSIGN_OR_RETURN(const bool clip, bool_attribute(object, "clip", false));
  std::vector<Function> functions;
  for (const double by : scales) {
    functions.emplace_back([by, clip](double x) {
      const double y = x / by;
      return clip && !std::isnan(y) ? std::min(std::max(y, -1.0), 1.0) : y;
    });
  }
  return with(std::move(read), std::move(functions), kNanPasses);
}

Result<ReadTransformer> read_normalizer(const Value& object, ReadContext& context) {
  ASSIGN_OR_RETURN(ReadTransformer read, read_number_columns(object, context));
  ASSIGN_OR_RETURN(const std::string name, text_attribute(object, "norm", "l2"));
  if (name != "l1" && name != "l2" && name != "max") {
    return refuse_attribute(ErrorCode::kUnsupported, object, "norm", *object.attribute("norm"),
                            "'l1', 'l2' or 'max'");
  }
  const auto norm = name == "l1"   ? RowNormalizer::Norm::kL1
                    : name == "l2" ? RowNormalizer::Norm::kL2
                                   : RowNormalizer::Norm::kMax;
  read.transformer = std::make_shared<const RowNormalizer>(norm, read.inputs.size());
  return read;
}

Result<ReadTransformer> read_binarizer(const Value& object, ReadContext& context) {
  ASSIGN_OR_RETURN(ReadTransformer read, read_number_columns(object, context));
  ASSIGN_OR_RETURN(const Value attribute, required(object, "threshold"));
  ASSIGN_OR_RETURN(const double threshold, pickle::to_double(attribute));
  std::vector<Function> functions(read.inputs.size(),
                                  [threshold](double x) { return x > threshold ? 1.0 : 0.0; });
  return with(std::move(read), std::move(functions), kFinite);
}

Result<ReadTransformer> read_power_transformer(const Value& object, ReadContext& context) {
  ASSIGN_OR_RETURN(ReadTransformer read, read_number_columns(object, context));
  const std::size_t count = read.inputs.size();
  ASSIGN_OR_RETURN(const std::vector<double> lambdas, numbers_of(object, "lambdas_", count));
  ASSIGN_OR_RETURN(const std::string method, text_attribute(object, "method", "yeo-johnson"));
  const bool positive = method == "box-cox";
  if (!positive && method != "yeo-johnson") {
    return refuse_attribute(ErrorCode::kUnsupported, object, "method", *object.attribute("method"),
                            "'yeo-johnson' or 'box-cox'");
  }
  ASSIGN_OR_RETURN(const bool standardize, bool_attribute(object, "standardize", true));
  std::vector<double> means(count, 0);
  std::vector<double> scales(count, 1);
  if (standardize) {
    ASSIGN_OR_RETURN(const Value scaler, required(object, "_scaler"));
    ASSIGN_OR_RETURN(means, numbers_of(scaler, "mean_", count));
    ASSIGN_OR_RETURN(scales, numbers_of(scaler, "scale_", count));
  }
  std::vector<Function> functions;
  for (std::size_t i = 0; i < count; ++i) {
    functions.emplace_back([=, lambda = lambdas[i], mean = means[i], by = scales[i]](double x) {
      // Box-Cox has no value for what is not positive; scikit-learn raises an error there.
      const double y = positive ? box_cox(x, lambda) : yeo_johnson(x, lambda);
      return (y - mean) / by;
    });
  }
  return with(std::move(read), std::move(functions), kNanPasses);
}

Result<ReadTransformer> read_quantile_transformer(const Value& object, ReadContext& context) {
  ASSIGN_OR_RETURN(ReadTransformer read, read_number_columns(object, context));
  const std::size_t count = read.inputs.size();
  ASSIGN_OR_RETURN(const std::string output,
                   text_attribute(object, "output_distribution", "uniform"));
  ASSIGN_OR_RETURN(const Value reference_attribute, required(object, "references_"));
  ASSIGN_OR_RETURN(const std::vector<double> references, pickle::to_doubles(reference_attribute));
  ASSIGN_OR_RETURN(const std::vector<double> all,
                   numbers_of(object, "quantiles_", references.size() * count));
  RETURN_IF_ERROR(context.spend(all.size() * 64, object));
  if (references.empty()) {
    return ReadContext::refuse(object, ErrorCode::kInput, "QuantileTransformer without quantiles");
  }
  std::vector<Function> functions;
  for (std::size_t i = 0; i < count; ++i) {
    std::vector<double> quantiles;
    for (std::size_t q = 0; q < references.size(); ++q) quantiles.push_back(all[q * count + i]);
    if (!std::is_sorted(quantiles.begin(), quantiles.end())) {
      return ReadContext::refuse(object, ErrorCode::kInput, "quantiles that do not ascend");
    }
    functions.push_back(mapped_quantiles(std::move(quantiles), references, output == "normal"));
  }
  return with(std::move(read), std::move(functions), kNanPasses);
}

Result<ReadTransformer> read_bins_discretizer(const Value& object, ReadContext& context) {
  ASSIGN_OR_RETURN(ReadTransformer read, read_number_columns(object, context));
  ASSIGN_OR_RETURN(const std::string encode, text_attribute(object, "encode", "onehot"));
  ASSIGN_OR_RETURN(const Value attribute, required(object, "bin_edges_"));
  ASSIGN_OR_RETURN(const pickle::NdArray array, pickle::read_ndarray(attribute));
  const std::size_t count = read.inputs.size();
  std::vector<std::vector<double>> edges;
  if (array.dtype.kind == 'O') {
    for (const pickle::NodeId id : array.objects) {
      ASSIGN_OR_RETURN(std::vector<double> column,
                       pickle::to_doubles(Value(attribute.graph(), id)));
      edges.push_back(std::move(column));
    }
  }
  if (edges.size() != count) {
    return ReadContext::refuse(attribute, ErrorCode::kInput,
                               "bin edges of another number of columns");
  }
  // Until 1.1 a value close to an edge belonged to the bin above it.
  const bool tolerant = !version_at_least(object, 1, 2);
  std::vector<Function> functions;
  std::vector<OneHotEncoder::InputColumn> slots;
  for (std::vector<double>& column : edges) {
    if (column.size() < 2 || !std::is_sorted(column.begin(), column.end())) {
      return ReadContext::refuse(attribute, ErrorCode::kInput, "bin edges that do not ascend");
    }
    const std::size_t bins = column.size() - 1;
    std::vector<Category> categories;
    OneHotEncoder::InputColumn slot{.categories = CategoryIndex::build({}).value(),
                                    .slots = {},
                                    .unknown_slot = std::nullopt,
                                    .names = {}};
    for (std::size_t b = 0; b < bins; ++b) {
      categories.push_back(Category::of_number(static_cast<double>(b)));
      slot.slots.push_back(static_cast<std::int32_t>(b));
      slot.names.push_back(std::to_string(b) + ".0");
    }
    ASSIGN_OR_RETURN(slot.categories, CategoryIndex::build(categories));
    slots.push_back(std::move(slot));
    const std::vector<double> inner(column.begin() + 1, column.end() - 1);
    functions.emplace_back([inner, tolerant](double x) {
      const double moved = tolerant ? x + (1e-8 + 1e-5 * std::fabs(x)) : x;
      return static_cast<double>(std::upper_bound(inner.begin(), inner.end(), moved) -
                                 inner.begin());
    });
  }
  auto binned = std::make_shared<const Columnwise>(std::move(functions), kFinite);
  if (encode == "ordinal") {
    read.transformer = std::move(binned);
    return read;
  }
  ASSIGN_OR_RETURN(TransformerPtr hot, OneHotEncoder::build(std::move(slots)));
  read.transformer = std::make_shared<const Chain>(
      std::vector<Chain::Step>{{"bins", std::move(binned)}, {"one-hot", std::move(hot)}});
  read.rows = encode == "onehot" ? RowForm::kSparse : RowForm::kDense;
  return read;
}

Result<ReadTransformer> read_numpy_function(const Value& object, ReadContext& context) {
  const Value attribute = *object.attribute("func");
  const auto name = numpy_function(attribute);
  const auto found = std::find_if(kFunctions.begin(), kFunctions.end(),
                                  [&](const NamedFunction& f) { return name && f.name == *name; });
  if (found == kFunctions.end()) {
    std::string names;
    for (const NamedFunction& f : kFunctions)
      names += (names.empty() ? "" : ", ") + std::string(f.name);
    return refuse_attribute(
        ErrorCode::kUnsupported, object, "func", attribute,
        "None or one of numpy's " + names + " (a function stored in a model is never run)");
  }
  if (const auto keywords = present(object, "kw_args"); keywords && keywords->entry_count() > 0) {
    return refuse_attribute(ErrorCode::kUnsupported, object, "kw_args", *keywords, "None");
  }
  ASSIGN_OR_RETURN(const bool validate, bool_attribute(object, "validate", false));
  ReadTransformer read;
  ASSIGN_OR_RETURN(read.input_names, feature_names(object));
  ASSIGN_OR_RETURN(const auto count, feature_count(object));
  RETURN_IF_ERROR(context.spend(count.value_or(0) * sizeof(InputUse), object));
  read.inputs.resize(count.value_or(0), {InputUse::Type::kNumber, {}});
  read.transformer = std::make_shared<const Columnwise>(Function(found->function),
                                                        validate ? kFinite : NumberRule{});
  return read;
}

}  // namespace clairscore::sklearn
