// Files as answers, of the disk and of the program, whole and in parts, over a real connection.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <system_error>

#include "base/gzip.h"
#include "http/embedded_files.h"
#include "http/open_file.h"
#include "support/expect.h"
#include "support/http_client.h"
#include "support/json.h"
#include "support/local_server.h"
#include "support/temporary_folder.h"

using namespace aforro::http;
using namespace aforro::test;

namespace {

// Every piece of it is unlike the others.
std::string numbers(std::size_t bytes) {
  std::string text;
  for (int i = 0; text.size() < bytes; ++i) text += std::to_string(i) + '\n';
  text.resize(bytes);
  return text;
}

struct Served {
  TemporaryFolder folder;
  const std::string bytes = numbers(300'000);
  const std::string style = numbers(5'000);
  const std::string packed = aforro::gzip(style);
  const EmbeddedFile embedded{
      .name = "page.0123.css", .content_type = "text/css", .bytes = style, .gzipped = packed, .hash = "0123"};
  const EmbeddedFiles files{&embedded};
  LocalServer server{[this](Router& router) { add_routes(router); }};

  Served() {
    std::ofstream(folder / "file") << bytes;
    std::ofstream(folder / "empty").flush();
  }

  void add_routes(Router& router) const {
    add_get(router, "/{name}", [this](const Request& request) {
      Response response =
          file_response("text/plain", std::make_shared<OpenFile>(folder / request.path_texts.at(0)));
      response.etag = "v1";
      return response;
    });
    add_get(router, "/program/{name}",
            [this](const Request& request) { return files.find(request.path_texts.at(0)); });
  }
};

}  // namespace

TEST_CASE("a file of the disk comes whole, with its length, and the connection goes on") {
  const Served served;
  HttpClient client = served.server.client();
  for (int i = 0; i < 3; ++i) {
    const HttpResponse response = client.get("/file");
    CHECK(response.status == 200);
    CHECK(response.header("Content-Length") == "300000");
    CHECK(response.header("Accept-Ranges") == "bytes");
    CHECK(response.header("ETag") == "\"v1\"");
    CHECK(!response.has("Transfer-Encoding"));
    CHECK((response.body == served.bytes));
    CHECK(client.get("/empty").body.empty());
    const HttpResponse head = client.head("/file");
    CHECK(head.header("Content-Length") == "300000");
    CHECK(head.header("Accept-Ranges") == "bytes");
    CHECK(client.get("/file", {{"If-None-Match", "\"v1\""}}).status == 304);
  }
  CHECK(client.connections() == 1);
  client.send("GET /file HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  CHECK((client.receive().body == served.bytes));
}

TEST_CASE("a part of it is 206 and says where it lies") {
  const Served served;
  HttpClient client = served.server.client();
  const auto part = [&](const std::string& range) { return client.get("/file", {{"Range", range}}); };
  const HttpResponse middle = part("bytes=100000-249999");
  CHECK(middle.status == 206);
  CHECK(middle.header("Content-Range") == "bytes 100000-249999/300000");
  CHECK(middle.header("Content-Length") == "150000");
  CHECK(middle.header("ETag") == "\"v1\"");
  CHECK((middle.body == served.bytes.substr(100'000, 150'000)));
  CHECK(part("bytes=-1").body == served.bytes.substr(299'999));
  CHECK(part("bytes=299999-").header("Content-Range") == "bytes 299999-299999/300000");
  CHECK((part("bytes=0-1,5-6").body == served.bytes));  // several are not given
  CHECK(client.connections() == 1);
}

TEST_CASE("a part that is not there is 416 and says how much is") {
  const Served served;
  HttpClient client = served.server.client();
  const HttpResponse response = client.get("/file", {{"Range", "bytes=300000-"}});
  check_problem(response, 416);
  CHECK(response.header("Content-Range") == "bytes */300000");
  CHECK(!response.has("ETag"));
  CHECK(client.get("/empty", {{"Range", "bytes=0-"}}).header("Content-Range") == "bytes */0");
  CHECK(client.get("/empty", {{"Range", "bytes=-5"}}).status == 200);
  CHECK(client.head("/file", {{"Range", "bytes=300000-"}}).status == 200);
  CHECK(client.connections() == 1);
}

TEST_CASE("a part is given of the state that its client has, and of another all") {
  const Served served;
  HttpClient client = served.server.client();
  const auto status = [&](const std::string& condition) {
    return client.get("/file", {{"Range", "bytes=0-9"}, {"If-Range", condition}}).status;
  };
  CHECK(status("\"v1\"") == 206);
  for (const char* other : {"\"v2\"", "W/\"v1\"", "v1", "", "\"v1-gzip\"", "Sun, 29 Nov 2026 08:00:00 GMT"}) {
    CAPTURE(other);
    CHECK(status(other) == 200);
  }
}

TEST_CASE("a file that has become shorter than it was is a fault, and not an end") {
  const Served served;
  const OpenFile file(served.folder / "file");
  std::filesystem::resize_file(served.folder / "file", 1'000);
  CHECK_THROWS_AS(file.read(0, 2'000), std::runtime_error);
  CHECK(file.read(0, 1'000).size() == 1'000);
  CHECK(file.read(400'000, 10).empty());
}

TEST_CASE("what is no file is not opened, and does not hang") {
  const TemporaryFolder folder;
  CHECK(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  CHECK_THROWS_AS(OpenFile(folder / "pipe"), std::system_error);
  CHECK_THROWS_AS(OpenFile(folder / "none"), std::system_error);
  CHECK_THROWS_AS(OpenFile("/"), std::system_error);
}

TEST_CASE("a file of the program is kept for ever, by its name") {
  const Served served;
  HttpClient client = served.server.client();
  const HttpResponse plain = client.get("/program/page.0123.css");
  CHECK(plain.status == 200);
  CHECK(plain.header("Content-Type") == "text/css");
  CHECK(plain.header("Cache-Control") == "public, max-age=31536000, immutable");
  CHECK(plain.header("ETag") == "\"0123\"");
  CHECK((plain.body == served.style));
  const HttpResponse packed = client.get("/program/page.0123.css", {{"Accept-Encoding", "gzip"}});
  CHECK(packed.header("Content-Encoding") == "gzip");
  CHECK(packed.header("ETag") == "\"0123-gzip\"");
  CHECK((packed.body == served.packed));
  check_problem(client.get("/program/page.0124.css"), 404);
}

TEST_CASE("a part of a file of the program is never packed") {
  const Served served;
  HttpClient client = served.server.client();
  const HttpResponse part =
      client.get("/program/page.0123.css", {{"Range", "bytes=10-4000"}, {"Accept-Encoding", "gzip"}});
  CHECK(part.status == 206);
  CHECK(!part.has("Content-Encoding"));
  CHECK(part.header("ETag") == "\"0123\"");
  CHECK((part.body == served.style.substr(10, 3'991)));
}
