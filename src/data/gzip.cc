#include "data/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <optional>

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

/// Decompresses until the end or until more than max_bytes are there.
Result<Bytes> inflate_members(ByteSpan bytes, std::size_t max_bytes, const std::string& name) {
  InflateStream inflater;
  if (!inflater.start()) return fail(ErrorCode::kInternal, "zlib cannot start", name);
  z_stream& stream = inflater.get();
  constexpr std::size_t kFirstSize = std::size_t{1} << 20U;
  Bytes out(std::min(max_bytes + 1, std::max(kFirstSize, bytes.size() * 4)));
  std::size_t used = 0;
  std::size_t filled = 0;
  const auto damaged = [&](const char* what) {
    return fail(ErrorCode::kInput, what, name + ", byte " + std::to_string(used),
                "a complete gzip file, or plain CSV");
  };
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

}  // namespace clairscore
