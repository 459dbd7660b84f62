// FunctionTransformer: the identity, which is what ColumnTransformer makes of "passthrough", and
// some functions of numpy. A function of someone's own would have to be run, and nothing in a model
// file is ever run.

#include "sklearn/objects.h"
#include "sklearn/readers.h"
#include "transform/passthrough.h"

namespace clairscore::sklearn {

Result<ReadTransformer> read_function_transformer(const Value& object, ReadContext& context) {
  if (present(object, "func")) return read_numpy_function(object, context);
  ASSIGN_OR_RETURN(const bool validate, bool_attribute(object, "validate", false));
  if (validate) {
    return refuse_attribute(ErrorCode::kUnsupported, object, "validate",
                            *object.attribute("validate"), "False");
  }
  if (const auto names = present(object, "feature_names_out");
      names && names->string() != "one-to-one") {
    return refuse_attribute(ErrorCode::kUnsupported, object, "feature_names_out", *names,
                            "None or 'one-to-one'");
  }
  ReadTransformer read;
  read.transformer = std::make_shared<const Passthrough>();
  ASSIGN_OR_RETURN(read.input_names, feature_names(object));
  ASSIGN_OR_RETURN(const auto count, feature_count(object));
  RETURN_IF_ERROR(context.spend(count.value_or(0) * sizeof(InputUse), object));
  read.inputs.resize(count.value_or(0));
  return read;
}

}  // namespace clairscore::sklearn
