#pragma once

// The screen: what Vite built from web/, embedded in the binary, gzip-compressed.

#include <span>
#include <string_view>

#include "api/state.h"
#include "http/router.h"

namespace clairscore::api {

struct ScreenAsset {
  std::string_view path;  // "/index.html", "/assets/index-1a2b3c.js"
  std::string_view content_type;
  std::string_view hash;  // of the content, hexadecimal
  std::string_view gzip;
};

/// All files; they live as long as the program.
std::span<const ScreenAsset> screen_assets();

/// Routes for every file, and / for index.html, open to everyone: they hold no data. Files with a
/// hash in their name may be kept for ever; index.html is asked for again each time, and unless
/// `restricted` (a preload carries no token) comes with links to the answers that the page will ask
/// for. Clients that do not read gzip get plain bytes. The state must outlive the router.
void add_screen_routes(http::Router& router, const State& state, bool restricted);

}  // namespace clairscore::api
