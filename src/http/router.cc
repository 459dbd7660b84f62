#include "http/router.h"

#include <algorithm>
#include <stdexcept>

namespace clairscore::http {

namespace {

/// Takes the first segment off a path that starts with a slash.
std::string_view take_segment(std::string_view& path) {
  path.remove_prefix(1);
  const std::string_view segment = path.substr(0, path.find('/'));
  path.remove_prefix(segment.size());
  return segment;
}

/// A Host header that may be repeated in a Location: a name or address and perhaps a port.
bool is_plain_host(std::string_view host) {
  return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
           c == '-' || c == '_' || c == ':' || c == '[' || c == ']';
  });
}

Response redirect_to(const Request& request, std::string_view path) {
  std::string location;
  const std::string_view host = request.header("host");
  if (is_plain_host(host)) {
    location += "http://";
    location += host;
  }
  location += percent_encode_path(path);
  if (!request.raw_query.empty()) {
    location += '?';
    location += request.raw_query;
  }
  return Response::redirect(std::move(location));
}

}  // namespace

void Router::add(Route route) {
  const std::string_view path = route.path;
  if (path.empty() || path.front() != '/' || (path.size() > 1 && path.back() == '/')) {
    throw std::invalid_argument("route path " + route.path);
  }
  std::vector<Segment> segments;
  for (std::string_view rest = path; !rest.empty();) {
    const std::string_view segment = take_segment(rest);
    if (segment.size() > 2 && segment.front() == '{' && segment.back() == '}') {
      segments.push_back({true, std::string(segment.substr(1, segment.size() - 2))});
    } else {
      segments.push_back({false, std::string(segment)});
    }
  }
  entries_.push_back({std::move(route), std::move(segments)});
}

bool Router::fits(const Entry& entry, std::string_view path, Fields* parameters) {
  if (path.empty() || path.front() != '/') return false;
  if (parameters != nullptr) parameters->clear();
  for (const Segment& segment : entry.segments) {
    if (path.empty()) return false;
    const std::string_view text = take_segment(path);
    if (segment.is_parameter) {
      if (text.empty()) return false;
      if (parameters != nullptr) parameters->emplace_back(segment.text, text);
    } else if (text != segment.text) {
      return false;
    }
  }
  return path.empty();
}

bool Router::any_fits(std::string_view path) const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [&](const Entry& entry) { return fits(entry, path, nullptr); });
}

std::size_t Router::body_bytes(const Request& request) const {
  for (const Entry& entry : entries_) {
    if (entry.route.body_bytes == 0 || entry.route.method != request.method) continue;
    if (fits(entry, request.path, nullptr)) return entry.route.body_bytes;
  }
  return 0;
}

std::size_t Router::most_body_bytes() const {
  std::size_t most = 0;
  for (const Entry& entry : entries_) most = std::max(most, entry.route.body_bytes);
  return most;
}

Router::Match Router::match(Request& request) const {
  if (request.method == "HEAD") request.method = "GET";
  std::string allowed;
  for (const Entry& entry : entries_) {
    if (!fits(entry, request.path, nullptr)) continue;
    if (entry.route.method == request.method) {
      fits(entry, request.path, &request.path_parameters);
      return {&entry.route, {}};
    }
    if (!allowed.empty()) allowed += ", ";
    allowed += entry.route.method;
  }
  if (!allowed.empty()) {
    return {nullptr, std::move(Response::detail(405, "Method Not Allowed").with("allow", allowed))};
  }
  if (request.path.size() > 1 && request.path.back() == '/') {
    std::string_view path = request.path;
    path = path.substr(0, path.find_last_not_of('/') + 1);
    if (!path.empty() && any_fits(path)) return {nullptr, redirect_to(request, path)};
  }
  return {nullptr, Response::detail(404, "Not Found")};
}

}  // namespace clairscore::http
