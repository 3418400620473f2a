#include "coordinator/store/sqlite.h"

#include <sqlite3.h>

#include <cerrno>
#include <cstring>
#include <limits>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "common/string_view.h"

namespace outerloop::coordinator {
namespace {

// How long a statement waits for somebody else who reads the file, such as the sqlite3 shell.
constexpr int kBusyTimeoutMs = 10'000;

bool IsDiskFull(sqlite3* handle, int code) {
  if (code == SQLITE_FULL) return true;
  const int reason = sqlite3_system_errno(handle);
  return code == SQLITE_IOERR && (reason == ENOSPC || reason == EDQUOT);
}

// The error of the last call on `handle`.
absl::Status SqliteError(sqlite3* handle, std::string_view what, std::string_view path) {
  const int code = sqlite3_errcode(handle) & 0xff;  // Without the extension.
  std::string message =
      absl::StrCat(AbslView(what), ": ", AbslView(path), ": ", sqlite3_errmsg(handle));
  if (IsDiskFull(handle, code)) {
    return absl::ResourceExhaustedError(message + "; free some space and try again");
  }
  if (code == SQLITE_NOTADB) return absl::FailedPreconditionError(message + "; move it away");
  if (code == SQLITE_CORRUPT) return absl::DataLossError(message);
  const int reason = sqlite3_system_errno(handle);
  if ((code == SQLITE_CANTOPEN || code == SQLITE_IOERR) && reason != 0) {
    absl::StrAppend(&message, " (", std::strerror(reason), ")");
  }
  return absl::InternalError(message);
}

absl::Status StatementError(sqlite3_stmt* statement, std::string_view what) {
  sqlite3* handle = sqlite3_db_handle(statement);
  return SqliteError(handle, what, sqlite3_db_filename(handle, "main"));
}

}  // namespace

SqliteStatement::SqliteStatement(SqliteStatement&& other) noexcept
    : handle_(std::exchange(other.handle_, nullptr)),
      bound_(other.bound_),
      status_(std::move(other.status_)) {}

SqliteStatement::~SqliteStatement() { sqlite3_finalize(handle_); }

void SqliteStatement::Keep(int code) {
  if (code != SQLITE_OK) status_.Update(StatementError(handle_, "cannot bind a value"));
}

void SqliteStatement::BindNext(int64_t value) {
  Keep(sqlite3_bind_int64(handle_, ++bound_, value));
}

void SqliteStatement::BindNext(uint64_t value) {
  if (value > std::numeric_limits<int64_t>::max()) {
    const char* path = sqlite3_db_filename(sqlite3_db_handle(handle_), "main");
    status_.Update(absl::OutOfRangeError(absl::StrCat(path, ": cannot hold the number ", value)));
  }
  BindNext(static_cast<int64_t>(value));
}

void SqliteStatement::BindNext(double value) {
  Keep(sqlite3_bind_double(handle_, ++bound_, value));
}

void SqliteStatement::BindNext(std::optional<int64_t> value) {
  if (value.has_value()) return BindNext(*value);
  Keep(sqlite3_bind_null(handle_, ++bound_));
}

void SqliteStatement::BindNext(std::string_view text) {
  // A null pointer would be NULL instead of empty.
  const char* data = text.empty() ? "" : text.data();
  Keep(sqlite3_bind_text64(handle_, ++bound_, data, text.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}

void SqliteStatement::BindNext(SqliteBlob blob) {
  const char* data = blob.bytes.empty() ? "" : blob.bytes.data();
  Keep(sqlite3_bind_blob64(handle_, ++bound_, data, blob.bytes.size(), SQLITE_TRANSIENT));
}

absl::StatusOr<bool> SqliteStatement::Step() {
  RETURN_IF_ERROR(status_);
  switch (sqlite3_step(handle_)) {
    case SQLITE_ROW:
      return true;
    case SQLITE_DONE:
      return false;
    default:
      return StatementError(handle_, "cannot run a statement");
  }
}

absl::Status SqliteStatement::Run() { return Step().status(); }

int64_t SqliteStatement::Integer(int column) const { return sqlite3_column_int64(handle_, column); }

std::optional<int64_t> SqliteStatement::OptionalInteger(int column) const {
  if (sqlite3_column_type(handle_, column) == SQLITE_NULL) return std::nullopt;
  return Integer(column);
}

double SqliteStatement::Real(int column) const { return sqlite3_column_double(handle_, column); }

std::string SqliteStatement::Text(int column) const {
  const void* data = sqlite3_column_blob(handle_, column);
  const size_t size = static_cast<size_t>(sqlite3_column_bytes(handle_, column));
  return data == nullptr ? "" : std::string(static_cast<const char*>(data), size);
}

absl::StatusOr<std::unique_ptr<SqliteDatabase>> SqliteDatabase::Open(const std::string& path,
                                                                     int32_t application_id) {
  sqlite3* handle = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  // The handle is there to be asked and closed even if opening has failed.
  std::unique_ptr<SqliteDatabase> database(new SqliteDatabase(handle, path));
  if (code != SQLITE_OK) return SqliteError(handle, "cannot open the database", path);
  sqlite3_busy_timeout(handle, kBusyTimeoutMs);
  ASSIGN_OR_RETURN(const bool marked, database->HasMark(application_id));
  RETURN_IF_ERROR(database->Configure());
  if (!marked) {
    RETURN_IF_ERROR(database->Execute(absl::StrCat("PRAGMA application_id = ", application_id)));
  }
  return database;
}

SqliteDatabase::~SqliteDatabase() { sqlite3_close_v2(handle_); }

absl::StatusOr<bool> SqliteDatabase::HasMark(int32_t application_id) {
  ASSIGN_OR_RETURN(const int64_t mark, QueryInteger("PRAGMA application_id"));
  if (mark == application_id) return true;
  ASSIGN_OR_RETURN(const int64_t objects, QueryInteger("SELECT count(*) FROM sqlite_schema"));
  if (mark == 0 && objects == 0) return false;
  return absl::FailedPreconditionError(
      absl::StrCat(path_, ": is the database of another program; move it away"));
}

absl::Status SqliteDatabase::Configure() {
  RETURN_IF_ERROR(
      Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON"));
  ASSIGN_OR_RETURN(SqliteStatement mode, Prepare("PRAGMA journal_mode"));
  RETURN_IF_ERROR(mode.Run());
  if (mode.Text(0) == "wal") return absl::OkStatus();
  return absl::InternalError(
      absl::StrCat(path_, ": its file system takes no write-ahead log; use a local disk"));
}

absl::Status SqliteDatabase::Execute(const std::string& sql) {
  if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) {
    return absl::OkStatus();
  }
  return SqliteError(handle_, "cannot run a statement", path_);
}

absl::StatusOr<SqliteStatement> SqliteDatabase::Prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int size = static_cast<int>(sql.size());
  if (sqlite3_prepare_v2(handle_, sql.data(), size, &statement, nullptr) != SQLITE_OK) {
    return SqliteError(handle_, "cannot prepare a statement", path_);
  }
  return SqliteStatement(statement);
}

absl::StatusOr<int64_t> SqliteDatabase::QueryInteger(std::string_view sql) {
  ASSIGN_OR_RETURN(SqliteStatement statement, Prepare(sql));
  ASSIGN_OR_RETURN(const bool row, statement.Step());
  if (!row) return absl::InternalError(absl::StrCat(path_, ": no row: ", AbslView(sql)));
  return statement.Integer(0);
}

absl::Status SqliteDatabase::Transaction(const std::function<absl::Status()>& body) {
  RETURN_IF_ERROR(Execute("BEGIN IMMEDIATE"));
  absl::Cleanup rollback = [this] {
    // After some errors, a full disk among them, SQLite has rolled back by itself.
    if (sqlite3_get_autocommit(handle_) == 0) Execute("ROLLBACK").IgnoreError();
  };
  RETURN_IF_ERROR(body());
  return Execute("COMMIT");
}

}  // namespace outerloop::coordinator
