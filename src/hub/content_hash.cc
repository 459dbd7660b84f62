#include "hub/content_hash.h"

#include <openssl/evp.h>

#include <array>
#include <stdexcept>
#include <utility>

namespace clairscore::hub {

namespace {

void require(int done) {
  if (done != 1) throw std::runtime_error("a hash is not available from OpenSSL");
}

}  // namespace

struct ContentHash::Context {
  EVP_MD_CTX* evp = EVP_MD_CTX_new();
  Context() = default;
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context() { EVP_MD_CTX_free(evp); }
};

ContentHash::ContentHash(std::string_view oid, std::uint64_t size)
    : context_(std::make_unique<Context>()) {
  if (oid.size() != 40 && oid.size() != 64) throw std::invalid_argument("not the name of content");
  const bool git = oid.size() == 40;
  require(EVP_DigestInit_ex(context_->evp, git ? EVP_sha1() : EVP_sha256(), nullptr));
  if (!git) return;
  std::string header = "blob " + std::to_string(size);
  header += '\0';
  update(as_bytes(header));
}

ContentHash::ContentHash(ContentHash&&) noexcept = default;
ContentHash& ContentHash::operator=(ContentHash&&) noexcept = default;
ContentHash::~ContentHash() = default;

void ContentHash::update(ByteSpan bytes) {
  require(EVP_DigestUpdate(context_->evp, bytes.data(), bytes.size()));
}

std::string ContentHash::finish() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  require(EVP_DigestFinal_ex(context_->evp, digest.data(), &size));
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (unsigned int i = 0; i < size; ++i) {
    text += digits[digest[i] >> 4U];
    text += digits[digest[i] & 15U];
  }
  return text;
}

}  // namespace clairscore::hub
