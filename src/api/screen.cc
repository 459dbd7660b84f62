#include "api/screen.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/path_integer.h"
#include "base/sha256.h"
#include "http/negotiate.h"
#include "service/customer_reasons.h"

namespace clairscore::api {

namespace {

using http::Request;

constexpr std::size_t kMaxAssetBytes = std::size_t{16} << 20U;

http::Response answer(const Request& request, const ScreenAsset& asset) {
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
  response.with("vary", "accept-encoding");
  return response;
}

/// Whether a name can stand in a path as it is.
bool plain(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

/// The language the page will speak, unless another was chosen in this browser before.
std::string_view language_of(const Request& request) {
  const std::string* asked = request.query_value("lang");
  const std::string_view accepted = request.header("accept-language");
  std::string_view list = asked != nullptr && !asked->empty() ? std::string_view(*asked) : accepted;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(','), list.size());
    std::string_view tag = list.substr(0, end);
    list.remove_prefix(std::min(end + 1, list.size()));
    while (tag.starts_with(' ')) tag.remove_prefix(1);
    for (const std::string_view known : {"fr", "en"}) {
      if (tag.starts_with(known)) return known;
    }
  }
  return "fr";
}

/// The row of the customer that the page will ask for: the one it names, else the first.
std::optional<std::size_t> customer_of(const Request& request, const Dataset& data) {
  if (!data.integer_identifiers() || data.identifiers().size() == 0) return std::nullopt;
  const std::string* asked = request.query_value("client");
  if (asked == nullptr || asked->empty()) return 0;
  const auto id = parse_path_integer(*asked);
  if (!id || !id->value) return std::nullopt;
  return data.find(*id->value);
}

/// The input whose distribution the page shows of a customer unless told otherwise; empty where
/// that is not known at once.
std::string_view input_of(const Assets& assets, std::size_t row) {
  if (!assets.explains_at_once()) return {};
  const auto found = reasons_of(assets, row);
  if (!found || !found->strongest) return {};
  return assets.data().inputs().columns()[*found->strongest].name();
}

/// What the page will ask for, as the header `Link`: it is on its way before the script is there.
std::string preloads(const Request& request, const Assets& assets) {
  std::string links;
  const auto fetch = [&links](std::string_view path) {
    links += fmt::format("<{}>; rel=preload; as=fetch; crossorigin, ", path);
  };
  fetch("/customers");
  fetch("/api/v1/model");
  fetch("/api/v1/dictionary");
  if (const auto row = customer_of(request, assets.data())) {
    fetch(fmt::format("/api/v1/customers/{}", assets.data().identifiers().integers()[*row]));
    const std::string* chosen = request.query_value("distribution");
    const bool free = chosen == nullptr || chosen->empty();
    const std::string_view input = free ? input_of(assets, *row) : std::string_view();
    if (plain(input)) fetch(fmt::format("/api/v1/inputs/{}/distribution", input));
  }
  const std::string words = fmt::format("/assets/{}-", language_of(request));
  for (const ScreenAsset& asset : screen_assets()) {
    if (!asset.path.starts_with(words) || !asset.path.ends_with(".js")) continue;
    links += fmt::format("<{}>; rel=modulepreload, ", asset.path);
  }
  links.resize(links.size() - 2);
  return links;
}

}  // namespace

void add_screen_routes(http::Router& router, const State& state, bool restricted) {
  for (const ScreenAsset& asset : screen_assets()) {
    const std::string etag = "W/\"" + std::string(asset.hash) + '"';
    const auto file = [&asset, etag](const Request& request) {
      http::Response response = answer(request, asset);
      response.with("etag", etag);
      return response;
    };
    router.add({"GET", std::string(asset.path), http::Cost::kInline, file});
    if (asset.path != "/index.html") continue;
    const auto page = [&asset, &state, etag, restricted](const Request& request) {
      http::Response response = answer(request, asset);
      const ServedPtr served = restricted ? nullptr : state.served();
      if (!served) {
        response.with("etag", etag);
        return response;
      }
      // The tag stands for both: a browser that has the page with other links asks for these.
      const std::string links = preloads(request, served->assets());
      const std::string tag = sha256_hex(as_bytes(std::string(asset.hash) + links));
      response.with("link", links).with("etag", "W/\"" + tag.substr(0, 32) + '"');
      return response;
    };
    router.add({"GET", "/", http::Cost::kInline, page});
  }
}

}  // namespace clairscore::api
