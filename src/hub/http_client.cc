#include "hub/http_client.h"

#include <curl/curl.h>
#include <csignal>

#include <algorithm>
#include <array>
#include <exception>
#include <mutex>
#include <stdexcept>

#include "base/version.h"

namespace clairscore::hub {

namespace {

using Steady = std::chrono::steady_clock;

constexpr std::size_t kMostHeaderBytes = std::size_t{256} << 10U;
constexpr int kMostPollMs = 1000;

/// curl_global_init before the first handle, from whichever thread makes it.
void initialize_curl() {
  static const bool done = [] {
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
      throw std::runtime_error("libcurl cannot be initialised");
    }
    return true;
  }();
  static_cast<void>(done);
}

struct EasyCleanup {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct MultiCleanup {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};
struct ListCleanup {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using EasyHandle = std::unique_ptr<CURL, EasyCleanup>;
using MultiHandle = std::unique_ptr<CURLM, MultiCleanup>;
using HeaderList = std::unique_ptr<curl_slist, ListCleanup>;

/// Keeps SIGPIPE from this thread while OpenSSL writes to connections that may be gone: libcurl
/// does so only where it may change the whole process's signals.
class NoSigpipe {
 public:
  NoSigpipe() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGPIPE);
    sigset_t pending;
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    ::pthread_sigmask(SIG_BLOCK, &set_, &before_);
  }
  NoSigpipe(const NoSigpipe&) = delete;
  NoSigpipe& operator=(const NoSigpipe&) = delete;
  ~NoSigpipe() {
    const timespec at_once{};
    if (!was_pending_) ::sigtimedwait(&set_, nullptr, &at_once);
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

 private:
  sigset_t set_{};
  sigset_t before_{};
  bool was_pending_ = false;
};

TransferFault fault_of(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return TransferFault::kResolve;
    case CURLE_COULDNT_CONNECT:
    case CURLE_INTERFACE_FAILED:
      return TransferFault::kConnect;
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_PROXY:
      return TransferFault::kProxy;
    case CURLE_OPERATION_TIMEDOUT:
      return TransferFault::kTimeout;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
      return TransferFault::kTls;
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_HTTP2_STREAM:
    case CURLE_HTTP2:
      return TransferFault::kClosed;
    default:
      return TransferFault::kProtocol;
  }
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

}  // namespace

std::optional<std::string_view> HttpHead::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return std::nullopt;
}

/// Pairs of a multi handle, which keeps connections, and the one transfer it runs. A pair belongs
/// to one exchange at a time.
class HttpClient::Connections {
 public:
  struct Pair {
    MultiHandle multi;
    EasyHandle easy;
  };

  Connections(Proxies proxies_in, std::string ca_file_in)
      : proxies(std::move(proxies_in)), ca_file(std::move(ca_file_in)) {}

  Pair take() {
    {
      const std::lock_guard lock(mutex_);
      if (!free_.empty()) {
        Pair pair = std::move(free_.back());
        free_.pop_back();
        return pair;
      }
    }
    Pair pair{MultiHandle(curl_multi_init()), EasyHandle(curl_easy_init())};
    if (pair.multi == nullptr || pair.easy == nullptr) {
      throw std::runtime_error("libcurl has no handle to give");
    }
    return pair;
  }

  void give_back(Pair pair) {
    const std::lock_guard lock(mutex_);
    free_.push_back(std::move(pair));
  }

  const Proxies proxies;
  const std::string ca_file;

 private:
  std::mutex mutex_;
  std::vector<Pair> free_;
};

class HttpClient::Exchange {
 public:
  Exchange(const HttpRequest& request, Connections& connections)
      : request_(request), connections_(connections), pair_(connections.take()) {}
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;
  ~Exchange() {
    curl_multi_remove_handle(pair_.multi.get(), pair_.easy.get());
    curl_easy_reset(pair_.easy.get());  // connections stay, options do not
    connections_.give_back(std::move(pair_));
  }

  tl::expected<HttpHead, TransferError> run(const std::stop_token& stop) {
    set_options();
    CURLM* multi = pair_.multi.get();
    curl_multi_add_handle(multi, pair_.easy.get());
    const std::stop_callback wake(stop, [multi] { curl_multi_wakeup(multi); });
    last_sign_ = Steady::now();
    int running = 1;
    while (true) {
      if (stop.stop_requested()) return error(TransferFault::kStopped, "stopped");
      if (curl_multi_perform(multi, &running) != CURLM_OK) {
        return error(TransferFault::kProtocol, "libcurl cannot go on");
      }
      if (running == 0) return outcome();
      // Until there is a connection, libcurl's own timeout counts.
      if (!connected()) last_sign_ = Steady::now();
      const auto silence = Steady::now() - last_sign_;
      if (silence >= request_.idle_timeout) {
        return error(TransferFault::kTimeout, "no bytes for " + shown(request_.idle_timeout));
      }
      const auto left =
          std::chrono::duration_cast<std::chrono::milliseconds>(request_.idle_timeout - silence);
      const auto patience = std::clamp<std::int64_t>(left.count() + 1, 1, kMostPollMs);
      curl_multi_poll(multi, nullptr, 0, static_cast<int>(patience), nullptr);
    }
  }

 private:
  static std::string shown(std::chrono::milliseconds duration) {
    return std::to_string(duration.count() / 1000) + "." +
           std::to_string(duration.count() % 1000 / 100) + " s";
  }

  static tl::unexpected<TransferError> error(TransferFault fault, std::string message) {
    return tl::unexpected<TransferError>(TransferError{fault, std::move(message)});
  }

  template <typename T>
  void set(CURLoption option, T value) {
    // Only memory can run out here: every option is known to the libcurl we ask for.
    if (curl_easy_setopt(pair_.easy.get(), option, value) != CURLE_OK) {
      throw std::runtime_error("libcurl does not take an option");
    }
  }

