#include "api/access.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/secret.h"

namespace clairscore::api {

namespace {

using http::Request;
using http::Response;

constexpr std::string_view kBearer = "bearer ";
constexpr std::size_t kLeastSecret = 16;

/// The token of "Authorization: Bearer …"; empty when there is none.
std::string_view bearer_token(const Request& request) {
  const std::string_view header = request.header("authorization");
  if (header.size() <= kBearer.size()) return {};
  const bool is_bearer =
      std::equal(kBearer.begin(), kBearer.end(), header.begin(),
                 [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b - 'A' + 'a' : b); });
  return is_bearer ? header.substr(kBearer.size()) : std::string_view();
}

Result<Access::Token> parse_token(std::string_view text) {
  const std::string accepted = "reader:SECRET, scorer:SECRET or operator:SECRET";
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) {
    return fail(ErrorCode::kUsage, "a token without role", "setting tokens", accepted);
  }
  Access::Token token;
  const std::string_view role = text.substr(0, colon);
  if (role == "reader") {
    token.role = Role::kReader;
  } else if (role == "scorer") {
    token.role = Role::kScorer;
  } else if (role == "operator") {
    token.role = Role::kOperator;
  } else {
    return fail(ErrorCode::kUsage, "a token with an unknown role", "setting tokens", accepted);
  }
  token.secret = text.substr(colon + 1);
  const bool visible =
      std::ranges::all_of(token.secret, [](char c) { return c > ' ' && c <= '~' && c != ','; });
  if (token.secret.size() < kLeastSecret || !visible) {
    return fail(ErrorCode::kUsage, "a token's secret that is too short or not plain",
                "setting tokens",
                "at least " + std::to_string(kLeastSecret) + " visible ASCII characters");
  }
  return token;
}

}  // namespace

Result<Access> Access::build(std::string_view tokens, std::string proxy_header) {
  Access access;
  access.proxy_header_ = std::move(proxy_header);
  while (!tokens.empty()) {
    const std::size_t comma = std::min(tokens.find(','), tokens.size());
    std::string_view one = tokens.substr(0, comma);
    tokens.remove_prefix(std::min(comma + 1, tokens.size()));
    while (one.starts_with(' ')) one.remove_prefix(1);
    while (one.ends_with(' ')) one.remove_suffix(1);
    if (one.empty()) continue;
    ASSIGN_OR_RETURN(Token token, parse_token(one));
    access.tokens_.push_back(std::move(token));
  }
  return access;
}

bool Access::restricts() const {
  return !proxy_header_.empty() || std::ranges::any_of(tokens_, [](const Token& token) {
    return token.role != Role::kOperator;
  });
}

bool Access::has_operator() const {
  return std::ranges::any_of(tokens_,
                             [](const Token& token) { return token.role == Role::kOperator; });
}

bool Access::restricts(Role needed) const {
  if (needed == Role::kNobody) return false;
  return needed == Role::kOperator ? has_operator() : restricts();
}

bool Access::takes_tokens() const {
  return !tokens_.empty();
}

Access::Caller Access::caller_of(const Request& request) const {
  Role best = restricts() ? Role::kNobody : Role::kScorer;
  bool known = false;
  const std::string_view presented = bearer_token(request);
  if (!presented.empty()) {
    for (const Token& token : tokens_) {
      if (!same_secret(presented, token.secret)) continue;
      best = std::max(best, token.role);
      known = true;
    }
  }
  // The proxy says who calls; what only operators may do still asks for a token.
  if (!proxy_header_.empty() && !request.header(proxy_header_).empty()) {
    best = std::max(best, Role::kScorer);
  }
  return {best, !presented.empty(), known};
}

Response Access::refusal(const Caller& caller) const {
  if (tokens_.empty()) {
    return Response::detail(403, "Only calls that come through the proxy are answered.");
  }
  // As RFC 6750 has it: 401 where another token may help, 403 where this one is known and too weak.
  const char* challenge = "Bearer";
  Response response = Response::detail(401, "A token is needed: Authorization: Bearer.");
  if (caller.known) {
    challenge = "Bearer error=\"insufficient_scope\"";
    response = Response::detail(403, "The token does not allow this.");
  } else if (caller.presented) {
    challenge = "Bearer error=\"invalid_token\"";
    response = Response::detail(401, "The token is not known.");
  }
  response.with("www-authenticate", challenge);
  return response;
}

http::Handler Access::guard(Role needed, http::Handler handler) const {
  if (needed == Role::kNobody || !handler) return handler;
  if (needed == Role::kOperator && !has_operator()) {
    return [](const Request& /*request*/) { return Response::detail(404, "Not Found"); };
  }
  if (!restricts(needed)) return handler;
  return [access = std::make_shared<const Access>(*this), needed,
          handler = std::move(handler)](const Request& request) {
    const Caller caller = access->caller_of(request);
    return caller.role >= needed ? handler(request) : access->refusal(caller);
  };
}

}  // namespace clairscore::api
