// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sqlite3.h>

// These copy what they bind. `SQLITE_TRANSIENT` is a cast that Swift cannot import.

static inline int csqlite_bind_blob(sqlite3_stmt *statement, int index, const void *bytes, int count) {
  if (count == 0) return sqlite3_bind_zeroblob(statement, index, 0);  // NULL would bind SQL's NULL
  return sqlite3_bind_blob(statement, index, bytes, count, SQLITE_TRANSIENT);
}

static inline int csqlite_bind_text(sqlite3_stmt *statement, int index, const char *text, int count) {
  return sqlite3_bind_text(statement, index, text ? text : "", count, SQLITE_TRANSIENT);
}
