#include "pickle/zip.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>

namespace clairscore::pickle {

namespace {

constexpr std::uint32_t kEndOfDirectory = 0x06054b50;
constexpr std::uint32_t kDirectoryEntry = 0x02014b50;
constexpr std::uint32_t kLocalEntry = 0x04034b50;
constexpr std::size_t kEndSize = 22;
constexpr std::size_t kDirectorySize = 46;
constexpr std::size_t kLocalSize = 30;
constexpr std::size_t kMaxComment = 65535;
constexpr std::size_t kMaxEntries = 100'000;
constexpr std::uint32_t kZip64 = 0xFFFFFFFFU;

std::uint32_t little(ByteSpan bytes, std::size_t at, std::size_t width) {
  std::uint32_t value = 0;
  for (std::size_t i = width; i-- > 0;) {
    value = value << 8U | std::to_integer<std::uint32_t>(bytes[at + i]);
  }
  return value;
}

tl::unexpected<Error> refuse(const std::string& name, std::size_t at, std::string what,
                             ErrorCode code = ErrorCode::kInput) {
  return fail(code, "zip: " + std::move(what), fmt::format("{}, byte {}", name, at),
              "an archive as skops writes it");
}

/// Where the record is that ends every archive.
Result<std::size_t> find_end(ByteSpan bytes, const std::string& name) {
  if (bytes.size() >= kEndSize) {
    const std::size_t last = bytes.size() - kEndSize;
    for (std::size_t back = 0; back <= std::min(last, kMaxComment); ++back) {
      if (little(bytes, last - back, 4) == kEndOfDirectory) return last - back;
    }
  }
  return refuse(name, bytes.size(), "no directory at the end of the archive");
}

}  // namespace

Result<std::map<std::string, ZipEntry>> read_zip(ByteSpan bytes, const std::string& name) {
  ASSIGN_OR_RETURN(const std::size_t end, find_end(bytes, name));
  const std::size_t count = little(bytes, end + 10, 2);
  std::size_t at = little(bytes, end + 16, 4);
  if (count > kMaxEntries) return refuse(name, end, "too many entries", ErrorCode::kLimit);
  if (count == 0xFFFF || at == kZip64) {
    return refuse(name, end, "a zip64 archive", ErrorCode::kUnsupported);
  }
  std::map<std::string, ZipEntry> entries;
  for (std::size_t i = 0; i < count; ++i) {
    if (at > end || end - at < kDirectorySize || little(bytes, at, 4) != kDirectoryEntry) {
      return refuse(name, at, "a directory that does not fit the archive");
    }
    const std::uint32_t flags = little(bytes, at + 8, 2);
    const std::uint32_t method = little(bytes, at + 10, 2);
    const std::uint32_t packed = little(bytes, at + 20, 4);
    const std::uint32_t size = little(bytes, at + 24, 4);
    const std::size_t name_size = little(bytes, at + 28, 2);
    const std::size_t skipped = little(bytes, at + 30, 2) + little(bytes, at + 32, 2);
    const std::size_t local = little(bytes, at + 42, 4);
    if (end - at - kDirectorySize < name_size + skipped) {
      return refuse(name, at, "an entry that runs over the directory");
    }
    const std::string entry_name(as_text(bytes.subspan(at + kDirectorySize, name_size)));
    if ((flags & 1U) != 0 || (method != 0 && method != 8)) {
      return refuse(name, at, "an entry that is encrypted or compressed by another method",
                    ErrorCode::kUnsupported);
    }
    if (local > end || end - local < kLocalSize || little(bytes, local, 4) != kLocalEntry) {
      return refuse(name, local, "an entry that is not where the directory says");
    }
    const std::size_t begin =
        local + kLocalSize + little(bytes, local + 26, 2) + little(bytes, local + 28, 2);
    if (begin > end || end - begin < packed || (method == 0 && packed != size)) {
      return refuse(name, local, "an entry that runs over the archive");
    }
    const ZipEntry entry{method == 8, bytes.subspan(begin, packed), size};
    if (!entries.emplace(entry_name, entry).second) {
      return refuse(name, at, "two entries of one name");
    }
    at += kDirectorySize + name_size + skipped;
  }
  return entries;
}

Result<Bytes> inflate(const ZipEntry& entry, const std::string& name) {
  Bytes content(entry.size);
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) {
    return fail(ErrorCode::kInternal, "zlib does not start", name);
  }
  // zlib does not change its input.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(entry.data.data()));  // NOLINT
  stream.avail_in = static_cast<uInt>(entry.data.size());
  Bytef none = 0;
  stream.next_out = content.empty() ? &none : reinterpret_cast<Bytef*>(content.data());
  stream.avail_out = static_cast<uInt>(content.size());
  const int status = ::inflate(&stream, Z_FINISH);
  const bool whole = status == Z_STREAM_END && stream.total_out == content.size();
  inflateEnd(&stream);
  if (whole) return content;
  return fail(ErrorCode::kInput, "zip: an entry that is damaged or of another size than it says",
              name, "an archive as skops writes it");
}

}  // namespace clairscore::pickle
