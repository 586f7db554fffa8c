#include "support/tls_steps.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

namespace aforro::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t kRecordHead = 5;
constexpr milliseconds kPatience{10'000};

int connected(int port) {
  const int made = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(port));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(made, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0) return made;
  ::close(made);
  throw std::runtime_error("no connection");
}

bool is_readable(int socket, milliseconds patience) {
  pollfd readable{.fd = socket, .events = POLLIN, .revents = 0};
  return ::poll(&readable, 1, static_cast<int>(patience.count())) > 0;
}

}  // namespace

TlsSteps::TlsSteps(int port, int version)
    : context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free), session_(nullptr, SSL_free) {
  SSL_CTX_set_min_proto_version(context_.get(), version);
  SSL_CTX_set_max_proto_version(context_.get(), version);
  session_.reset(SSL_new(context_.get()));
  SSL_set_bio(session_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  SSL_set_connect_state(session_.get());
  socket_ = connected(port);
}

TlsSteps::~TlsSteps() { ::close(socket_); }

void TlsSteps::take_written() {
  char* text = nullptr;
  BIO* const written = SSL_get_wbio(session_.get());
  const auto size = static_cast<std::size_t>(BIO_get_mem_data(written, &text));
  std::string_view left(text, size);
  while (left.size() >= kRecordHead) {
    const auto high = static_cast<unsigned char>(left[3]);
    const auto low = static_cast<unsigned char>(left[4]);
    const std::size_t record = kRecordHead + high * 256U + low;
    records_.emplace_back(left.substr(0, record));
    left.remove_prefix(std::min(record, left.size()));
  }
  BIO_reset(written);
}

std::string TlsSteps::next_record() {
  while (records_.empty()) {
    const bool is_done = SSL_do_handshake(session_.get()) == 1;
    take_written();
    if (!records_.empty()) break;
    if (is_done) return {};
    std::array<char, 16 * 1024> buffer{};
    const ssize_t got =
        is_readable(socket_, kPatience) ? ::recv(socket_, buffer.data(), buffer.size(), 0) : -1;
    if (got <= 0) throw std::runtime_error("the server does not go on");
    BIO_write(SSL_get_rbio(session_.get()), buffer.data(), static_cast<int>(got));
  }
  std::string record = std::move(records_.front());
  records_.pop_front();
  return record;
}

void TlsSteps::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::string TlsSteps::record_of(std::string_view text) {
  SSL_write(session_.get(), text.data(), static_cast<int>(text.size()));
  take_written();
  return next_record();
}

std::string TlsSteps::receive_to_end(milliseconds patience) const {
  const auto until = steady_clock::now() + patience;
  std::string all;
  for (;;) {
    const auto left = std::chrono::ceil<milliseconds>(until - steady_clock::now());
    if (left.count() <= 0 || !is_readable(socket_, left))
      throw std::runtime_error("the server does not close");
    std::array<char, 16 * 1024> buffer{};
    const ssize_t got = ::recv(socket_, buffer.data(), buffer.size(), 0);
    if (got <= 0) return all;
    all.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace aforro::test
