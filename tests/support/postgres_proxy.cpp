#include "support/postgres_proxy.h"

#include <arpa/inet.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <map>
#include <string_view>
#include <system_error>
#include <utility>

#include "support/wait_until.h"

namespace aforro::test {
namespace {

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

class Socket {
 public:
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  int get() const { return descriptor_; }

  // Appends what has come; false at the end.
  bool read(std::string& to) const {
    std::array<char, 65536> piece{};
    const ssize_t got = ::recv(descriptor_, piece.data(), piece.size(), 0);
    if (got > 0) to.append(piece.data(), static_cast<std::size_t>(got));
    return got > 0;
  }
  bool write(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  // Whether all that was written is at the other end.
  bool has_arrived() const {
    int left = 0;
    return ::ioctl(descriptor_, SIOCOUTQ, &left) == 0 && left == 0;
  }

 private:
  int descriptor_;
};

std::uint32_t number_at(std::string_view bytes, std::size_t at) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < 4; ++i) number = number << 8 | static_cast<unsigned char>(bytes[at + i]);
  return number;
}

// The first message of a stream, its type byte (if it has one) and length included; empty if it is not whole.
std::string_view first_message(std::string_view stream, bool has_type) {
  const std::size_t head = has_type ? 5 : 4;
  if (stream.size() < head) return {};
  const std::size_t size = number_at(stream, head - 4) + (has_type ? 1 : 0);
  return stream.size() < size ? std::string_view() : stream.substr(0, size);
}

// The text up to the next NUL, which is taken off.
std::string_view take_text(std::string_view& message) {
  const std::string_view text = message.substr(0, message.find('\0'));
  message.remove_prefix(std::min(text.size() + 1, message.size()));
  return text;
}

}  // namespace

// One client and its server. https://www.postgresql.org/docs/15/protocol-message-formats.html
class PostgresProxy::Session {
 public:
  Session(PostgresProxy& proxy, int client, int server) : proxy_(proxy), client_(client), server_(server) {}

  void run() {
    pollfd stop{proxy_.stop_, POLLIN, 0};
    if (::poll(&stop, 1, static_cast<int>(proxy_.held_back_.load().count())) != 0) return;
    while (!is_over_) {
      std::array<pollfd, 3> waits{pollfd{client_.get(), POLLIN, 0}, pollfd{server_.get(), POLLIN, 0},
                                  pollfd{proxy_.stop_, POLLIN, 0}};
      ::poll(waits.data(), waits.size(), -1);
      if (waits[2].revents != 0) return;
      if (waits[0].revents != 0 && !pass_on_requests()) return;
      if (!is_over_ && waits[1].revents != 0 && !pass_on_answers()) {
        if (proxy_.lingers_) wait_for_client();
        return;
      }
    }
  }

 private:
  void wait_for_client() {
    // What was passed on may be on its way for a while, even within a busy machine.
    wait_until([this] { return client_.has_arrived(); });
    ++proxy_.lingering_;
    std::array<pollfd, 2> waits{pollfd{client_.get(), POLLIN, 0}, pollfd{proxy_.stop_, POLLIN, 0}};
    ::poll(waits.data(), waits.size(), -1);
  }

  bool pass_on_requests() {
    if (!client_.read(asked_)) return false;
    for (;;) {
      const std::string_view message = first_message(asked_, has_begun_);
      if (message.empty()) return true;
      if (has_begun_) look_at(message);
      has_begun_ = true;
      if (is_over_) return true;
      if (!server_.write(message)) return false;
      const bool is_sync = is_committing_ && message.front() == 'S';
      asked_.erase(0, message.size());
      if (!is_sync) continue;
      is_committing_ = false;
      if (cut_ == Cut::at_commit) end();
    }
  }

