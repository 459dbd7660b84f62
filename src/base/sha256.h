#pragma once

// SHA-256 (FIPS 180-4) through OpenSSL's EVP interface: names what was loaded, and verifies what
// was downloaded.

#include <string>

#include "base/bytes.h"

namespace clairscore {

/// 64 lower-case hexadecimal digits.
std::string sha256_hex(ByteSpan bytes);

}  // namespace clairscore
