#include "http/negotiate.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <stdexcept>
#include <utility>

#include "base/numbers.h"
#include "base/sha256.h"

namespace clairscore::http {

namespace {

// windowBits of zlib: the largest window, with a gzip header.
constexpr int kGzipWindow = 15 + 16;
constexpr int kGzipMemory = 8;
// For streams, of which there may be many: 32 KiB each.
constexpr int kSmallGzipWindow = 12 + 16;
constexpr int kSmallGzipMemory = 5;
constexpr std::size_t kBlock = std::size_t{16} * 1024;
constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";

std::string_view trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

bool equals_ignoring_case(std::string_view a, std::string_view lower) {
  return std::equal(a.begin(), a.end(), lower.begin(), lower.end(), [](char x, char y) {
    return (x >= 'A' && x <= 'Z' ? static_cast<char>(x - 'A' + 'a') : x) == y;
  });
}

/// Calls `use` with each trimmed element of a comma-separated list.
template <typename Use>
void for_each_element(std::string_view list, Use use) {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    use(trim(list.substr(0, comma)));
    list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
  }
}

struct Deflate {
  z_stream stream{};
  Deflate(int level, int window, int memory) {
    if (deflateInit2(&stream, level, Z_DEFLATED, window, memory, Z_DEFAULT_STRATEGY) != Z_OK) {
      throw std::runtime_error("zlib refused to start");
    }
  }
  Deflate(const Deflate&) = delete;
  Deflate& operator=(const Deflate&) = delete;
  ~Deflate() { deflateEnd(&stream); }
};

struct Inflate {
  z_stream stream{};
  Inflate() {
    if (inflateInit2(&stream, kGzipWindow) != Z_OK) {
      throw std::runtime_error("zlib refused to start");
    }
  }
  Inflate(const Inflate&) = delete;
  Inflate& operator=(const Inflate&) = delete;
  ~Inflate() { inflateEnd(&stream); }
};

// zlib's input pointer is not const, but it does not write there.
Bytef* input_pointer(std::string_view text) {
  return const_cast<Bytef*>(reinterpret_cast<const Bytef*>(text.data()));
}

}  // namespace

std::string weak_etag(std::string_view text) {
  constexpr std::size_t kDigits = 32;  // half a hash is plenty to tell one answer from another
  std::string tag("W/\"");
  return tag.append(sha256_hex(as_bytes(text)), 0, kDigits).append(1, '"');
}

void add_etag(Response& response) {
  response.with("etag", weak_etag(response.content()));
}

bool accepts_gzip(const Request& request) {
  std::optional<bool> named;
  std::optional<bool> any;
  for_each_element(request.header("accept-encoding"), [&](std::string_view element) {
    const std::size_t semicolon = element.find(';');
    const std::string_view coding = trim(element.substr(0, semicolon));
    bool wanted = true;
    if (semicolon != std::string_view::npos) {
      const std::string_view weight = trim(element.substr(semicolon + 1));
      if (weight.starts_with("q=") || weight.starts_with("Q=")) {
        wanted = parse_double(weight.substr(2)).value_or(0) > 0;
      }
    }
    if (equals_ignoring_case(coding, "gzip") || equals_ignoring_case(coding, "x-gzip")) {
      named = wanted;
    } else if (coding == "*") {
      any = wanted;
    }
  });
  return named.value_or(any.value_or(false));
}

std::string gzip(std::string_view text, int level) {
  if (text.size() > std::numeric_limits<uInt>::max() / 2) {
    throw std::length_error("body too large to compress at once");
  }
  Deflate deflater(level, kGzipWindow, kGzipMemory);
  z_stream& stream = deflater.stream;
  std::string compressed;
  compressed.resize(deflateBound(&stream, static_cast<uLong>(text.size())));
  stream.next_in = input_pointer(text);
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(compressed.data());
  stream.avail_out = static_cast<uInt>(compressed.size());
  if (::deflate(&stream, Z_FINISH) != Z_STREAM_END) {
    throw std::runtime_error("zlib did not finish");
  }
  compressed.resize(stream.total_out);
  return compressed;
}

BodyPieces gzip_pieces(BodyPieces pieces) {
  auto deflater = std::make_shared<Deflate>(1, kSmallGzipWindow, kSmallGzipMemory);
  return [deflater, pieces = std::move(pieces), ended = false]() mutable {
    z_stream& stream = deflater->stream;
    std::string compressed;
    // Until there is something to send: an empty piece would be the end.
    while (!ended && compressed.empty()) {
      const std::string piece = pieces();
      ended = piece.empty();
      stream.next_in = input_pointer(piece);
      stream.avail_in = static_cast<uInt>(piece.size());
      do {
        const std::size_t before = compressed.size();
        compressed.resize(before + kBlock);
        stream.next_out = reinterpret_cast<Bytef*>(compressed.data() + before);
        stream.avail_out = static_cast<uInt>(kBlock);
        if (::deflate(&stream, ended ? Z_FINISH : Z_NO_FLUSH) == Z_STREAM_ERROR) {
          throw std::runtime_error("zlib did not go on");
        }
        compressed.resize(before + kBlock - stream.avail_out);
      } while (stream.avail_out == 0);
    }
    return compressed;
  };
}

