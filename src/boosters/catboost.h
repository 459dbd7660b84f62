#pragma once

// CatBoost's binary models (.cbm): a FlatBuffers document after the letters CBM1.
//
// Trees are oblivious: one test a level, the same for all its nodes; each becomes a full binary
// tree. A feature is compared in float32 with `>`; the test `<=` on doubles is its other side
// (float32_test). Leaves that no training row reached have no weight in the file; theirs is made so
// small that they change no contribution.
//
// A one-hot feature asks whether a category has a hash: the lower 32 bits of city_hash() of its
// text (hashed_categories.h). Its column is one of texts; a file tells neither which categories
// training showed nor whether they were numbers.

#include <string>

#include "base/bytes.h"
#include "base/error.h"
#include "boosters/booster.h"

namespace clairscore {

bool is_catboost_bytes(ByteSpan bytes);

/// Class names of the file go to `labels`. Errors kInput with the byte, kUnsupported for features
/// of other kinds (statistics of categories, texts, embeddings), trees that are not oblivious, and
/// losses whose prediction is no sum; kLimit.
Result<Booster> read_catboost(ByteSpan bytes, const std::string& name,
                              std::vector<std::string>& labels);

}  // namespace clairscore
