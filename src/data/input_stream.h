#pragma once

// Bytes in order, from a file of any size or from standard input, decompressed where they are gzip.
// One object, one thread, but for interrupt().

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/bytes.h"
#include "base/error.h"
#include "data/gzip.h"

namespace clairscore {

class InputStream {
 public:
  /// Bytes as they come, at least one; 0 at the end.
  using Source = std::function<Result<std::size_t>(std::span<char> room)>;

  /// Errors kNotFound, kInternal, with the path. Pipes and devices are read too.
  static Result<InputStream> open(const std::filesystem::path& path);
  static Result<InputStream> standard_input();
  /// `size`: how many bytes the source has, where that is known.
  static Result<InputStream> from(std::string name, Source source,
                                  std::optional<std::uint64_t> size = std::nullopt);

  /// Fills the room, or less at the end and before an error; 0 when nothing is left. Errors: the
  /// system's; damaged or incomplete gzip data.
  Result<std::size_t> read(std::span<char> room);

  /// How it is called in messages.
  const std::string& name() const { return name_; }
  /// Bytes there are, compressed where they are, and those taken so far.
  std::optional<std::uint64_t> size() const { return size_; }
  std::uint64_t taken() const { return taken_; }

  /// Ends a read that waits, and all to come, with an error; from any thread.
  std::function<void()> interrupter() const;

 private:
  class Descriptor;
  InputStream() = default;
  static Result<InputStream> of(std::string name, std::shared_ptr<Descriptor> descriptor);
  /// Passes on what is there, or reads more; false at the end.
  Result<bool> step(std::span<char> room, std::size_t& filled);
  /// More bytes as they are in the file; false at its end.
  Result<bool> refill();

  std::string name_;
  Source source_;
  std::optional<std::uint64_t> size_;
  std::uint64_t taken_ = 0;
  std::shared_ptr<Descriptor> descriptor_;
  Bytes raw_;  // read, not yet passed on: [raw_begin_, raw_end_)
  std::size_t raw_begin_ = 0;
  std::size_t raw_end_ = 0;
  bool ended_ = false;
  std::optional<Gunzipper> gunzip_;
  std::optional<Error> error_;  // for the next read
};

}  // namespace clairscore
