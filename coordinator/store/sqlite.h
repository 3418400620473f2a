// SQLite (https://sqlite.org/c3ref/intro.html) as objects that close themselves and absl::Status.
#ifndef OUTERLOOP_COORDINATOR_STORE_SQLITE_H_
#define OUTERLOOP_COORDINATOR_STORE_SQLITE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

struct sqlite3;
struct sqlite3_stmt;

namespace outerloop::coordinator {

// Bytes that are not text.
struct SqliteBlob {
  std::string_view bytes;
};

// A compiled statement. Must not outlive its database. Thread-compatible.
//
//   statement.Bind(job_id, step);
//   while (true) {
//     ASSIGN_OR_RETURN(const bool row, statement.Step());
//     if (!row) break;
//     Use(statement.Text(0), statement.Integer(1));
//   }
class SqliteStatement {
 public:
  SqliteStatement(SqliteStatement&& other) noexcept;
  ~SqliteStatement();

  // Gives the statement's parameters their values, from the left; values are copied. An integer
  // above 2^63 - 1, which SQLite cannot hold, is an OUT_OF_RANGE of the next Step. Call before it.
  template <typename... Values>
  SqliteStatement& Bind(const Values&... values) {
    (BindNext(values), ...);
    return *this;
  }

  // Goes to the next row of the result; false after the last one.
  absl::StatusOr<bool> Step();
  // Runs a statement without a result to its end.
  absl::Status Run();

  // Column `column` (from 0) of the row that Step went to; Text is for text and blobs alike. NULL
  // reads as 0, "" and nullopt.
  int64_t Integer(int column) const;
  std::optional<int64_t> OptionalInteger(int column) const;
  double Real(int column) const;
  std::string Text(int column) const;

 private:
  friend class SqliteDatabase;
  explicit SqliteStatement(sqlite3_stmt* handle) : handle_(handle) {}

  void BindNext(int64_t value);
  void BindNext(uint64_t value);
  void BindNext(uint32_t value) { BindNext(uint64_t{value}); }
  void BindNext(int value) { BindNext(int64_t{value}); }
  void BindNext(double value);
  void BindNext(std::optional<int64_t> value);  // nullopt: NULL.
  void BindNext(std::string_view text);
  void BindNext(SqliteBlob blob);
  void Keep(int code);

  sqlite3_stmt* handle_;
  int bound_ = 0;        // Parameters that have a value.
  absl::Status status_;  // Of the first Bind that failed.
};

// A connection. Thread-compatible. Every error names the file:
//   RESOURCE_EXHAUSTED   the disk, or the quota, is full;
//   FAILED_PRECONDITION  the file is no database;
//   DATA_LOSS            the file is damaged;
//   INTERNAL             anything else.
class SqliteDatabase {
 public:
  // Opens or makes `path`, for a single process: write-ahead log, full sync (a committed
  // transaction survives a kill and a power cut), foreign keys enforced. Recovers what a killed
  // process left. `application_id` (not 0) marks whose files they are: a file that holds anything
  // and does not bear the mark is FAILED_PRECONDITION, and is not touched.
  static absl::StatusOr<std::unique_ptr<SqliteDatabase>> Open(const std::string& path,
                                                              int32_t application_id);
  ~SqliteDatabase();
  SqliteDatabase(const SqliteDatabase&) = delete;
  SqliteDatabase& operator=(const SqliteDatabase&) = delete;

  // Runs statements without parameters or result, separated by semicolons.
  absl::Status Execute(const std::string& sql);
  absl::StatusOr<SqliteStatement> Prepare(std::string_view sql);
  // The first column of the first row. INTERNAL if there is none.
  absl::StatusOr<int64_t> QueryInteger(std::string_view sql);

  // Runs `body` in one transaction and commits it. If either fails, nothing of it was written, the
  // database stays usable, and the first error is returned. Does not nest.
  absl::Status Transaction(const std::function<absl::Status()>& body);

  const std::string& path() const { return path_; }

 private:
  SqliteDatabase(sqlite3* handle, std::string path) : handle_(handle), path_(std::move(path)) {}
  absl::StatusOr<bool> HasMark(int32_t application_id);
  absl::Status Configure();

  sqlite3* const handle_;
  const std::string path_;
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_STORE_SQLITE_H_
