#pragma once

// The files in a zip archive: stored or deflated, found through the central directory.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"

namespace clairscore::pickle {

struct ZipEntry {
  bool deflated = false;
  ByteSpan data;           // as it lies in the archive
  std::uint64_t size = 0;  // uncompressed
};

/// By name. Errors kInput with the offset for a broken archive, or a name that is there twice;
/// kUnsupported for encrypted entries, other methods and archives of 4 GiB or more; kLimit for more
/// than 100,000 entries.
Result<std::map<std::string, ZipEntry>> read_zip(ByteSpan bytes, const std::string& name);

/// The content of a deflated entry. Errors kInput; kLimit when it is larger than its size says.
Result<Bytes> inflate(const ZipEntry& entry, const std::string& name);

}  // namespace clairscore::pickle
