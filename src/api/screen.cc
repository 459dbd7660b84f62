#include "api/screen.h"

#include <memory>
#include <string>

#include "http/negotiate.h"

namespace clairscore::api {

namespace {

constexpr std::size_t kMaxAssetBytes = std::size_t{16} << 20U;

http::Response answer(const http::Request& request, const ScreenAsset& asset) {
  // The bytes are the program's own: nothing needs to own them.
  static const auto kForever = std::make_shared<const int>(0);
  http::Response response;
  if (http::accepts_gzip(request)) {
    response = http::Response::shared(kForever, asset.gzip, asset.content_type);
    response.with("content-encoding", "gzip");
  } else if (auto plain = http::gunzip(asset.gzip, kMaxAssetBytes)) {
    response.body = std::move(*plain);
    response.with("content-type", asset.content_type);
  } else {
    return http::Response::detail(500, "an embedded file cannot be read");
  }
  const bool hashed = asset.path.starts_with("/assets/");
  response.with("cache-control", hashed ? "public, max-age=31536000, immutable" : "no-cache");
  response.with("etag", "W/\"" + std::string(asset.hash) + '"');
  response.with("vary", "accept-encoding");
  return response;
}

}  // namespace

void add_screen_routes(http::Router& router) {
  for (const ScreenAsset& asset : screen_assets()) {
    const auto handler = [&asset](const http::Request& request) { return answer(request, asset); };
    router.add({"GET", std::string(asset.path), http::Cost::kInline, handler});
    if (asset.path == "/index.html") router.add({"GET", "/", http::Cost::kInline, handler});
  }
}

}  // namespace clairscore::api
