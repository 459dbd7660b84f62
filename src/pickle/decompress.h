#pragma once

// The compressed containers that joblib writes, told apart by their first bytes (the extension of
// the file means nothing): zlib 78, gzip 1f8b, bz2 "BZ", xz fd377a585a, lzma-alone 5d00, lz4 frame
// 04224d18.

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"
#include "pickle/unpickle.h"

namespace clairscore::pickle {

enum class Compression { kZlib, kGzip, kBz2, kXz, kLzma, kLz4 };

/// "zlib", "gzip", ...
std::string_view to_string(Compression compression);

/// Nothing when the bytes begin none of these.
std::optional<Compression> detect_compression(ByteSpan bytes);

/// Bytes and what owns them.
struct OwnedBytes {
  ByteSpan bytes;
  std::shared_ptr<const void> owner;
};

/// The whole stream. Memory grows with what comes out and stays within limits.max_bytes; a stream
/// that expands more than limits.max_ratio times is refused once it is over 64 MiB. Errors (where =
/// name and compressed offset): kInput for corrupt or cut data and for bytes after the end of the
/// stream, kLimit.
Result<OwnedBytes> decompress(ByteSpan bytes, Compression compression, const std::string& name,
                              const Limits& limits);

}  // namespace clairscore::pickle
