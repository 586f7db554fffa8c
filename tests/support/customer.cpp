#include "support/customer.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/time.h"
#include "support/json.h"
#include "support/shop.h"

namespace aforro::test {
namespace {

using nlohmann::json;

constexpr std::size_t kRemembered = 20;  // orders, beyond those touched since the last comparison
constexpr int kRepeats = 3;              // of keys whose answer has come, in each comparison

std::int64_t now() { return SystemClock().now().micros(); }

// The table of docs/orders.md, said once more.
std::string_view state_after(std::string_view event) {
  return event == "confirm" ? "CONFIRMED" : "CANCELLED";
}
bool may_happen(std::string_view event, std::string_view status) {
  if (status == "PENDING" || status == "CONFIRMED") return true;
  return event == "cancel" && status == "CANCELLED";
}

std::string path_of(std::int64_t id) { return "/orders/" + std::to_string(id) + "/"; }

Expected expected_of(const json& order) {
  Expected expected{.status = order.at("status").get<std::string>()};
  if (order.contains("expires_at")) {
    expected.expires_at = Time::parse(order.at("expires_at").get<std::string>())->micros();
  }
  return expected;
}

// Everything of an order that never changes.
json constants_of(std::string_view order) {
  json all = parse(order);
  all.erase("status");
  return all;
}

}  // namespace

bool Expected::allows(std::string_view seen, std::int64_t before, std::int64_t after) const {
  const auto is = [&](std::string_view state) {
    if (state != "PENDING") return seen == state;
    return (seen == "PENDING" && before < expires_at) || (seen == "EXPIRED" && expires_at <= after);
  };
  return is(status) || (!asked.empty() && may_happen(asked, status) && is(state_after(asked)));
}

Customer::Customer(int number, std::uint64_t seed, Wishes wishes)
    : name_("customer-" + std::to_string(number)),
      wishes_(std::move(wishes)),
      random_(seed + static_cast<std::uint64_t>(number)) {}

void Customer::fault(std::string what) { faults_.push_back(name_ + ": " + std::move(what)); }

Customer::Entry* Customer::some_entry() {
  return entries_.empty() ? nullptr : &entries_[random_() % entries_.size()];
}

void Customer::shop(HttpClient client, const std::function<void()>& answered) {
  try {
    for (;;) {
      ask(client);
      answered();
    }
  } catch (const HttpFault&) {
    // the server is gone
  }
}

void Customer::ask(HttpClient& client) {
  const auto dice = random_() % 10;
  Entry* const entry = some_entry();
  if (dice < 6 || entry == nullptr) {
    place(client);
  } else if (dice < 9) {
    change(client, *entry);
  } else {
    look(client);
  }
}

void Customer::place(HttpClient& client) {
  const std::string number = std::to_string(++last_number_);
  std::vector<Line> lines;
  for (auto count = 1 + random_() % 3; count > 0; --count) {
    lines.push_back({wishes_.products[random_() % wishes_.products.size()],
                     1 + static_cast<std::int64_t>(random_() % 5)});
  }
  json body = parse(order_body(wishes_.stores[random_() % wishes_.stores.size()], lines));
  Entry entry;
  entry.email = name_ + "-" + number + "@example.org";
  body["customer_email"] = entry.email;
  if (random_() % 3 == 0) body["reserve_for"] = random_() % 2 == 0 ? 1 : 600;
  if (random_() % 2 == 0) entry.key = name_ + "-" + number;
  entry.request = body.dump();
  placing_ = entry;
  const HttpResponse answer = order_again(client, entry);
  placing_.reset();
  adopt(std::move(entry), answer);
}

HttpResponse Customer::order_again(HttpClient& client, const Entry& entry) {
  Headers headers;
  if (!entry.key.empty()) headers.emplace_back("Idempotency-Key", entry.key);
  return client.post("/orders/", entry.request, headers);
}

void Customer::adopt(Entry entry, const HttpResponse& answer) {
  if (answer.status != 201) {
    fault("an order was answered " + std::to_string(answer.status) + ' ' + answer.body);
    return;
  }
  const json order = parse(answer);
  entry.id = order.at("id").get<std::int64_t>();
  entry.first_answer = entry.told = answer.body;
  if (!orders_.emplace(entry.id, expected_of(order)).second) fault("an id was given twice: " + answer.body);
  entries_.push_back(std::move(entry));
  ++acknowledged_;
}

void Customer::change(HttpClient& client, Entry& entry) {
  Expected& expected = orders_.at(entry.id);
  entry.is_touched = true;
  expected.asked = random_() % 2 == 0 ? "confirm" : "cancel";
  const std::int64_t before = now();
  const HttpResponse answer = client.request("POST", path_of(entry.id) + expected.asked + "/");
  const std::string event = std::exchange(expected.asked, "");
  const auto complain = [&] {
    fault("an order that was " + expected.status + " answers to " + event + ": " + answer.body);
  };
  if (answer.status == 200) {
    const std::string status = parse(answer).at("status").get<std::string>();
    if (!may_happen(event, expected.status) || status != state_after(event)) return complain();
    expected.status = status;
    entry.told = answer.body;
    ++acknowledged_;
  } else if (answer.status == 409) {
    const std::string status = parse(answer).at("order_status").get<std::string>();
    if (may_happen(event, status) || !expected.allows(status, before, now())) return complain();
    expected.status = status;
  } else {
    complain();
  }
}

bool Customer::look_at(HttpClient& client, Entry& entry) {
  Expected& expected = orders_.at(entry.id);
  const std::int64_t before = now();
  const HttpResponse answer = client.get(path_of(entry.id));
  const std::string was =
      expected.status + (expected.asked.empty() ? "" : " (asked to " + expected.asked + ")");
  if (answer.status != 200) {
    fault("order " + std::to_string(entry.id) + " that was " + was + " is gone: " + answer.body);
    return false;
  }
  const std::string status = parse(answer).at("status").get<std::string>();
  if (!expected.allows(status, before, now()) || constants_of(answer.body) != constants_of(entry.told)) {
    fault("an order that was " + was + ", " + entry.told + ", is now " + answer.body);
  }
  const bool has_changed = status != expected.status && status != "EXPIRED";
  expected.status = status;
  expected.asked.clear();
  entry.told = answer.body;
  return has_changed;
}

void Customer::look(HttpClient& client) {
  const std::string store = std::to_string(wishes_.stores[random_() % wishes_.stores.size()]);
  switch (random_() % 4) {
    case 0: {
      Entry& entry = *some_entry();
      look_at(client, entry);
      return;
    }
    case 1:
      if (client.get("/stores/" + store + "/inventory/").status != 200) fault("no listing of the shelves");
      return;
    case 2:
      if (client.get("/stores/" + store + "/orders/?limit=20").status != 200) fault("no list of orders");
      return;
    default:
      if (client.get("/api/search/products/?q=mug&store_id=" + store).status != 200) fault("no search");
      return;
  }
}

void Customer::settle_placing(HttpClient& client, const std::map<std::string, std::int64_t>& stored) {
  if (!placing_) return;
  Entry entry = std::move(*placing_);
  placing_.reset();
  const auto found = stored.find(entry.email);
  const bool has_happened = found != stored.end();
  ++unanswered_.asked;
  unanswered_.happened += has_happened ? 1 : 0;
  if (entry.key.empty()) {
    if (!has_happened) return;
    HttpResponse order = client.get(path_of(found->second));
    order.status = order.status == 200 ? 201 : order.status;
    adopt(std::move(entry), order);
    return;
  }
  const HttpResponse again = order_again(client, entry);
  ++repeated_;
  if (again.has("Idempotency-Replayed") != has_happened ||
      (has_happened && parse(again).at("id") != found->second)) {
    fault(std::string(has_happened ? "a stored" : "a new") + " order with its key is answered " + again.body);
  }
  adopt(std::move(entry), again);
}

void Customer::compare(HttpClient client, const std::map<std::string, std::int64_t>& stored) {
  for (const auto& [email, id] : stored) {
    if (email.starts_with(name_ + "-") && !orders_.contains(id) && (!placing_ || placing_->email != email)) {
      fault("order " + std::to_string(id) + " of " + email + " is stored, and it was not told so");
    }
  }
  int repeats = 0;
  for (Entry& entry : entries_) {
    if (!entry.is_touched) continue;
    const bool was_asked = !orders_.at(entry.id).asked.empty();
    const bool has_changed = look_at(client, entry);
    unanswered_.asked += was_asked ? 1 : 0;
    unanswered_.happened += was_asked && has_changed ? 1 : 0;
    if (!entry.key.empty() && repeats < kRepeats) {
      ++repeats;
      ++repeated_;
      const HttpResponse again = order_again(client, entry);
      if (again.status != 201 || !again.has("Idempotency-Replayed") || again.body != entry.first_answer) {
        fault("a key that was answered " + entry.first_answer + " is now answered " + again.body);
      }
    }
    entry.is_touched = false;
  }
  settle_placing(client, stored);
  while (entries_.size() > kRemembered) entries_.pop_front();
}

}  // namespace aforro::test
