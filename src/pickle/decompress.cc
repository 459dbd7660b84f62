#include "pickle/decompress.h"

#include <bzlib.h>
#include <fmt/format.h>
#include <lz4frame.h>
#include <lzma.h>
#include <zlib.h>

#include <algorithm>
#include <cstdlib>
#include <span>
#include <utility>

namespace clairscore::pickle {

namespace {

constexpr std::uint64_t kUncheckedRatio = std::uint64_t{64} << 20U;
constexpr std::size_t kFirstBuffer = std::size_t{64} << 10U;
/// The largest dictionary an xz preset asks for is 64 MiB.
constexpr std::uint64_t kLzmaMemory = std::uint64_t{96} << 20U;
/// Bytes a decoder is given and may write at a time: the limits are looked at in between, and sizes
/// in the C interfaces are 32-bit numbers.
constexpr std::size_t kSlice = std::size_t{1} << 20U;

/// Memory that grows without being copied or filled: for large blocks realloc moves pages.
class GrowingBuffer {
 public:
  bool resize(std::size_t capacity) {
    std::byte* const before = data_.release();
    void* const grown = std::realloc(before, capacity);
    data_.reset(grown != nullptr ? static_cast<std::byte*>(grown) : before);
    if (grown != nullptr) capacity_ = capacity;
    return grown != nullptr;
  }
  std::size_t capacity() const { return capacity_; }
  std::span<std::byte> from(std::size_t begin) { return {data_.get() + begin, capacity_ - begin}; }
  std::shared_ptr<std::byte> share() { return {data_.release(), std::free}; }

 private:
  struct Free {
    void operator()(std::byte* data) const { std::free(data); }
  };
  std::unique_ptr<std::byte, Free> data_;
  std::size_t capacity_ = 0;
};

enum class Status { kMore, kEnd, kCorrupt };

// Each decoder moves the fronts of `in` and `out` past what it used.

class ZlibDecoder {
 public:
  explicit ZlibDecoder(bool gzip) { ready_ = inflateInit2(&stream_, gzip ? 31 : 15) == Z_OK; }
  ZlibDecoder(const ZlibDecoder&) = delete;
  ZlibDecoder& operator=(const ZlibDecoder&) = delete;
  ~ZlibDecoder() {
    if (ready_) inflateEnd(&stream_);
  }
  bool ready() const { return ready_; }

  Status decode(ByteSpan& in, std::span<std::byte>& out) {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(in.data()));
    stream_.avail_in = static_cast<uInt>(in.size());
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = static_cast<uInt>(out.size());
    const int code = inflate(&stream_, Z_NO_FLUSH);
    in = in.last(stream_.avail_in);
    out = out.last(stream_.avail_out);
    if (code == Z_STREAM_END) return Status::kEnd;
    return code == Z_OK || code == Z_BUF_ERROR ? Status::kMore : Status::kCorrupt;
  }

 private:
  z_stream stream_{};
  bool ready_ = false;
};

class Bz2Decoder {
 public:
  Bz2Decoder() { ready_ = BZ2_bzDecompressInit(&stream_, 0, 0) == BZ_OK; }
  Bz2Decoder(const Bz2Decoder&) = delete;
  Bz2Decoder& operator=(const Bz2Decoder&) = delete;
  ~Bz2Decoder() {
    if (ready_) BZ2_bzDecompressEnd(&stream_);
  }
  bool ready() const { return ready_; }

  Status decode(ByteSpan& in, std::span<std::byte>& out) {
    stream_.next_in = reinterpret_cast<char*>(const_cast<std::byte*>(in.data()));
    stream_.avail_in = static_cast<unsigned>(in.size());
    stream_.next_out = reinterpret_cast<char*>(out.data());
    stream_.avail_out = static_cast<unsigned>(out.size());
    const int code = BZ2_bzDecompress(&stream_);
    in = in.last(stream_.avail_in);
    out = out.last(stream_.avail_out);
    if (code == BZ_STREAM_END) return Status::kEnd;
    return code == BZ_OK ? Status::kMore : Status::kCorrupt;
  }

 private:
  bz_stream stream_{};
  bool ready_ = false;
};

class LzmaDecoder {
 public:
  explicit LzmaDecoder(bool alone) {
    const lzma_ret code = alone ? lzma_alone_decoder(&stream_, kLzmaMemory)
                                : lzma_stream_decoder(&stream_, kLzmaMemory, 0);
    ready_ = code == LZMA_OK;
  }
  LzmaDecoder(const LzmaDecoder&) = delete;
  LzmaDecoder& operator=(const LzmaDecoder&) = delete;
  ~LzmaDecoder() { lzma_end(&stream_); }
  bool ready() const { return ready_; }

  Status decode(ByteSpan& in, std::span<std::byte>& out) {
    stream_.next_in = reinterpret_cast<const std::uint8_t*>(in.data());
    stream_.avail_in = in.size();
    stream_.next_out = reinterpret_cast<std::uint8_t*>(out.data());
    stream_.avail_out = out.size();
    const lzma_ret code = lzma_code(&stream_, LZMA_RUN);
    in = in.last(stream_.avail_in);
    out = out.last(stream_.avail_out);
    if (code == LZMA_STREAM_END) return Status::kEnd;
    return code == LZMA_OK || code == LZMA_BUF_ERROR ? Status::kMore : Status::kCorrupt;
  }

 private:
  lzma_stream stream_ = LZMA_STREAM_INIT;
  bool ready_ = false;
};

class Lz4Decoder {
 public:
  Lz4Decoder() {
    LZ4F_dctx* context = nullptr;
    if (LZ4F_isError(LZ4F_createDecompressionContext(&context, LZ4F_VERSION)) == 0) {
      context_.reset(context);
    }
  }
  bool ready() const { return context_ != nullptr; }

