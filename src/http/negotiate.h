#pragma once

// What a client already has or can read: conditional requests (RFC 9110, section 13) and gzip.
// Pure functions, safe from any thread.

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "http/message.h"

namespace clairscore::http {

/// True when Accept-Encoding allows gzip (named or by "*", with a weight above 0).
bool accepts_gzip(const Request& request);

/// Adds a weak "etag" made from the content: it stands for the compressed form, too.
void add_etag(Response& response);
/// A weak etag for whatever `text` names.
std::string weak_etag(std::string_view text);

/// zlib's gzip of a text; level 1 (fast) to 9 (small). The same bytes for the same text.
std::string gzip(std::string_view text, int level);
/// The text of a gzip stream of at most `max_bytes` decompressed bytes. Errors kInput, kLimit.
Result<std::string> gunzip(std::string_view compressed, std::size_t max_bytes);

/// Bodies below this are sent as they are: compressing them costs more than sending them.
inline constexpr std::size_t kGzipThreshold = std::size_t{16} * 1024;

/// The pieces of a gzip stream of what `pieces` gives. Takes 32 KiB while it is used.
BodyPieces gzip_pieces(BodyPieces pieces);

/// Compresses a large JSON or text body, or one in pieces, in place when the client accepts it; a
/// response that has a content-encoding already is left alone. Adds "vary" where the answer
/// depended on the client.
void compress(const Request& request, Response& response);

/// A 304 with the response's validators when If-None-Match names its "etag" (weak comparison) or,
/// without that header, If-Modified-Since is not before its "last-modified"; else nothing.
std::optional<Response> not_modified(const Request& request, const Response& response);

/// RFC 9110's preferred date form ("Sun, 22 Nov 2026 23:19:28 GMT"), or nothing.
std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text);

}  // namespace clairscore::http
