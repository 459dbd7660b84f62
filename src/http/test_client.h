#pragma once

// For tests: a blocking HTTP client over a real loopback socket, which sends whatever bytes a test
// wants to send.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace clairscore::http {

struct Answer {
  int status = 0;
  std::map<std::string, std::string> headers;
  std::string body;
  std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string() : found->second;
  }
};

/// A blocking client over a real loopback socket.
class Client {
 public:
  explicit Client(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    const timeval patience{20, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() { ::close(fd_); }

  bool connected() const { return connected_; }

  void send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return;  // the server has closed; what it answered is still to be read
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
  }
  /// Nothing more will be sent.
  void finish_sending() const { ::shutdown(fd_, SHUT_WR); }
  void get(std::string_view target, std::string_view more_headers = {}) const {
    send("GET " + std::string(target) + " HTTP/1.1\r\nHost: test\r\n" + std::string(more_headers) +
         "\r\n");
  }

  /// The next answer; status 0 when the connection ended before it was whole.
  Answer read(bool head = false) {
    Answer answer;
    std::size_t end = 0;
    while ((end = inbox_.find("\r\n\r\n")) == std::string::npos) {
      if (!fill()) return {};
    }
    std::size_t line = inbox_.find("\r\n");
    answer.status = std::stoi(inbox_.substr(9, 3));
    while (line < end) {
      const std::size_t begin = line + 2;
      line = inbox_.find("\r\n", begin);
      const std::size_t colon = inbox_.find(": ", begin);
      answer.headers[inbox_.substr(begin, colon - begin)] =
          inbox_.substr(colon + 2, line - colon - 2);
    }
    inbox_.erase(0, end + 4);
    if (head || answer.headers.count("content-length") == 0) return answer;
    const std::size_t length = std::stoul(answer.headers["content-length"]);
    while (inbox_.size() < length) {
      if (!fill()) return {};
    }
    answer.body = inbox_.substr(0, length);
    inbox_.erase(0, length);
    return answer;
  }

  /// Waits for the server to close; the number of bytes that came before it did.
  std::size_t read_to_end() {
    while (fill()) {
    }
    return inbox_.size();
  }
  bool closed() { return read_to_end() == 0; }
  /// What comes until the server closes.
  std::string rest() {
    read_to_end();
    return std::move(inbox_);
  }

 private:
  bool fill() {
    std::array<char, 65536> block;
    const ssize_t n = ::recv(fd_, block.data(), block.size(), 0);
    if (n <= 0) return false;
    inbox_.append(block.data(), static_cast<std::size_t>(n));
    return true;
  }

  int fd_;
  bool connected_ = false;
  std::string inbox_;
};

}  // namespace clairscore::http