  void set_options() {
    set(CURLOPT_URL, request_.url.c_str());
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_QUICK_EXIT, 1L);  // a stop does not wait for a name server
    set(CURLOPT_NOBODY, request_.head_only ? 1L : 0L);
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request_.connect_timeout.count()));
    // Asks for bytes as they are, and unpacks them where a server compresses regardless.
    set(CURLOPT_ACCEPT_ENCODING, "identity");
    set(CURLOPT_USERAGENT, user_agent().c_str());
    curl_slist* list = nullptr;
    for (const std::string& header : request_.headers) {
      list = curl_slist_append(list, header.c_str());
    }
    headers_.reset(list);
    set(CURLOPT_HTTPHEADER, list);
    set_proxy();
    if (!connections_.ca_file.empty()) set(CURLOPT_CAINFO, connections_.ca_file.c_str());
    set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    set(CURLOPT_HEADERFUNCTION, &Exchange::header_line);
    set(CURLOPT_HEADERDATA, this);
    set(CURLOPT_WRITEFUNCTION, &Exchange::body_piece);
    set(CURLOPT_WRITEDATA, this);
    set(CURLOPT_ERRORBUFFER, message_.data());
  }

  static const std::string& user_agent() {
    static const std::string text = "clairscore/" + std::string(version());
    return text;
  }

  /// What is set here is all there is: libcurl would read variables of its own choice otherwise.
  void set_proxy() {
    const Proxies& proxies = connections_.proxies;
    std::string proxy = request_.url.starts_with("https:") ? proxies.https : proxies.http;
    if (proxy.empty()) proxy = proxies.all;
    set(CURLOPT_PROXY, proxy.c_str());
    set(CURLOPT_NOPROXY, proxies.none.c_str());
  }

  bool connected() const {
    curl_off_t time = 0;
    curl_easy_getinfo(pair_.easy.get(), CURLINFO_PRETRANSFER_TIME_T, &time);
    return time > 0;
  }

  static std::size_t header_line(char* data, std::size_t, std::size_t size, void* self) {
    return static_cast<Exchange*>(self)->take_header({data, size}) ? size : 0;
  }

  /// A header line with its line end; the empty one ends the head. Interim answers (1xx) are
  /// skipped.
  bool take_header(std::string_view line) {
    last_sign_ = Steady::now();
    header_bytes_ += line.size();
    if (header_bytes_ > kMostHeaderBytes) return false;
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
    if (line.starts_with("HTTP/")) {
      head_ = {};
      return true;
    }
    if (line.empty()) {
      long status = 0;
      curl_easy_getinfo(pair_.easy.get(), CURLINFO_RESPONSE_CODE, &status);
      head_.status = static_cast<int>(status);
      if (status < 200 || announced_) return true;  // interim, or the end of a trailer
      announced_ = true;
      return call([&] { return request_.on_head(head_); });
    }
    const std::size_t colon = line.find(':');
    if (announced_ || colon == std::string_view::npos) return true;
    std::string_view value = line.substr(colon + 1);
    while (!value.empty() && (value.front() == ' ' || value.front() == '\t'))
      value.remove_prefix(1);
    while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.remove_suffix(1);
    head_.headers.emplace_back(lower(line.substr(0, colon)), value);
    return true;
  }

  static std::size_t body_piece(char* data, std::size_t, std::size_t size, void* self) {
    auto* exchange = static_cast<Exchange*>(self);
    exchange->last_sign_ = Steady::now();
    const ByteSpan piece = as_bytes(std::string_view(data, size));
    // Any other count than `size` aborts; `size` may be 0.
    return exchange->call([&] { return exchange->request_.on_body(piece); }) ? size
                                                                             : CURL_WRITEFUNC_ERROR;
  }

  /// Calls back; an exception must not pass through libcurl, so it waits in `thrown_`.
  template <typename Call>
  bool call(const Call& function) {
    try {
      aborted_ = !function();
    } catch (...) {
      thrown_ = std::current_exception();
      aborted_ = true;
    }
    return !aborted_;
  }

  tl::expected<HttpHead, TransferError> outcome() {
    if (thrown_) std::rethrow_exception(thrown_);
    int left = 0;
    const CURLMsg* message = curl_multi_info_read(pair_.multi.get(), &left);
    const CURLcode code = message == nullptr ? CURLE_FAILED_INIT : message->data.result;
    if (aborted_) return error(TransferFault::kAborted, "aborted");
    if (code == CURLE_OK && announced_) return std::move(head_);
    if (code == CURLE_OK) return error(TransferFault::kProtocol, "an answer without a head");
    std::string text = message_[0] != '\0' ? message_.data() : curl_easy_strerror(code);
    return error(fault_of(code), std::move(text));
  }

  const NoSigpipe no_sigpipe_;
  const HttpRequest& request_;
  Connections& connections_;
  Connections::Pair pair_;
  HeaderList headers_;
  HttpHead head_;
  std::size_t header_bytes_ = 0;
  bool announced_ = false;
  bool aborted_ = false;
  std::exception_ptr thrown_;
  Steady::time_point last_sign_;
  std::array<char, CURL_ERROR_SIZE> message_{};
};

HttpClient::HttpClient(Proxies proxies, std::string ca_file)
    : connections_(std::make_unique<Connections>(std::move(proxies), std::move(ca_file))) {
  initialize_curl();
}

HttpClient::~HttpClient() = default;

tl::expected<HttpHead, TransferError> HttpClient::exchange(const HttpRequest& request,
                                                           const std::stop_token& stop) {
  return Exchange(request, *connections_).run(stop);
}

}  // namespace clairscore::hub
