#include "sklearn/objects.h"

#include <unordered_set>

#include "base/excerpt.h"
#include "base/numbers.h"

namespace clairscore::sklearn {

namespace {

/// More columns than any table has; keeps a hostile count from being believed.
constexpr std::int64_t kMaxFeatures = 1'000'000;

/// co_name among the arguments of a code object: the second of the first two strings in a row,
/// after the file's name, in every version of Python.
std::string_view name_of_code(const Value& code) {
  const Value arguments = code.arguments();
  for (std::size_t i = 0; code.kind() == Kind::kObject && i + 1 < arguments.size(); ++i) {
    if (!arguments.at(i).string()) continue;
    if (const auto name = arguments.at(i + 1).string()) return *name;
  }
  return "?";
}

/// The name of a function or class that cloudpickle stored by value; nothing for anything else.
std::optional<std::string_view> name_by_value(const Value& object) {
  const std::string callable = object.qualified_name();
  const Value arguments = object.arguments();
  if (callable == "cloudpickle.cloudpickle._make_function") {
    return arguments.size() > 0 ? name_of_code(arguments.at(0)) : "?";
  }
  if (callable == "cloudpickle.cloudpickle._make_skeleton_class" ||
      callable == "cloudpickle.cloudpickle._make_skeleton_enum") {
    return arguments.size() > 1 ? arguments.at(1).string().value_or("?") : "?";
  }
  return std::nullopt;
}

}  // namespace

std::string describe(const Value& value) {
  if (pickle::is_ndarray(value)) return "an array";
  switch (value.kind()) {
    case Kind::kNone:
      return "None";
    case Kind::kBool:
      return *value.boolean() ? "True" : "False";
    case Kind::kInteger:
      return std::to_string(*value.integer());
    case Kind::kFloat:
      return double_to_text(*value.number());
    case Kind::kString:
      return "the string " + quote_excerpt(*value.string());
    case Kind::kGlobal:
      return value.qualified_name();
    case Kind::kObject: {
      if (const auto name = name_by_value(value)) {
        const bool function = value.qualified_name() == "cloudpickle.cloudpickle._make_function";
        return std::string(function ? "the function " : "the class ")
            .append(quote_excerpt(*name))
            .append(" stored by value");
      }
      std::string name = value.qualified_name();
      if (name == "functools.partial" && value.arguments().size() == 1) {
        // Its state is (function, args, keywords, attributes); the function is also the argument.
        const Value function = value.arguments().at(0);
        if (function.kind() == Kind::kGlobal) {
          return "functools.partial of " + function.qualified_name();
        }
      }
      if (!name.empty()) return name;
      const Value callable = value.callable();
      if (callable.kind() == Kind::kObject) {
        if (const auto by_value = name_by_value(callable)) {
          return "an object of class " + quote_excerpt(*by_value) + " stored by value";
        }
      }
      return "an object of a class that is not named";
    }
    default:
      return value.describe();
  }
}

std::string short_class_name(const Value& object) {
  const std::string name = object.qualified_name();
  return name.substr(name.rfind('.') + 1);
}

std::optional<Value> present(const Value& object, std::string_view attribute) {
  auto value = object.attribute(attribute);
  if (value && value->is_none()) return std::nullopt;
  return value;
}

Result<Value> required(const Value& object, std::string_view attribute) {
  if (auto value = object.attribute(attribute)) return *value;
  return fail(
      ErrorCode::kInput, short_class_name(object) + " without attribute " + std::string(attribute),
      object.where(), "a fitted " + short_class_name(object) + " of scikit-learn 0.24 to 1.9");
}

tl::unexpected<Error> refuse_attribute(ErrorCode code, const Value& object,
                                       std::string_view attribute, const Value& value,
                                       std::string_view accepted) {
  const std::string name(attribute);
  return fail(code, short_class_name(object) + ": " + name + " is " + describe(value),
              value.where(), name + ": " + std::string(accepted));
}

Result<std::string> text_attribute(const Value& object, std::string_view attribute,
                                   std::string_view fallback) {
  const auto value = object.attribute(attribute);
  if (!value) return std::string(fallback);
  const auto text = value->string();
  if (!text) return refuse_attribute(ErrorCode::kInput, object, attribute, *value, "a string");
  return std::string(*text);
}

Result<bool> bool_attribute(const Value& object, std::string_view attribute, bool fallback) {
  const auto value = object.attribute(attribute);
  if (!value) return fallback;
  if (const auto boolean = value->boolean()) return *boolean;
  const auto number = pickle::to_integer(*value);  // numpy.bool_ is a numpy scalar
  if (number && (*number == 0 || *number == 1)) return *number == 1;
  return refuse_attribute(ErrorCode::kInput, object, attribute, *value, "True or False");
}

Result<std::vector<Value>> elements(const Value& sequence) {
  if (sequence.kind() != Kind::kList && sequence.kind() != Kind::kTuple) {
    return fail(ErrorCode::kInput, describe(sequence) + " where a list is needed", sequence.where(),
                "a list");
  }
  std::vector<Value> values;
  values.reserve(sequence.size());
  for (std::size_t i = 0; i < sequence.size(); ++i) values.push_back(sequence.at(i));
  return values;
}

Result<std::vector<std::size_t>> indices(const Value& array, std::size_t limit) {
  ASSIGN_OR_RETURN(const std::vector<double> numbers, pickle::to_doubles(array));
  std::vector<std::size_t> found;
  found.reserve(numbers.size());
  for (const double number : numbers) {
    const auto index = number >= 0 && number < static_cast<double>(limit)
                           ? static_cast<std::size_t>(number)
                           : limit;
    if (index >= limit || static_cast<double>(index) != number) {
      return fail(ErrorCode::kInput, "an index that is out of range", array.where(),
                  "0 to " + std::to_string(limit) + ", exclusive");
    }
    found.push_back(index);
  }
  return found;
}

Result<std::vector<std::string>> feature_names(const Value& object) {
  std::vector<std::string> names;
  auto value = present(object, "feature_names_in_");
  if (!value) value = present(object, "_feature_names_in");  // a ColumnTransformer of 0.24
  if (!value) return names;
  ASSIGN_OR_RETURN(const std::vector<pickle::Label> labels, pickle::to_labels(*value));
  std::unordered_set<std::string_view> seen;
  names.reserve(labels.size());
  for (const pickle::Label& label : labels) {
    if (label.kind != pickle::Label::Kind::kText) {
      return fail(ErrorCode::kInput, "the column name " + pickle::to_text(label) + " is no text",
                  value->where(), "column names that are strings");
    }
    if (!seen.insert(label.text).second) {
      return fail(ErrorCode::kInput, "two columns named " + quote_excerpt(label.text),
                  value->where(), "each name once");
    }
    names.push_back(label.text);
  }
  return names;
}

Result<std::optional<std::size_t>> feature_count(const Value& object) {
  const auto value = present(object, "n_features_in_");
  if (!value) {
    ASSIGN_OR_RETURN(const std::vector<std::string> names, feature_names(object));
    if (names.empty()) return std::nullopt;
    return names.size();
  }
  ASSIGN_OR_RETURN(const std::int64_t count, pickle::to_integer(*value));
  if (count < 0 || count > kMaxFeatures) {
    return refuse_attribute(ErrorCode::kInput, object, "n_features_in_", *value,
                            "0 to " + std::to_string(kMaxFeatures));
  }
  return static_cast<std::size_t>(count);
}

std::string library_version(const Value& object) {
  const auto version = object.attribute("_sklearn_version");
  return std::string(version ? version->string().value_or("") : "");
}

}  // namespace clairscore::sklearn
