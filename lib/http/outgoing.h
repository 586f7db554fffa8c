// What a connection has to send: a head, a body that others may send as well, and, piece by piece, what a
// stream produces. Not for use by several threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/event.h"
#include "http/client_socket.h"
#include "http/message.h"

namespace aforro::http {

class Outgoing {
 public:
  // `then`, if there is one, comes behind both, in chunks (RFC 9112, 7.1) or, where its length was said and
  // for clients that know none, as it is.
  struct Stream {
    std::shared_ptr<BodyStream> body;
    std::string request_id;
    bool is_chunked = true;
    std::shared_ptr<Event> ready;  // of a stream that waits: there may be a piece
  };
  void set(std::string head, std::shared_ptr<const std::string> body, std::unique_ptr<Stream> then);

  enum class Sent { all, some, nothing };
  // Gives the socket what it takes now, a head and at most so many bytes of a body with one call. `all`:
  // nothing is left but what the stream will produce; `nothing`: the client is gone.
  Sent flush(ClientSocket& socket, std::size_t at_once);

  // The stream that is not at its end yet; null if there is none.
  const Stream* stream() const { return stream_.get(); }
  bool is_streaming() const { return stream_ != nullptr; }
  // Its next piece, once all before it was sent.
  void add_piece(BodyStream::Piece piece);

  // Frees what it holds; a stream that was not at its end is still known as such.
  void let_go() noexcept;
  void clear();

  std::size_t own_bytes() const { return head_.capacity(); }
  const std::shared_ptr<const std::string>& body() const { return body_; }
  std::uint64_t given() const { return given_; }  // to the system, ever

 private:
  std::string head_;  // or a piece
  std::shared_ptr<const std::string> body_;
  std::size_t sent_ = 0;  // of both
  std::uint64_t given_ = 0;
  std::unique_ptr<Stream> stream_;
};

// What is to be set for such a body. Throws std::system_error if it waits, and no descriptor is left for
// that.
std::unique_ptr<Outgoing::Stream> open_stream(std::shared_ptr<BodyStream> body, std::string request_id,
                                              bool is_chunked);

}  // namespace aforro::http
