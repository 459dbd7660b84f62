#pragma once

// gzip (RFC 1952) through zlib. Pure functions, thread-safe.

#include <cstddef>
#include <string>

#include "base/bytes.h"
#include "base/error.h"

namespace clairscore {

/// Whether the bytes start as gzip does.
bool is_gzip(ByteSpan bytes);

/// The decompressed bytes of all members. Errors: kInput (damaged or cut short, with the byte
/// offset), kLimit (more than max_bytes come out). `name` stands for the file in messages.
Result<Bytes> gunzip(ByteSpan bytes, std::size_t max_bytes, const std::string& name);

/// The first max_bytes decompressed bytes, or all when there are fewer.
Result<Bytes> gunzip_start(ByteSpan bytes, std::size_t max_bytes, const std::string& name);

}  // namespace clairscore
