// The memory that all connections together hold for their clients, and its bound: requests that are still
// arriving or wait their turn, answers that are still to be sent. Over the bound the connections that hold
// most for longest are let go, until it is kept. Safe from any thread.
//
// What counts is memory as it was allocated, not what a client says or has sent. An answer that many
// connections send (a cached listing is one string for all of them) counts once, from the first connection
// that has to wait with it to the last, whether the cache still has it or not: the cache may forget it at any
// time. Each connection that shares an answer holds its part of it. So a thousand slow readers of one listing
// hold one listing, and are the last to go; a thousand that made the server render a listing each hold a
// thousand, and are the first. An answer counts whole until its end was sent, since no part of it is freed
// before.
//
// Which to let go: of all connections that wait for their client, the one with the largest product of bytes
// (its part, if they are shared) and time. As time passes that product grows for each at another pace, so no
// order of all of them can be kept; but among those that hold equally much the oldest always comes first. So
// there is a row, by age, for each power of two, and only the first of each row is looked at: within a factor
// of two the right one, at a cost that does not grow with the number of connections.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/mutex.h"

namespace aforro::http {

class HeldBytes {
 private:
  struct Group;
  struct Record;

 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  // A connection, as far as this is concerned.
  class Holder {
   public:
    // Frees all that it holds; it has no future. Called by any thread, only while the holder waits. Must not
    // call back.
    virtual void let_go() noexcept = 0;

   protected:
    ~Holder() = default;
  };

  explicit HeldBytes(std::size_t max_bytes);
  HeldBytes(const HeldBytes&) = delete;
  HeldBytes& operator=(const HeldBytes&) = delete;
  ~HeldBytes();

  std::size_t total() const;

  // What one connection holds: nothing at first. Used by the thread that is at work on the connection.
  class Share {
   public:
    Share(HeldBytes& all, Holder& holder);
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;
    ~Share();

    // To be called before what waited is touched again. False if it was let go meanwhile, and holds nothing.
    bool take();

    // The connection holds so many bytes of a request that began to arrive at `since`. False if that is too
    // much even after letting go all connections that could be; it then holds what it did before.
    bool collect(std::size_t bytes, TimePoint since, TimePoint now);

    // From here on, after collect(), the connection waits for its client.
    void wait();

    // The connection waits for its client with an answer of which something is left to send, and holds so
    // many bytes of its own besides. Other connections are let go to make room, but never this one: a change
    // that was made must be reported. The answer must stay until this was called for another one, or
    // release().
    void send(std::size_t bytes, const std::shared_ptr<const std::string>& answer, TimePoint since,
              TimePoint now);

    // The connection holds nothing any more.
    void release();

   private:
    Record& record();

    HeldBytes& all_;
    Holder& holder_;
    std::unique_ptr<Record> record_;  // while it holds something
  };

 private:
  using Row = std::set<std::pair<TimePoint, Group*>>;  // by the age of their oldest

  void join(Record& record, Group& group) REQUIRES(mutex_);
  void leave(Record& record) REQUIRES(mutex_);
  void set_own(Record& record, std::size_t bytes) REQUIRES(mutex_);
  void enter(Group& group) REQUIRES(mutex_);
  void remove(Group& group) REQUIRES(mutex_);
  void let_go(Record& record) REQUIRES(mutex_);
  Record* heaviest(TimePoint now) const REQUIRES(mutex_);
  bool make_room(TimePoint now) REQUIRES(mutex_);

  const std::size_t max_bytes_;
  mutable Mutex mutex_;
  std::size_t total_ GUARDED_BY(mutex_) = 0;
  // By the binary digits of what each holder holds.
  std::array<Row, 65> rows_ GUARDED_BY(mutex_);
  std::unordered_map<const std::string*, Group> by_answer_ GUARDED_BY(mutex_);  // those that share one
};

}  // namespace aforro::http
