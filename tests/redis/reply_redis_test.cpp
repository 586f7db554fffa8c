#include <doctest/doctest.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "redis/reply.h"

namespace {

using namespace aforro::redis;  // NOLINT: all of it is under test
using State = ReplyReader::State;

// What becomes of bytes that come in pieces of that size.
State read(std::string_view bytes, Reply& reply, std::size_t piece = 1'000'000) {
  const auto reader = make_reader();
  State state = State::incomplete;
  while (!bytes.empty() && state == State::incomplete) {
    reader->feed(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
    state = reader->next(reply);
  }
  return state;
}

TEST_CASE("each kind of answer is read, whole or byte by byte") {
  for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, std::size_t{1'000}}) {
    CAPTURE(piece);
    Reply reply;
    REQUIRE(read("+OK\r\n", reply, piece) == State::complete);
    CHECK((reply.kind == Reply::Kind::text && reply.text == "OK"));
    REQUIRE(read(":-42\r\n", reply, piece) == State::complete);
    CHECK((reply.kind == Reply::Kind::number && reply.number == -42));
    REQUIRE(read("$-1\r\n", reply, piece) == State::complete);
    CHECK(reply.kind == Reply::Kind::nothing);
    REQUIRE(read("$4\r\na\r\nb\r\n", reply, piece) == State::complete);
    CHECK((reply.kind == Reply::Kind::text && reply.text == "a\r\nb"));
    REQUIRE(read("-NOSCRIPT No such\r\n", reply, piece) == State::complete);
    CHECK(reply.is_error("NOSCRIPT"));
    CHECK(!reply.is_error("WRONGTYPE"));
    REQUIRE(read("*4\r\n:1\r\n$1\r\nx\r\n*1\r\n+y\r\n$-1\r\n", reply, piece) == State::complete);
    REQUIRE(reply.list.size() == 4);
    CHECK(reply.list[0].number == 1);
    CHECK(reply.list[1].text == "x");
    REQUIRE(reply.list[2].list.size() == 1);
    CHECK(reply.list[2].list[0].text == "y");
    CHECK(reply.list[3].kind == Reply::Kind::nothing);
    REQUIRE(read("*0\r\n", reply, piece) == State::complete);
    CHECK((reply.kind == Reply::Kind::list && reply.list.empty()));
  }
}

TEST_CASE("answers that come together are read one after the other") {
  const auto reader = make_reader();
  reader->feed("+a\r\n*2\r\n:1\r\n:2\r\n+c\r\n+");
  Reply reply;
  CHECK(reader->next(reply) == State::complete);
  CHECK(reply.text == "a");
  CHECK(reader->next(reply) == State::complete);
  CHECK(reply.list.size() == 2);
  CHECK(reader->next(reply) == State::complete);
  CHECK((reply.text == "c" && reply.list.empty()));
  CHECK(reader->next(reply) == State::incomplete);
}

TEST_CASE("what is no answer is broken for ever") {
  for (const std::string_view bytes : {"HTTP/1.1 200 OK\r\n", "\r\n", "$abc\r\n", "$-2\r\n", ":\r\n",
                                       ":1a\r\n", "*-7\r\n", "\x16\x03\x01\r\n", "*17\r\n", "*1000000000\r\n",
                                       "*99999999999999999999\r\n", "*2\r\n:1\r\n!x\r\n"}) {
    CAPTURE(bytes);
    Reply reply;
    CHECK(read(bytes, reply) == State::broken);
    const auto reader = make_reader();
    reader->feed(bytes);
    CHECK(reader->next(reply) == State::broken);
    reader->feed("+OK\r\n");
    CHECK(reader->next(reply) == State::broken);
  }
}

TEST_CASE("an answer that announces more than it sends takes no more memory than it sends") {
  Reply reply;
  CHECK(read("$2000000000\r\nabc", reply) == State::incomplete);
  CHECK(reply.text.empty());
}

TEST_CASE("an answer that never ends is broken when it is larger than any that is asked for") {
  const auto reader = make_reader();
  reader->feed("$2000000000\r\n");
  const std::string piece(1024 * 1024, 'x');
  Reply reply;
  std::size_t fed = 0;
  State state = State::incomplete;
  for (; state == State::incomplete && fed < 4 * kMaxReplyBytes; fed += piece.size()) {
    reader->feed(piece);
    state = reader->next(reply);
  }
  CHECK(state == State::broken);
  CHECK(fed <= kMaxReplyBytes + 2 * piece.size());
}

TEST_CASE("a command is written with the length of each word") {
  CHECK(written({"GET", "a\r\nb"}) == "*2\r\n$3\r\nGET\r\n$4\r\na\r\nb\r\n");
  CHECK(written({"SET", "", "x"}) == "*3\r\n$3\r\nSET\r\n$0\r\n\r\n$1\r\nx\r\n");
}

}  // namespace
