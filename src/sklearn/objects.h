#pragma once

// Reading the attributes of a pickled Python object, with errors that name the class, the
// attribute and the byte offset. An object's class is the only thing that decides how it is read;
// attributes that a reader does not ask for are never looked at.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "pickle/ndarray.h"
#include "pickle/value.h"

namespace clairscore::sklearn {

using pickle::Kind;
using pickle::Value;

/// What a message calls a value: "sklearn.svm._classes.SVC", "the function 'scale' stored by
/// value", "the string 'median'", "0.5", "a list".
std::string describe(const Value& value);

/// "OneHotEncoder" of an object of class sklearn.preprocessing._encoders.OneHotEncoder.
std::string short_class_name(const Value& object);

/// The attribute, or an error that says the object lacks it (not fitted, or of a version that is
/// not read).
Result<Value> required(const Value& object, std::string_view attribute);

/// The attribute; nothing when it is absent or None.
std::optional<Value> present(const Value& object, std::string_view attribute);

/// The attribute of a type, or `fallback` when it is absent. Errors kInput: another type.
Result<std::string> text_attribute(const Value& object, std::string_view attribute,
                                   std::string_view fallback);
Result<bool> bool_attribute(const Value& object, std::string_view attribute, bool fallback);

/// An error about an attribute: "OneHotEncoder: drop is the string 'x'", accepted "drop: …".
tl::unexpected<Error> refuse_attribute(ErrorCode code, const Value& object,
                                       std::string_view attribute, const Value& value,
                                       std::string_view accepted);

/// The elements of a list or tuple. Errors kInput: another kind.
Result<std::vector<Value>> elements(const Value& sequence);

/// Array or list of integers, each in [0, limit). Errors kInput naming the first that is not.
Result<std::vector<std::size_t>> indices(const Value& array, std::size_t limit);

/// feature_names_in_ (empty when the object was fitted without names). Errors kInput: a name that
/// is no text, or is there twice.
Result<std::vector<std::string>> feature_names(const Value& object);

/// n_features_in_, else the number of feature names, else nothing.
Result<std::optional<std::size_t>> feature_count(const Value& object);

/// The version of scikit-learn that wrote the object, or empty.
std::string library_version(const Value& object);

}  // namespace clairscore::sklearn
