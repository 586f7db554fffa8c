// A client's handshake in steps: what OpenSSL would send is cut into its records, and the test says which of
// them go out, and what goes out in their place. One thread at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

struct ssl_st;
struct ssl_ctx_st;

namespace aforro::test {

class TlsSteps {
 public:
  // Connects to 127.0.0.1, and speaks that version alone. It trusts everyone.
  TlsSteps(int port, int version);
  TlsSteps(const TlsSteps&) = delete;
  TlsSteps& operator=(const TlsSteps&) = delete;
  ~TlsSteps();

  // The next record that it would send, after an answer where that needs one. Empty once the handshake is
  // done. Throws std::runtime_error if the server does not go on.
  std::string next_record();
  // Sends these bytes, whatever they are.
  void send(std::string_view bytes) const;
  // A record of application data, encrypted once the handshake is done.
  std::string record_of(std::string_view text);

  // All that comes until the server closes the connection. Throws if that takes longer.
  std::string receive_to_end(std::chrono::milliseconds patience = std::chrono::seconds(10)) const;

 private:
  void take_written();

  std::unique_ptr<ssl_ctx_st, void (*)(ssl_ctx_st*)> context_;
  std::unique_ptr<ssl_st, void (*)(ssl_st*)> session_;
  int socket_ = -1;
  std::deque<std::string> records_;  // that OpenSSL has written and nobody has asked for
};

}  // namespace aforro::test
