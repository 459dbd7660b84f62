// What a client can choose of a request, through everything that reads it: target, path, query,
// headers, identifiers and compressed bytes.
//
// The input is a target, a line end, a header value, a line end, and bytes.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "api/path_integer.h"
#include "http/negotiate.h"
#include "http/router.h"

namespace {

using namespace clairscore;

void require(bool condition) {
  if (!condition) std::abort();
}

http::Router make_router() {
  http::Router router;
  const auto ok = [](const http::Request&) { return http::Response::text("ok"); };
  router.add({"GET", "/", http::Cost::kInline, ok});
  router.add({"GET", "/customers", http::Cost::kInline, ok});
  router.add({"POST", "/customers", http::Cost::kInline, ok});
  router.add({"GET", "/customer/{customer_id}/score", http::Cost::kInline, ok});
  router.add({"GET", "/features/{feature}/distribution", http::Cost::kInline, ok});
  return router;
}

std::string_view take_line(std::string_view& rest) {
  const std::string_view line = rest.substr(0, rest.find('\n'));
  rest.remove_prefix(line.size() == rest.size() ? line.size() : line.size() + 1);
  return line;
}

void check_route(const http::Router& router, http::Request& request) {
  const http::Router::Match match = router.match(request);
  if (match.route == nullptr) {
    require(match.answer.status == 404 || match.answer.status == 405 || match.answer.status == 307);
    return;
  }
  for (const auto& [name, value] : request.path_parameters) {
    require(!value.empty() && value.find('/') == std::string::npos);
    const auto integer = api::parse_path_integer(value);
    if (!integer) continue;
    const auto again = api::parse_path_integer(integer->text);
    require(again && again->text == integer->text && again->value == integer->value);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const http::Router kRouter = make_router();
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  const std::string_view target = take_line(rest);
  const std::string value(take_line(rest));

  for (const char* method : {"GET", "HEAD", "POST"}) {
    http::Request request;
    request.method = method;
    request.headers = {{"host", value},
                       {"accept-encoding", value},
                       {"if-none-match", value},
                       {"if-modified-since", value}};
    if (!http::set_target(request, target)) return 0;
    require(request.path.front() == '/');
    check_route(kRouter, request);

    http::Response response = http::Response::text(std::string(rest));
    response.with("etag", "\"a\"").with("last-modified", "Sun, 22 Nov 2026 23:19:28 GMT");
    if (const auto unchanged = http::not_modified(request, response)) {
      require(unchanged->status == 304 && unchanged->content().empty());
    }
    http::compress(request, response);
    if (!response.header("content-encoding").empty()) {
      require(http::gunzip(response.content(), rest.size()).value() == rest);
    }
  }
  constexpr std::size_t kMost = std::size_t{1} << 20U;
  if (const auto text = http::gunzip(rest, kMost)) require(text->size() <= kMost);
  return 0;
}
