// The tables of the store.
#ifndef OUTERLOOP_COORDINATOR_STORE_SCHEMA_H_
#define OUTERLOOP_COORDINATOR_STORE_SCHEMA_H_

#include <cstdint>

#include "absl/status/status.h"
#include "coordinator/store/sqlite.h"

namespace outerloop::coordinator {

// "OLDB": marks a database as outerloop's (PRAGMA application_id).
inline constexpr int32_t kApplicationId = 0x4f4c4442;

// What this binary reads and writes (PRAGMA user_version).
int SchemaVersion();

// Brings a new or older database to SchemaVersion, in one transaction. FAILED_PRECONDITION if it is
// of a newer one.
absl::Status UpgradeSchema(SqliteDatabase& database);

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_STORE_SCHEMA_H_
