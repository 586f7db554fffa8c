// One order as every command that has one shows it.
#pragma once

#include "app/session.h"
#include "shop/types.h"

namespace aforro::app {

void print_order(Session& session, const shop::Order& order);

}  // namespace aforro::app
