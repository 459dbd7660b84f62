#include "http/message.h"

#include <algorithm>
#include <stdexcept>

#include "base/json_writer.h"

namespace clairscore::http {

namespace {

constexpr std::string_view kHexDigits = "0123456789ABCDEF";

std::string_view find_field(const Fields& fields, std::string_view name) {
  for (const auto& [field, value] : fields) {
    if (field == name) return value;
  }
  return {};
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_unreserved(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         std::string_view("-._~!$&'()*+,;=:@/").find(c) != std::string_view::npos;
}

}  // namespace

const std::string* Request::query_value(std::string_view name) const {
  const auto last = std::find_if(query.rbegin(), query.rend(),
                                 [&](const auto& parameter) { return parameter.first == name; });
  return last == query.rend() ? nullptr : &last->second;
}

std::string_view Request::header(std::string_view name) const {
  return find_field(headers, name);
}

const std::string& Request::path_parameter(std::string_view name) const {
  for (const auto& [parameter, value] : path_parameters) {
    if (parameter == name) return value;
  }
  throw std::out_of_range("no path parameter " + std::string(name));
}

Response Response::json(std::string body, int status) {
  Response response;
  response.status = status;
  response.headers.emplace_back("content-type", "application/json");
  response.body = std::move(body);
  return response;
}

Response Response::text(std::string body, int status) {
  Response response;
  response.status = status;
  response.headers.emplace_back("content-type", "text/plain; charset=utf-8");
  response.body = std::move(body);
  return response;
}

Response Response::detail(int status, std::string_view detail) {
  JsonWriter json;
  json.begin_object().member("detail", detail).end_object();
  return Response::json(json.take(), status);
}

Response Response::redirect(std::string location) {
  Response response;
  response.status = 307;
  response.headers.emplace_back("location", std::move(location));
  return response;
}

Response Response::shared(std::shared_ptr<const void> owner, std::string_view body,
                          std::string_view content_type) {
  Response response;
  response.headers.emplace_back("content-type", content_type);
  response.shared_owner = std::move(owner);
  response.shared_body = body;
  return response;
}

Response& Response::with(std::string_view name, std::string_view value) {
  headers.emplace_back(name, value);
  return *this;
}

std::string_view Response::header(std::string_view name) const {
  return find_field(headers, name);
}

std::string percent_decode(std::string_view text, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
        hex_digit(text[i + 2]) >= 0) {
      decoded += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else if (text[i] == '+' && plus_is_space) {
      decoded += ' ';
    } else {
      decoded += text[i];
    }
  }
  return decoded;
}

std::string percent_encode_path(std::string_view path) {
  std::string encoded;
  encoded.reserve(path.size());
  for (const char c : path) {
    if (is_unreserved(c)) {
      encoded += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      encoded += '%';
      encoded += kHexDigits[byte >> 4U];
      encoded += kHexDigits[byte & 15U];
    }
  }
  return encoded;
}

Result<void> set_target(Request& request, std::string_view target) {
  std::string_view rest = target;
  if (rest.starts_with("http://") || rest.starts_with("https://")) {
    rest.remove_prefix(rest.find("//") + 2);
    const std::size_t slash = rest.find_first_of("/?#");
    rest = slash == std::string_view::npos ? std::string_view("/") : rest.substr(slash);
  }
  rest = rest.substr(0, rest.find('#'));
  const std::size_t question = rest.find('?');
  const std::string_view path = rest.substr(0, question);
  if (!path.empty() && path.front() != '/') {
    return fail(ErrorCode::kInput, "request target is not a path", {},
                "a target that starts with /");
  }
  request.target = std::string(rest);
  request.path = path.empty() ? "/" : percent_decode(path, false);
  request.raw_query =
      question == std::string_view::npos ? std::string() : std::string(rest.substr(question + 1));
  request.query.clear();
  for (std::string_view left = request.raw_query; !left.empty();) {
    const std::size_t end = left.find('&');
    const std::string_view parameter = left.substr(0, end);
    left = end == std::string_view::npos ? std::string_view() : left.substr(end + 1);
    if (parameter.empty()) continue;
    const std::size_t equals = parameter.find('=');
    request.query.emplace_back(percent_decode(parameter.substr(0, equals), true),
                               equals == std::string_view::npos
                                   ? std::string()
                                   : percent_decode(parameter.substr(equals + 1), true));
  }
  return {};
}

}  // namespace clairscore::http