Result<std::string> gunzip(std::string_view compressed, std::size_t max_bytes) {
  if (compressed.size() > std::numeric_limits<uInt>::max()) {
    return fail(ErrorCode::kLimit, "gzip stream too large", {}, "at most 4 GiB");
  }
  Inflate inflater;
  z_stream& stream = inflater.stream;
  stream.next_in = input_pointer(compressed);
  stream.avail_in = static_cast<uInt>(compressed.size());
  std::string text;
  std::array<char, kBlock> block{};
  while (true) {
    stream.next_out = reinterpret_cast<Bytef*>(block.data());
    stream.avail_out = static_cast<uInt>(block.size());
    const int state = ::inflate(&stream, Z_NO_FLUSH);
    if (state != Z_OK && state != Z_STREAM_END) {
      return fail(ErrorCode::kInput, "broken gzip stream", {}, "a whole gzip stream");
    }
    const std::size_t produced = block.size() - stream.avail_out;
    if (produced > max_bytes - text.size()) {
      return fail(ErrorCode::kLimit, "gzip stream decompresses to too much", {},
                  "at most " + std::to_string(max_bytes) + " bytes");
    }
    text.append(block.data(), produced);
    if (state == Z_STREAM_END) return text;
  }
}

void compress(const Request& request, Response& response) {
  const bool small = !response.pieces && response.content().size() < kGzipThreshold;
  if (small || !response.header("content-encoding").empty()) return;
  const std::string_view type = response.header("content-type");
  if (!type.starts_with("application/json") && !type.starts_with("text/")) return;
  if (response.header("vary").empty()) response.with("vary", "accept-encoding");
  if (!accepts_gzip(request)) return;
  if (response.pieces) {
    response.pieces = gzip_pieces(std::move(response.pieces));
  } else {
    response.body = gzip(response.content(), 1);
    response.shared_owner.reset();
  }
  response.with("content-encoding", "gzip");
}

std::optional<Response> not_modified(const Request& request, const Response& response) {
  const std::string_view etag = response.header("etag");
  const std::string_view last_modified = response.header("last-modified");
  const std::string_view if_none_match = request.header("if-none-match");
  bool same = false;
  if (!if_none_match.empty()) {
    const auto strong = [](std::string_view tag) {
      return tag.starts_with("W/") ? tag.substr(2) : tag;
    };
    for_each_element(if_none_match, [&](std::string_view tag) {
      if (!etag.empty() && (tag == "*" || strong(tag) == strong(etag))) same = true;
    });
  } else if (!last_modified.empty()) {
    const auto since = parse_http_date(request.header("if-modified-since"));
    const auto changed = parse_http_date(last_modified);
    same = since && changed && *since >= *changed;
  }
  if (!same) return std::nullopt;
  Response answer;
  answer.status = 304;
  for (const std::string_view name : {"cache-control", "etag", "last-modified", "vary"}) {
    const std::string_view value = response.header(name);
    if (!value.empty()) answer.with(name, value);
  }
  return answer;
}

std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text) {
  // "Sun, 22 Nov 2026 23:19:28 GMT": every field at a fixed place.
  if (text.size() != 29 || text.substr(3, 2) != ", " || text[7] != ' ' || text[11] != ' ' ||
      text[16] != ' ' || text[19] != ':' || text[22] != ':' || text.substr(25) != " GMT") {
    return std::nullopt;
  }
  const std::size_t month = kMonths.find(text.substr(8, 3));
  if (month == std::string_view::npos || month % 3 != 0) return std::nullopt;
  const auto field = [&](std::size_t at, std::size_t length) -> std::optional<int> {
    int value = 0;
    for (const char c : text.substr(at, length)) {
      if (c < '0' || c > '9') return std::nullopt;
      value = value * 10 + (c - '0');
    }
    return value;
  };
  const auto day = field(5, 2);
  const auto year = field(12, 4);
  const auto hour = field(17, 2);
  const auto minute = field(20, 2);
  const auto second = field(23, 2);
  if (!day || !year || !hour || !minute || !second) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(month / 3 + 1)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  return std::chrono::sys_seconds(std::chrono::sys_days(date)) + std::chrono::hours(*hour) +
         std::chrono::minutes(*minute) + std::chrono::seconds(*second);
}

}  // namespace clairscore::http
