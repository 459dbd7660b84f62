#include "base/secret.h"

#include <openssl/crypto.h>

#include <string>

#include "base/sha256.h"

namespace clairscore {

bool same_secret(std::string_view presented, std::string_view expected) {
  const std::string a = sha256_hex(as_bytes(presented));
  const std::string b = sha256_hex(as_bytes(expected));
  return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace clairscore
