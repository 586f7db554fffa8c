// A request and a response as values: what handlers take and return. No socket, no library shows through, so
// that a test makes one by hand.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/parameters.h"

namespace aforro::http {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

// Case is ignored; of a header given several times the first. Nothing if it is absent.
std::optional<std::string_view> find_header(const HeaderList& headers, std::string_view name);

struct Route;
class SpooledBody;

struct Request {
  std::string method;
  std::string path;     // as sent, percent-encoded, without the query
  ParameterList query;  // decoded, in order
  HeaderList headers;
  std::string body;
  std::shared_ptr<const SpooledBody> spooled;  // in place of it, where the route has it so
  std::string peer;                            // the address at the other end of the connection
  bool is_encrypted = false;                   // by the transport, not by a proxy before it
  std::string client;                   // the peer, or the client that a trusted proxy names; IPv6 by its /64
  std::string base_url;                 // "http://host:port" as the client sees us, for absolute links
  std::string id;                       // of the request, for logs and answers
  std::vector<std::int64_t> path_ids;   // what stood for each {id} of the route
  std::vector<std::string> path_texts;  // and for each {name} and {rest}
  const Route* route = nullptr;         // that will answer, once it is known
  HeaderList answer_headers;            // which the answer has, whatever it says

  std::optional<std::string_view> header(std::string_view name) const { return find_header(headers, name); }
};

// The memory that what a client sent takes, but for its body: thousands of headers or parameters of a letter
// each take many times the bytes in which they came.
std::size_t head_bytes(const Request& request);

// "x=1&y=+2" as a target and a form have it, decoded, in order. A '+' is a space; a broken % stays as it is.
ParameterList parse_parameters(std::string_view text);

// Reads a request target's path and query ("/a%20b?x=1&y=+2").
void parse_target(std::string_view target, std::string& path, ParameterList& query);

// The body of an answer that is produced as its client takes it: there is never more of it than a piece. Used
// by one thread at a time, by many one after another.
class BodyStream {
 public:
  BodyStream() = default;
  BodyStream(const BodyStream&) = delete;
  BodyStream& operator=(const BodyStream&) = delete;
  virtual ~BodyStream() = default;

  struct Piece {
    std::string bytes;  // some tens of KiB at most: they are kept until the client has taken them
    bool is_last = false;
  };
  // The next piece. Without bytes and not the last: there is nothing yet, see waits(). What this throws cuts
  // the connection, so that nobody takes a part for the whole; the log says what it was.
  virtual Piece next() = 0;

  // Whether next() may have nothing yet. Such a stream has no end of its own: it ends when its client leaves
  // or the server stops.
  virtual bool waits() const { return false; }

  // Of a stream that waits, called once, before the first next(): `wake` is to be called, by any thread, when
  // next() may have something again. Called too often, or too late, it does no harm; it takes a microsecond.
  virtual void wake_by(const std::function<void()>& /*wake*/) {}
};

class OpenFile;

struct Response {
  int status = 200;
  std::string content_type;  // none: no body
  HeaderList headers;
  // One of these, or none.
  std::shared_ptr<const std::string> body;
  std::shared_ptr<BodyStream> stream;
  std::shared_ptr<const OpenFile> file;
  std::optional<std::uint64_t> stream_bytes;  // that the stream has, exactly, where that is known
  // Gives the same bytes packed, where they are kept; called only if they are to be sent.
  std::function<std::shared_ptr<const std::string>()> gzipped_body;
  std::string etag;           // without quotes: a strong validator; answers If-None-Match and If-Range
  bool takes_ranges = false;  // Range is answered with a part of the body or of the file
  // Something that its client alone may know stands in it: it is kept nowhere, and not packed, since the size
  // of what is packed tells a stranger who can choose words beside a secret what the secret is (BREACH).
  bool holds_secret = false;
};

// What a page may do unless its handler says otherwise (Content-Security-Policy, CSP 3): all that it uses
// comes from here, as files; nothing that stands in it runs.
inline constexpr std::string_view kPagePolicy =
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

Response stream_response(std::string_view content_type, std::shared_ptr<BodyStream> stream);
Response file_response(std::string_view content_type, std::shared_ptr<const OpenFile> file);
Response json_response(int status, std::string json);
Response html_response(int status, std::string html);

// Whether HTTP has that method (RFC 9110 and PATCH), whether we serve it or not.
bool is_known_method(std::string_view method);

}  // namespace aforro::http
