#pragma once

// OrdinalEncoder: each category its rank, rare ones sharing one; NaN and unknown categories have
// values of their own. As tables, for the reader of gradient boosting, which has one inside.

#include <vector>

#include "base/error.h"
#include "pickle/value.h"
#include "sklearn/read_context.h"
#include "sklearn/readers.h"
#include "transform/lookup_encoder.h"

namespace clairscore::sklearn {

struct OrdinalTables {
  std::vector<LookupEncoder::InputColumn> columns;
  std::vector<InputUse> inputs;
};

Result<OrdinalTables> read_ordinal_tables(const pickle::Value& object, ReadContext& context);

}  // namespace clairscore::sklearn
