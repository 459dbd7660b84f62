#pragma once

// XGBoost models: what save_model writes (JSON and UBJSON), and what a pickled Booster holds
// (UBJSON with the configuration around it). Boosters gbtree, dart and gblinear.
//
// XGBoost compares in float32 with `<`; tests are put as `<=` on doubles that answer the same
// (float32_test_below). It also adds up in float32; here leaves are added in double, which is
// closer to the true sum: raw scores differ by the rounding of XGBoost's own. Splits on categories
// send the categories of their set right and all others left.

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"
#include "boosters/booster.h"

namespace clairscore {

/// True for bytes that begin as a UBJSON or JSON object does.
bool is_xgboost_bytes(ByteSpan bytes);

/// True for bytes in the binary form that XGBoost wrote before 2.1 unless told otherwise, and that
/// later versions no longer read. It is not read here; it can be told from other files.
bool is_old_xgboost_binary(ByteSpan bytes);

struct XgboostOptions {
  /// Ends at attributes.best_iteration, as the wrappers for scikit-learn do; files saved by one of
  /// those say so themselves.
  bool cut_at_best = false;
  /// A number that means missing, beside NaN.
  double missing = std::numeric_limits<double>::quiet_NaN();
  /// Rows come as a sparse matrix: their zeros are absent, and what is absent is missing.
  bool zeros_are_absent = false;
};

/// Errors kInput with the name and byte, kUnsupported for objectives whose prediction is no sum or
/// probability, and models of several targets; kLimit.
Result<Booster> read_xgboost(ByteSpan bytes, const std::string& name,
                             const XgboostOptions& options = {});

}  // namespace clairscore
