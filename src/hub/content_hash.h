#pragma once

// The name of content as the Hub has it: sha256 of the bytes for large files (64 digits), git's
// sha1 of "blob <size>\0" and the bytes for small ones (40 digits). Incremental. One object, one
// thread.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace clairscore::hub {

class ContentHash {
 public:
  /// The kind of hash that `oid` is; it must have 40 or 64 digits. `size`: of the whole content.
  ContentHash(std::string_view oid, std::uint64_t size);
  ContentHash(ContentHash&&) noexcept;
  ContentHash& operator=(ContentHash&&) noexcept;
  ~ContentHash();

  void update(ByteSpan bytes);
  /// The digits; the object is used up.
  std::string finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

}  // namespace clairscore::hub
