// Linear classifiers and regressors, and Gaussian naive Bayes: sums of terms of one feature each.

#include <cmath>
#include <numbers>
#include <utility>

#include "model/additive_estimator.h"
#include "sklearn/objects.h"
#include "sklearn/readers.h"
#include "sklearn/tree_records.h"

namespace clairscore::sklearn {

namespace {

using Term = AdditiveParts::Term;

/// coef_ as rows of one coefficient a feature.
Result<std::vector<double>> read_coefficients(const Value& object, std::size_t outputs,
                                              std::size_t features, ReadContext& context) {
  ASSIGN_OR_RETURN(const Value attribute, required(object, "coef_"));
  if (!pickle::is_ndarray(attribute)) {
    return refuse_attribute(ErrorCode::kUnsupported, object, "coef_", attribute,
                            "a dense array (densify() makes a sparse one dense)");
  }
  ASSIGN_OR_RETURN(const pickle::NdArray array, pickle::read_ndarray(attribute));
  RETURN_IF_ERROR(context.spend(array.size() * (sizeof(Term) + 32), attribute));
  if (array.size() != outputs * features) {
    return ReadContext::refuse(attribute, ErrorCode::kInput,
                               short_class_name(object) + ": " + std::to_string(array.size()) +
                                   " coefficients for " + std::to_string(outputs) + " outputs of " +
                                   std::to_string(features) + " features");
  }
  return pickle::to_doubles(attribute);
}

/// intercept_: one an output, or one number for all.
Result<std::vector<double>> read_intercepts(const Value& object, std::size_t outputs) {
  ASSIGN_OR_RETURN(const Value attribute, required(object, "intercept_"));
  std::vector<double> intercepts;
  if (pickle::is_ndarray(attribute)) {
    ASSIGN_OR_RETURN(intercepts, pickle::to_doubles(attribute));
  } else {
    ASSIGN_OR_RETURN(const double one, pickle::to_double(attribute));
    intercepts = {one};
  }
  if (intercepts.size() == 1) intercepts.resize(outputs, intercepts.front());
  if (intercepts.size() != outputs) {
    return ReadContext::refuse(attribute, ErrorCode::kInput, "intercepts for other outputs");
  }
  return intercepts;
}

Result<ReadEstimator> finish(const Value& object, AdditiveParts parts, ReadEstimator read) {
  parts.kind = short_class_name(object);
  auto estimator = make_additive_estimator(std::move(parts));
  if (!estimator) return at_object(std::move(estimator.error()), object);
  read.estimator = std::move(*estimator);
  return read;
}

Result<ReadEstimator> read_linear(const Value& object, std::vector<std::string> classes, Link link,
                                  ReadContext& context) {
  ASSIGN_OR_RETURN(ReadEstimator read, read_numeric_inputs(object, context));
  AdditiveParts parts;
  parts.features = read.inputs.size();
  const std::size_t outputs = classes.size() <= 2 ? 1 : classes.size();
  ASSIGN_OR_RETURN(const std::vector<double> coefficients,
                   read_coefficients(object, outputs, parts.features, context));
  ASSIGN_OR_RETURN(parts.base, read_intercepts(object, outputs));
  for (const double slope : coefficients) parts.terms.push_back({Term{.slope = slope}});
  parts.scale = classes.empty()                     ? ScoreScale::kPrediction
                : link.kind == Link::Kind::kNone    ? ScoreScale::kMargin
                : link.kind == Link::Kind::kClipped ? ScoreScale::kMargin
                                                    : ScoreScale::kLogOdds;
  parts.link = link;
  parts.classes = std::move(classes);
  return finish(object, std::move(parts), std::move(read));
}

/// Whether a LogisticRegression fitted one model for each class.
Result<bool> is_one_vs_rest(const Value& object, std::size_t classes) {
  ASSIGN_OR_RETURN(const std::string solver, text_attribute(object, "solver", "lbfgs"));
  const auto attribute = object.attribute("multi_class");
  if (!attribute) return classes <= 2 || solver == "liblinear";
  const std::string way(attribute->string().value_or("auto"));
  if (way == "ovr" || way == "warn") return true;
  if (way == "multinomial") return false;
  return classes <= 2 || solver == "liblinear";
}

}  // namespace

Result<ReadEstimator> read_logistic_regression(const Value& object, ReadContext& context) {
  ASSIGN_OR_RETURN(std::vector<std::string> classes, read_classes(object));
  ASSIGN_OR_RETURN(const bool one_vs_rest, is_one_vs_rest(object, classes.size()));
  Link link{Link::Kind::kLogistic};
  if (classes.size() > 2) {
    link.kind = one_vs_rest ? Link::Kind::kOneVsRest : Link::Kind::kSoftmax;
  } else if (!one_vs_rest) {
    link.slope = 2;  // softmax of (-d, d)
  }
  return read_linear(object, std::move(classes), link, context);
}

Result<ReadEstimator> read_sgd_classifier(const Value& object, ReadContext& context) {
  ASSIGN_OR_RETURN(std::vector<std::string> classes, read_classes(object));
  ASSIGN_OR_RETURN(const std::string loss, text_attribute(object, "loss", "hinge"));
  const bool two = classes.size() == 2;
  Link link;
  if (loss == "log_loss" || loss == "log") {
    link.kind = two ? Link::Kind::kLogistic : Link::Kind::kOneVsRest;
  } else if (loss == "modified_huber" && two) {
    link.kind = Link::Kind::kClipped;
  } else if (loss == "modified_huber") {
    return ReadContext::refuse(object, ErrorCode::kUnsupported,
                               "SGDClassifier with loss 'modified_huber' and more than two classes",
                               "two classes, or another loss");
  }
  return read_linear(object, std::move(classes), link, context);
}

Result<ReadEstimator> read_margin_classifier(const Value& object, ReadContext& context) {
  ASSIGN_OR_RETURN(std::vector<std::string> classes, read_classes(object));
  return read_linear(object, std::move(classes), {}, context);
}

Result<ReadEstimator> read_ridge_classifier(const Value& object, ReadContext& context) {
  // Its classes are those of the LabelBinarizer it fitted.
  ASSIGN_OR_RETURN(const Value binarizer, required(object, "_label_binarizer"));
  ASSIGN_OR_RETURN(std::vector<std::string> classes, read_classes(binarizer));
  return read_linear(object, std::move(classes), {}, context);
}

Result<ReadEstimator> read_linear_regressor(const Value& object, ReadContext& context) {
  return read_linear(object, {}, {}, context);
}

Result<ReadEstimator> read_discriminant_analysis(const Value& object, ReadContext& context) {
  ASSIGN_OR_RETURN(std::vector<std::string> classes, read_classes(object));
  const Link link{classes.size() == 2 ? Link::Kind::kLogistic : Link::Kind::kSoftmax};
  return read_linear(object, std::move(classes), link, context);
}

Result<ReadEstimator> read_gaussian_nb(const Value& object, ReadContext& context) {
  ASSIGN_OR_RETURN(ReadEstimator read, read_numeric_inputs(object, context));
  ASSIGN_OR_RETURN(std::vector<std::string> classes, read_classes(object));
  const std::size_t features = read.inputs.size();
  const auto numbers = [&](const char* name, const char* older,
                           std::size_t expected) -> Result<std::vector<double>> {
    const auto found = object.attribute(name);
    Result<Value> attribute = found ? Result<Value>(*found) : required(object, older);
    if (!attribute) return fail(std::move(attribute.error()));
    ASSIGN_OR_RETURN(std::vector<double> values, pickle::to_doubles(*attribute));
    if (values.size() == expected) return values;
    return ReadContext::refuse(*attribute, ErrorCode::kInput,
                               "GaussianNB: " + std::string(name) + " of another size");
  };
  RETURN_IF_ERROR(context.spend(classes.size() * features * 128, object));
  ASSIGN_OR_RETURN(const std::vector<double> mean,
                   numbers("theta_", "theta_", classes.size() * features));
  // sigma_ until 0.24.
  ASSIGN_OR_RETURN(const std::vector<double> variance,
                   numbers("var_", "sigma_", classes.size() * features));
  ASSIGN_OR_RETURN(const std::vector<double> prior,
                   numbers("class_prior_", "class_prior_", classes.size()));
  const auto density = [&](std::size_t k, std::size_t f, double sign) {
    const double v = variance[k * features + f];
    return Term{.constant = sign * -0.5 * std::log(2 * std::numbers::pi * v),
                .center = mean[k * features + f],
                .slope = 0,
                .curvature = sign * -0.5 / v};
  };
  AdditiveParts parts;
  parts.features = features;
  if (classes.size() == 2) {
    parts.base = {std::log(prior[1]) - std::log(prior[0])};
    for (std::size_t f = 0; f < features; ++f) {
      parts.terms.push_back({density(1, f, 1), density(0, f, -1)});
    }
    parts.link.kind = Link::Kind::kLogistic;
  } else {
    for (std::size_t k = 0; k < classes.size(); ++k) {
      parts.base.push_back(std::log(prior[k]));
      for (std::size_t f = 0; f < features; ++f) parts.terms.push_back({density(k, f, 1)});
    }
    parts.link.kind = Link::Kind::kSoftmax;
  }
  parts.classes = std::move(classes);
  read.response = Response::kProbability;
  return finish(object, std::move(parts), std::move(read));
}

}  // namespace clairscore::sklearn
