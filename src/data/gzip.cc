#include "data/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

namespace clairscore {

namespace {

/// A zlib inflate stream, ended when it goes out of scope.
class InflateStream {
 public:
  InflateStream() = default;
  InflateStream(const InflateStream&) = delete;
  InflateStream& operator=(const InflateStream&) = delete;
  ~InflateStream() {
    if (ready_) inflateEnd(&stream_);
  }
  bool start() {
    constexpr int kGzipOnly = 15 + 16;  // the largest window, and a gzip header
    ready_ = inflateInit2(&stream_, kGzipOnly) == Z_OK;
    return ready_;
  }
  z_stream& get() { return stream_; }

 private:
  z_stream stream_{};
  bool ready_ = false;
};

uInt window(std::size_t size) {
  return static_cast<uInt>(std::min<std::size_t>(size, std::numeric_limits<uInt>::max()));
}

tl::unexpected<Error> damaged_gzip(const char* what, const std::string& name,
                                   std::uint64_t offset) {
  return fail(ErrorCode::kInput, what, name + ", byte " + std::to_string(offset),
              "a complete gzip file, or plain CSV");
}

/// Decompresses until the end or until more than max_bytes are there.
Result<Bytes> inflate_members(ByteSpan bytes, std::size_t max_bytes, const std::string& name) {
  InflateStream inflater;
  if (!inflater.start()) return fail(ErrorCode::kInternal, "zlib cannot start", name);
  z_stream& stream = inflater.get();
  constexpr std::size_t kFirstSize = std::size_t{1} << 20U;
  Bytes out(std::min(max_bytes + 1, std::max(kFirstSize, bytes.size() * 4)));
  std::size_t used = 0;
  std::size_t filled = 0;
  const auto damaged = [&](const char* what) { return damaged_gzip(what, name, used); };
  while (true) {
    if (filled == out.size()) {
      if (filled > max_bytes) return out;
      out.resize(std::min(max_bytes + 1, out.size() * 2));
    }
    const uInt input = window(bytes.size() - used);
    const uInt room = window(out.size() - filled);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(bytes.data() + used));
    stream.avail_in = input;
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + filled);
    stream.avail_out = room;
    const int status = inflate(&stream, Z_NO_FLUSH);
    used += input - stream.avail_in;
    filled += room - stream.avail_out;
    if (status == Z_STREAM_END) {
      if (used == bytes.size()) break;
      if (inflateReset(&stream) != Z_OK) return damaged("gzip data cannot be read");
      continue;
    }
    if (status == Z_BUF_ERROR || (status == Z_OK && used == bytes.size() && stream.avail_out > 0)) {
      return damaged("gzip data cut short");
    }
    if (status != Z_OK) return damaged("damaged gzip data");
  }
  out.resize(filled);
  return out;
}

}  // namespace

bool is_gzip(ByteSpan bytes) {
  return bytes.size() >= 2 && bytes[0] == std::byte{0x1f} && bytes[1] == std::byte{0x8b};
}

Result<Bytes> gunzip(ByteSpan bytes, std::size_t max_bytes, const std::string& name) {
  ASSIGN_OR_RETURN(Bytes out, inflate_members(bytes, max_bytes, name));
  if (out.size() > max_bytes) {
    return fail(ErrorCode::kLimit, "gzip file too large once decompressed", name,
                "at most " + std::to_string(max_bytes) + " bytes");
  }
  return out;
}

Result<Bytes> gunzip_start(ByteSpan bytes, std::size_t max_bytes, const std::string& name) {
  ASSIGN_OR_RETURN(Bytes out, inflate_members(bytes, max_bytes, name));
  out.resize(std::min(out.size(), max_bytes));
  return out;
}

struct Gunzipper::State {
  InflateStream inflater;
  std::string name;
  std::uint64_t used = 0;
  bool between_members = false;
};

Gunzipper::Gunzipper(std::unique_ptr<State> state) : state_(std::move(state)) {}
Gunzipper::Gunzipper(Gunzipper&&) noexcept = default;
Gunzipper& Gunzipper::operator=(Gunzipper&&) noexcept = default;
Gunzipper::~Gunzipper() = default;

Result<Gunzipper> Gunzipper::start(std::string name) {
  auto state = std::make_unique<State>();
  if (!state->inflater.start()) return fail(ErrorCode::kInternal, "zlib cannot start", name);
  state->name = std::move(name);
  return Gunzipper(std::move(state));
}

Result<Gunzipper::Step> Gunzipper::step(ByteSpan input, std::span<char> room) {
  State& state = *state_;
  z_stream& stream = state.inflater.get();
  const uInt offered = window(input.size());
  const uInt space = window(room.size());
  if (state.between_members && offered > 0) {
    if (inflateReset(&stream) != Z_OK) {
      return damaged_gzip("gzip data cannot be read", state.name, state.used);
    }
    state.between_members = false;
  }
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(input.data()));
  stream.avail_in = offered;
  stream.next_out = reinterpret_cast<Bytef*>(room.data());
  stream.avail_out = space;
  if (state.between_members) return Step{};
  const int status = inflate(&stream, Z_NO_FLUSH);
  const Step done{offered - stream.avail_in, space - stream.avail_out};
  state.used += done.taken;
  state.between_members = status == Z_STREAM_END;
  if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) {
    return damaged_gzip("damaged gzip data", state.name, state.used);
  }
  return done;
}

Result<void> Gunzipper::finish() const {
  if (!state_->between_members) {
    return damaged_gzip("gzip data cut short", state_->name, state_->used);
  }
  return {};
}

}  // namespace clairscore
