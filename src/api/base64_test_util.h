#pragma once

// Bytes that a recording holds as base64. For tests.

#include <openssl/evp.h>

#include <string>
#include <string_view>

namespace clairscore::api {

/// Empty when `text` is not base64 with its padding.
inline std::string decode_base64(std::string_view text) {
  std::string bytes(text.size(), '\0');
  const int length = ::EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                       reinterpret_cast<const unsigned char*>(text.data()),
                                       static_cast<int>(text.size()));
  if (length < 0) return {};
  const std::size_t padding = text.size() - (text.find_last_not_of('=') + 1);
  bytes.resize(static_cast<std::size_t>(length) - padding);
  return bytes;
}

}  // namespace clairscore::api
