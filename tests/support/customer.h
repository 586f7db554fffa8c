// A customer who orders, confirms, cancels and looks, and keeps a journal of all it asked for and was told,
// so that a shop can be held to its word afterwards. It touches no orders but its own: what may have become
// of each is known exactly. One thread at a time.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "support/http_client.h"

namespace aforro::test {

// What an order must be by all that was told of it.
struct Expected {
  std::string status;
  std::int64_t expires_at = 0;  // of a reservation, in microseconds since 1970
  std::string asked = {};       // confirm or cancel, if no answer came to it: it may have happened

  // Whether it may be seen like this by someone who asked at `before` and was answered at `after`.
  bool allows(std::string_view seen, std::int64_t before, std::int64_t after) const;
};

// What was in flight when the server went, and what had become of it.
struct Unanswered {
  std::int64_t asked = 0;
  std::int64_t happened = 0;
};

class Customer {
 public:
  struct Wishes {
    std::vector<std::int64_t> stores;
    std::vector<std::int64_t> products;
  };

  Customer(int number, std::uint64_t seed, Wishes wishes);

  // Asks for one thing after another until no answer comes. `answered` is called after each.
  void shop(HttpClient client, const std::function<void()>& answered);

  // After the server has been started again: compares all that was asked for in shop(), by HTTP, and asks
  // again with the same key for what carried one. `stored` has the ids of the orders stored since the last
  // time by their customer's email.
  void compare(HttpClient client, const std::map<std::string, std::int64_t>& stored);

  // Every order that it has, by id, after compare().
  const std::map<std::int64_t, Expected>& orders() const { return orders_; }

  // What was not as it should be.
  const std::vector<std::string>& faults() const { return faults_; }
  std::int64_t acknowledged() const { return acknowledged_; }  // orders, and changes of orders
  std::int64_t repeated() const { return repeated_; }          // with a key
  Unanswered unanswered() const { return unanswered_; }

 private:
  // An order that it remembers in full: touched since the last comparison, or young enough to be changed.
  struct Entry {
    std::int64_t id = 0;
    std::string email;
    std::string key;           // empty: none
    std::string request;       // the body
    std::string first_answer;  // to it
    std::string told;          // of it the last time
    bool is_touched = true;
  };

  void ask(HttpClient& client);
  void place(HttpClient& client);
  void change(HttpClient& client, Entry& entry);
  void look(HttpClient& client);
  bool look_at(HttpClient& client, Entry& entry);
  void adopt(Entry entry, const HttpResponse& answer);
  void settle_placing(HttpClient& client, const std::map<std::string, std::int64_t>& stored);
  HttpResponse order_again(HttpClient& client, const Entry& entry);
  Entry* some_entry();
  void fault(std::string what);

  const std::string name_;
  const Wishes wishes_;
  std::mt19937_64 random_;
  std::int64_t last_number_ = 0;
  std::deque<Entry> entries_;
  std::optional<Entry> placing_;  // asked for, and not answered
  std::map<std::int64_t, Expected> orders_;
  std::vector<std::string> faults_;
  std::int64_t acknowledged_ = 0;
  std::int64_t repeated_ = 0;
  Unanswered unanswered_;
};

}  // namespace aforro::test