  Status decode(ByteSpan& in, std::span<std::byte>& out) {
    std::size_t consumed = in.size();
    std::size_t produced = out.size();
    const std::size_t hint =
        LZ4F_decompress(context_.get(), out.data(), &produced, in.data(), &consumed, nullptr);
    if (LZ4F_isError(hint) != 0) return Status::kCorrupt;
    in = in.subspan(consumed);
    out = out.subspan(produced);
    return hint == 0 ? Status::kEnd : Status::kMore;
  }

 private:
  struct Free {
    void operator()(LZ4F_dctx* context) const { LZ4F_freeDecompressionContext(context); }
  };
  std::unique_ptr<LZ4F_dctx, Free> context_;
};

template <typename Decoder>
Result<OwnedBytes> decode_all(Decoder& decoder, ByteSpan bytes, Compression compression,
                              const std::string& name, const Limits& limits) {
  const std::string_view kind = to_string(compression);
  ByteSpan in = bytes;
  const auto where = [&] {
    return fmt::format("{}, byte {} of the compressed file", name, bytes.size() - in.size());
  };
  const auto out_of_memory = [&] {
    return fail(ErrorCode::kInternal, "no memory for decompression", name);
  };
  const auto corrupt = [&](std::string what) {
    return fail(ErrorCode::kInput, std::move(what), where(), "a complete file");
  };
  GrowingBuffer buffer;
  if (!decoder.ready() || !buffer.resize(kFirstBuffer)) return out_of_memory();
  std::size_t filled = 0;
  Status status = Status::kMore;
  while (status != Status::kEnd) {
    if (filled == buffer.capacity() && !buffer.resize(filled * 2)) return out_of_memory();
    const auto room = buffer.from(filled);
    ByteSpan in_slice = in.first(std::min(in.size(), kSlice));
    std::span<std::byte> out_slice = room.first(std::min(room.size(), kSlice));
    const std::size_t in_before = in_slice.size();
    const std::size_t out_before = out_slice.size();
    status = decoder.decode(in_slice, out_slice);
    const std::size_t consumed = in_before - in_slice.size();
    const std::size_t produced = out_before - out_slice.size();
    in = in.subspan(consumed);
    filled += produced;
    if (status == Status::kCorrupt) return corrupt(fmt::format("corrupt {} data", kind));
    if (status == Status::kMore && produced == 0 && consumed == 0) {
      return corrupt(fmt::format("{} data that ends too early", kind));
    }
    if (filled > limits.max_bytes) {
      return fail(ErrorCode::kLimit, fmt::format("{} data that expands too far", kind), where(),
                  fmt::format("up to {} bytes", limits.max_bytes));
    }
    if (filled > kUncheckedRatio && filled > bytes.size() * limits.max_ratio) {
      return fail(ErrorCode::kLimit,
                  fmt::format("{} data that expands more than {} times", kind, limits.max_ratio),
                  where());
    }
  }
  if (!in.empty()) {
    return fail(ErrorCode::kInput,
                fmt::format("{} bytes after the end of the {} data", in.size(), kind), where(),
                "one compressed stream and nothing else");
  }
  if (!buffer.resize(std::max<std::size_t>(filled, 1))) return out_of_memory();
  const std::shared_ptr<std::byte> owner = buffer.share();
  return OwnedBytes{ByteSpan(owner.get(), filled), owner};
}

}  // namespace

std::string_view to_string(Compression compression) {
  switch (compression) {
    case Compression::kZlib:
      return "zlib";
    case Compression::kGzip:
      return "gzip";
    case Compression::kBz2:
      return "bz2";
    case Compression::kXz:
      return "xz";
    case Compression::kLzma:
      return "lzma";
    case Compression::kLz4:
      return "lz4";
  }
  return "compressed";
}

std::optional<Compression> detect_compression(ByteSpan bytes) {
  using namespace std::string_view_literals;
  const std::string_view text = as_text(bytes.first(std::min<std::size_t>(bytes.size(), 8)));
  if (text.starts_with("\x78"sv)) return Compression::kZlib;
  if (text.starts_with("\x1f\x8b"sv)) return Compression::kGzip;
  if (text.starts_with("BZ"sv)) return Compression::kBz2;
  if (text.starts_with("\xfd\x37\x7a\x58\x5a"sv)) return Compression::kXz;
  if (text.starts_with("\x5d\x00"sv)) return Compression::kLzma;
  if (text.starts_with("\x04\x22\x4d\x18"sv)) return Compression::kLz4;
  return std::nullopt;
}

Result<OwnedBytes> decompress(ByteSpan bytes, Compression compression, const std::string& name,
                              const Limits& limits) {
  switch (compression) {
    case Compression::kZlib:
    case Compression::kGzip: {
      ZlibDecoder decoder(compression == Compression::kGzip);
      return decode_all(decoder, bytes, compression, name, limits);
    }
    case Compression::kBz2: {
      Bz2Decoder decoder;
      return decode_all(decoder, bytes, compression, name, limits);
    }
    case Compression::kXz:
    case Compression::kLzma: {
      LzmaDecoder decoder(compression == Compression::kLzma);
      return decode_all(decoder, bytes, compression, name, limits);
    }
    case Compression::kLz4: {
      Lz4Decoder decoder;
      return decode_all(decoder, bytes, compression, name, limits);
    }
  }
  return fail(ErrorCode::kInternal, "an unknown compression", name);
}

}  // namespace clairscore::pickle