  // Statements are prepared once, by Parse, and from then on known by a name, in Bind.
  void look_at(std::string_view message) {
    const char type = message.front();
    message.remove_prefix(5);
    if (type == 'P') {
      const std::string name(take_text(message));
      const std::string_view text = take_text(message);
      names_.erase(name);
      if (text == "COMMIT") names_[name] = Meaning::commit;
      if (!proxy_.with_statement_.empty() && text.starts_with(proxy_.with_statement_)) {
        names_[name] = Meaning::counts;
      }
      if (text.starts_with("BEGIN")) {
        names_[name] = text.ends_with("READ COMMITTED") ? Meaning::begin_to_write : Meaning::begin_to_read;
      }
    }
    if (type != 'B') return;
    take_text(message);  // the portal
    const auto found = names_.find(std::string(take_text(message)));
    if (found == names_.end()) return;
    if (found->second == Meaning::counts) {
      counts_ = true;
    } else if (found->second != Meaning::commit) {
      writes_ = found->second == Meaning::begin_to_write;
      counts_ = proxy_.with_statement_.empty();
    } else if (writes_ && counts_) {
      cut_ = proxy_.take_cut();
      is_committing_ = cut_ != Cut::none;
      if (cut_ == Cut::before_commit) end();
    }
  }

  bool pass_on_answers() {
    if (!server_.read(answered_)) return false;
    if (cut_ != Cut::after_commit) {
      const bool is_sent = client_.write(answered_);
      answered_.clear();
      return is_sent;
    }
    // From here on the client hears nothing. CommandComplete of COMMIT ends it.
    if (answered_.find(std::string_view("C\0\0\0\x0b"
                                        "COMMIT\0",
                                        12)) != std::string::npos)
      end();
    return true;
  }

  void end() {
    is_over_ = true;
    if (proxy_.shuts_.exchange(false)) proxy_.is_open_ = false;
    ++proxy_.cuts_;
  }

  enum class Meaning { begin_to_read, begin_to_write, counts, commit };

  PostgresProxy& proxy_;
  Socket client_;
  Socket server_;
  std::string asked_;
  std::string answered_;
  std::map<std::string, Meaning> names_;
  bool has_begun_ = false;
  bool writes_ = false;  // in the transaction that it is in
  bool counts_ = false;  // to be cut
  bool is_committing_ = false;
  bool is_over_ = false;
  Cut cut_ = Cut::none;
};

PostgresProxy::PostgresProxy(const std::string& url, std::string with_statement)
    : url_(url), with_statement_(std::move(with_statement)) {
  const std::size_t colon = url.rfind(':');
  server_port_ = std::stoi(url.substr(colon + 1));
  stop_ = ::eventfd(0, EFD_CLOEXEC);
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  if (stop_ < 0 || listener_ < 0 ||
      ::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listener_, 64) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    fail("a proxy");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { accept(); });
}

PostgresProxy::~PostgresProxy() {
  ::eventfd_write(stop_, 1);
  thread_.join();
  for (std::thread& session : sessions_) session.join();
  ::close(listener_);
  ::close(stop_);
}

std::string PostgresProxy::url() const {
  const std::size_t port = url_.rfind(':') + 1;
  const std::size_t name = url_.find('/', port);
  return url_.substr(0, port) + std::to_string(port_) + url_.substr(name) + "?sslmode=disable";
}

void PostgresProxy::cut(Cut where, std::size_t count) {
  const std::lock_guard lock(mutex_);
  where_ = where;
  to_cut_ = count;
}

PostgresProxy::Cut PostgresProxy::take_cut() {
  const std::lock_guard lock(mutex_);
  if (to_cut_ == 0) return Cut::none;
  --to_cut_;
  return where_;
}

void PostgresProxy::accept() {
  for (;;) {
    std::array<pollfd, 2> waits{pollfd{listener_, POLLIN, 0}, pollfd{stop_, POLLIN, 0}};
    ::poll(waits.data(), waits.size(), -1);
    if (waits[1].revents != 0) return;
    const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) continue;
    const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(server_port_);
    auto session = std::make_unique<Session>(*this, client, server);  // which closes both
    if (!is_open_ || ::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      continue;
    }
    sessions_.emplace_back([session = std::move(session)] { session->run(); });
  }
}

}  // namespace aforro::test
