#pragma once

// gzip (RFC 1952) through zlib. The functions are pure and thread-safe.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
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

/// Decompresses all members of a stream as its bytes arrive. One object, one thread.
class Gunzipper {
 public:
  /// `name` stands for the file in messages.
  static Result<Gunzipper> start(std::string name);
  Gunzipper(Gunzipper&&) noexcept;
  Gunzipper& operator=(Gunzipper&&) noexcept;
  ~Gunzipper();

  struct Step {
    std::size_t taken = 0;  // of the input
    std::size_t given = 0;  // of the room
  };
  /// Takes some of the input and fills some of the room; input that was not taken must be given
  /// again. Error kInput: damaged data, with the byte offset.
  Result<Step> step(ByteSpan input, std::span<char> room);
  /// The error of an input that ends here, if it is one: kInput, cut short.
  Result<void> finish() const;

 private:
  struct State;
  explicit Gunzipper(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace clairscore
