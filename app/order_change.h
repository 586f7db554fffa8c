// What the commands that change one order have in common: its id, and showing what became of it.
#pragma once

#include <CLI/App.hpp>
#include <string>

#include "app/session.h"
#include "shop/order_book.h"

namespace aforro::app {

struct OrderChange {
  std::string command;
  std::string description;
  shop::Order (shop::OrderBook::*change)(shop::OrderId);
};

void add_order_change(CLI::App& program, Session& session, const OrderChange& change);

}  // namespace aforro::app
