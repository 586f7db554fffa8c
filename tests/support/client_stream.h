// What a client of the tests says and hears over one connected socket: the bytes as they are, or over TLS at
// ports that were said to speak it. It never waits, but where it says so. One thread at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

struct ssl_st;

namespace aforro::test {

// From here on clients that connect to this port of 127.0.0.1 speak TLS there, and leave a server that has
// not this certificate (in PEM). Safe from any thread.
void speak_tls_at(int port, const std::string& certificate);
void speak_plainly_at(int port);

class ClientStream {
 public:
  ClientStream() = default;  // of no socket
  // Takes over a socket that is connected to that port; 0: to none, it is a Unix socket. Of a handshake
  // nothing is done yet.
  ClientStream(int socket, int port);
  ClientStream(ClientStream&& other) noexcept;
  ClientStream& operator=(ClientStream&& other) noexcept;
  ~ClientStream();

  int descriptor() const { return socket_; }  // -1: none
  std::string cipher() const;                 // that is spoken; empty if none is

  enum class Outcome {
    done,
    blocked,  // until the socket is ready, see wait()
    ended,    // the server has said that nothing follows
    broken,   // or has gone without saying so; see fault()
  };
  // A part of them at least. What was blocked has to be given again, with more behind it or not.
  Outcome send(std::string_view bytes, std::size_t& sent);
  // Some bytes. Of what has arrived it takes no more than that many bytes; of a record of TLS, which is shown
  // whole, that may be a part, and then nothing is shown.
  Outcome receive(std::span<char> buffer, std::size_t& got, std::size_t most_taken = SIZE_MAX);

  // The handshake, which send() and receive() come to by themselves: waits for it, no longer than until then.
  void shake_hands(std::chrono::steady_clock::time_point until);
  bool is_shaking_hands() const;

  // Waits until what was blocked can go on. False if that takes longer.
  bool wait(std::chrono::steady_clock::time_point until) const;

  // Says that nothing more will be sent.
  void end_sending();
  // Whether nothing more will come, and all that came was received.
  bool was_closed();
  const std::string& fault() const { return fault_; }

 private:
  struct FreeSession {
    void operator()(ssl_st* session) const;
  };
  // Where OpenSSL finds it, whoever has moved this object meanwhile.
  struct Wire {
    int socket;
    std::size_t most_taken;
  };

  Outcome outcome_of(int returned);
  Outcome broken(std::string why);

  int socket_ = -1;
  std::unique_ptr<Wire> wire_;  // before the session, which uses it
  std::unique_ptr<ssl_st, FreeSession> session_;
  bool awaits_write_ = false;
  std::string fault_;
};

}  // namespace aforro::test
