#include "shop/schema.h"

namespace aforro::shop {

const sql::Schema& schema() { return released_schema(); }

}  // namespace aforro::shop
