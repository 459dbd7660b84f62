#pragma once

// Addresses: who is asked, and who may hear the token. Pure functions, any thread.

#include <optional>
#include <string>
#include <string_view>

namespace clairscore::hub {

/// "https://huggingface.co:443": scheme, lower-case host and port of an http or https URL; nothing
/// for anything else. Two URLs of one origin are one host to us.
std::optional<std::string> origin_of(const std::string& url);

/// What a Location header means where `base` was asked for: an absolute http or https URL, or
/// nothing.
std::optional<std::string> resolve_location(const std::string& base, const std::string& location);

/// As Python's urllib.parse.quote: letters, digits and "_.-~" stay, with '/' if `keep_slash`.
std::string percent_encode(std::string_view text, bool keep_slash);

/// The URL for a message: without user, password, query and fragment, which may hold signatures.
std::string shown_url(const std::string& url);

}  // namespace clairscore::hub
