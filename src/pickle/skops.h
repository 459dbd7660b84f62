#pragma once

// skops archives -> Graph: a zip of schema.json, which names classes and holds their state, and a
// .npy file for each array. The graph is the one a pickle of the same object gives, so that readers
// know one form: what schema.json calls a loader becomes an object, a dict, an array. As with
// pickles nothing is imported or called. Offsets of values are 0: they have no place in the file.

#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/error.h"
#include "pickle/unpickle.h"

namespace clairscore::pickle {

/// True for bytes that begin as a zip archive does.
bool is_zip(ByteSpan bytes);

/// Errors kInput, kUnsupported or kLimit naming the file and the entry.
Result<std::shared_ptr<const Graph>> read_skops(ByteSpan bytes, std::shared_ptr<const void> owner,
                                                const std::string& name, const Limits& limits);

}  // namespace clairscore::pickle
