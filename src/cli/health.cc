// `clairscore health`: what a container's health check runs, in place of curl.

#include <fmt/format.h>
#include <simdjson.h>

#include <chrono>
#include <cstdio>
#include <string>

#include "cli/commands.h"
#include "hub/http_client.h"

namespace clairscore {

namespace {

constexpr std::chrono::seconds kPatience{5};
constexpr std::size_t kMostBytes = std::size_t{64} * 1024;

/// "loading: reading the model", as /readyz says it.
std::string described(const std::string& body) {
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  if (parser.parse(body).get(document) != simdjson::SUCCESS) return "an answer that is not JSON";
  std::string_view status;
  std::string_view step;
  if (document["status"].get(status) != simdjson::SUCCESS) return "an answer without status";
  std::string text(status);
  if (document["step"].get(step) == simdjson::SUCCESS) text.append(": ").append(step);
  return text;
}

}  // namespace

Result<void> run_health(const HealthCommand& command) {
  hub::HttpClient client({}, {});  // no proxy: it is this machine
  const std::string url =
      fmt::format("http://127.0.0.1:{}/{}", command.port, command.live ? "livez" : "readyz");
  std::string body;
  hub::HttpRequest request;
  request.url = url;
  request.connect_timeout = kPatience;
  request.idle_timeout = kPatience;
  request.on_body = [&](ByteSpan bytes) {
    body += as_text(bytes);
    return body.size() <= kMostBytes;
  };
  const auto head = client.exchange(request, {});
  if (!head) {
    return fail(ErrorCode::kInternal, "no answer: " + head.error().message, url,
                "a server that listens there");
  }
  if (head->status != 200) {
    return fail(ErrorCode::kInternal, fmt::format("answered {}: {}", head->status, described(body)),
                url, "200");
  }
  std::fputs((described(body) + "\n").c_str(), stdout);
  return {};
}

}  // namespace clairscore
