#include "http/cors.h"

#include <algorithm>
#include <utility>

namespace clairscore::http {

namespace {

// What the routes read, and what their answers tell beside the body.
constexpr std::string_view kMethods = "GET, HEAD, POST, DELETE";
constexpr std::string_view kRequestHeaders =
    "authorization, content-type, inference-header-content-length, x-request-id, traceparent";
constexpr std::string_view kAnswerHeaders =
    "etag, retry-after, x-request-id, traceparent, inference-header-content-length, "
    "content-disposition";
constexpr std::string_view kTenMinutes = "600";

/// "https://host" or "https://host:port", as a browser writes it: lower case, no path.
bool is_origin(std::string_view text) {
  const std::size_t end = text.find("://");
  const std::string_view scheme = text.substr(0, end);
  if (end == std::string_view::npos || (scheme != "http" && scheme != "https")) return false;
  const std::string_view host = text.substr(end + 3);
  return !host.empty() && std::ranges::all_of(host, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           std::string_view("-._:[]").find(c) != std::string_view::npos;
  });
}

}  // namespace

Result<Cors> Cors::build(std::string_view origins) {
  Cors cors;
  while (!origins.empty()) {
    const std::size_t comma = std::min(origins.find(','), origins.size());
    std::string_view one = origins.substr(0, comma);
    origins.remove_prefix(std::min(comma + 1, origins.size()));
    while (one.starts_with(' ')) one.remove_prefix(1);
    while (one.ends_with(' ')) one.remove_suffix(1);
    if (one.empty()) continue;
    if (one == "*") {
      cors.all_ = true;
    } else if (is_origin(one)) {
      cors.origins_.emplace_back(one);
    } else {
      std::string what("no origin: ");
      return fail(ErrorCode::kUsage, what.append(one), "setting cors_origins",
                  "origins such as https://apps.example.org, several with commas, or *");
    }
  }
  return cors;
}

bool Cors::allows(std::string_view origin) const {
  return !origin.empty() && (all_ || std::ranges::find(origins_, origin) != origins_.end());
}

std::optional<Response> Cors::preflight(const Request& request) const {
  if (request.method != "OPTIONS" || request.header("access-control-request-method").empty() ||
      !allows(request.header("origin"))) {
    return std::nullopt;
  }
  Response response;
  response.status = 204;
  response.with("access-control-allow-methods", kMethods);
  response.with("access-control-allow-headers", kRequestHeaders);
  response.with("access-control-max-age", kTenMinutes);
  return response;
}

void Cors::allow(const Request& request, Response& response) const {
  if (!all_ && origins_.empty()) return;
  // Caches must not give one origin what was said to another.
  if (!all_) response.with("vary", "origin");
  const std::string_view origin = request.header("origin");
  if (!allows(origin)) return;
  response.with("access-control-allow-origin", all_ ? std::string_view("*") : origin);
  response.with("access-control-expose-headers", kAnswerHeaders);
}

}  // namespace clairscore::http
