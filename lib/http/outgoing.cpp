// Head and body stay two buffers, sent by one call: a cached body is shared by all connections that
// send it, and must not be copied for each.
#include "http/outgoing.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace aforro::http {
namespace {

// One chunk, or none, and the last, which is empty.
std::string chunks(const BodyStream::Piece& piece) {
  std::string chunks;
  if (!piece.bytes.empty()) {
    std::array<char, 20> size{};
    const char* const end = std::to_chars(size.data(), size.data() + size.size(), piece.bytes.size(), 16).ptr;
    chunks.append(size.data(), static_cast<std::size_t>(end - size.data()));
    chunks.append("\r\n").append(piece.bytes).append("\r\n");
  }
  if (piece.is_last) chunks.append("0\r\n\r\n");
  return chunks;
}

}  // namespace

std::unique_ptr<Outgoing::Stream> open_stream(std::shared_ptr<BodyStream> body, std::string request_id,
                                              bool is_chunked) {
  auto stream = std::make_unique<Outgoing::Stream>();
  if (body->waits()) {
    stream->ready = std::make_shared<Event>();
    body->wake_by([ready = stream->ready] { ready->set(); });
  }
  stream->body = std::move(body);
  stream->request_id = std::move(request_id);
  stream->is_chunked = is_chunked;
  return stream;
}

void Outgoing::set(std::string head, std::shared_ptr<const std::string> body, std::unique_ptr<Stream> then) {
  head_ = std::move(head);
  body_ = std::move(body);
  stream_ = std::move(then);
  sent_ = 0;
}

Outgoing::Sent Outgoing::flush(ClientSocket& socket, std::size_t at_once) {
  const std::string_view body = body_ ? std::string_view(*body_) : std::string_view();
  const std::size_t size = head_.size() + body.size();
  while (sent_ < size) {
    const std::string_view head_left = std::string_view(head_).substr(std::min(sent_, head_.size()));
    const std::string_view body_left =
        body.substr(sent_ - (head_.size() - head_left.size()), at_once - std::min(at_once, head_left.size()));
    std::size_t sent = 0;
    const ClientSocket::Sent result = socket.send(head_left, body_left, sent);
    if (result != ClientSocket::Sent::some)
      return result == ClientSocket::Sent::blocked ? Sent::some : Sent::nothing;
    sent_ += sent;
    given_ += sent;
  }
  return Sent::all;
}

void Outgoing::add_piece(BodyStream::Piece piece) {
  head_ = stream_->is_chunked ? chunks(piece) : std::move(piece.bytes);
  body_.reset();
  sent_ = 0;
  if (piece.is_last) stream_.reset();
}

void Outgoing::let_go() noexcept {
  std::string().swap(head_);  // an assignment would keep its memory
  body_.reset();
  if (stream_) stream_->body.reset();
}

void Outgoing::clear() {
  let_go();
  stream_.reset();
  sent_ = 0;
}

}  // namespace aforro::http
