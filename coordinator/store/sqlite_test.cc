#include "coordinator/store/sqlite.h"

#include <cstdint>
#include <fstream>
#include <limits>
#include <string>

#include "common/test_folder.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outerloop::coordinator {
namespace {

using ::testing::HasSubstr;

constexpr int32_t kMark = 0x74657374;

class SqliteTest : public testing::Test {
 protected:
  void SetUp() override {
    auto database = SqliteDatabase::Open(folder_ / "test.db", kMark);
    ASSERT_TRUE(database.ok()) << database.status();
    database_ = *std::move(database);
    ASSERT_TRUE(database_->Execute("CREATE TABLE t (id INTEGER UNIQUE, value ANY)").ok());
  }

  absl::Status Insert(int64_t id, std::string_view text) {
    auto statement = database_->Prepare("INSERT INTO t VALUES (?, ?)");
    return statement.ok() ? statement->Bind(id, text).Run() : statement.status();
  }

  int64_t Count() { return database_->QueryInteger("SELECT count(*) FROM t").value(); }

  TestFolder folder_;
  std::unique_ptr<SqliteDatabase> database_;
};

TEST_F(SqliteTest, KeepsIntegersTextBlobsAndNull) {
  const std::string bytes("a\0b\xff", 4);
  auto statement = database_->Prepare("SELECT ?, ?, ?, ?, ?, ?");
  ASSERT_TRUE(statement.ok()) << statement.status();
  statement->Bind(std::numeric_limits<int64_t>::min(), uint64_t{7}, "text", SqliteBlob{bytes},
                  std::optional<int64_t>(), "");
  ASSERT_TRUE(statement->Step().value());
  EXPECT_EQ(statement->Integer(0), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(statement->OptionalInteger(1), 7);
  EXPECT_EQ(statement->Text(2), "text");
  EXPECT_EQ(statement->Text(3), bytes);
  EXPECT_EQ(statement->OptionalInteger(4), std::nullopt);
  EXPECT_EQ(statement->Text(5), "");
  EXPECT_FALSE(statement->Step().value());
}

TEST_F(SqliteTest, RefusesAnIntegerThatSqliteCannotHold) {
  auto statement = database_->Prepare("SELECT ?");
  ASSERT_TRUE(statement.ok());
  EXPECT_EQ(statement->Bind(uint64_t{1} << 63).Step().status().code(),
            absl::StatusCode::kOutOfRange);
}

TEST_F(SqliteTest, RefusesMoreValuesThanParameters) {
  auto statement = database_->Prepare("SELECT ?");
  ASSERT_TRUE(statement.ok());
  EXPECT_EQ(statement->Bind(1, 2).Step().status().code(), absl::StatusCode::kInternal);
}

TEST_F(SqliteTest, SyncsFullyIntoAWriteAheadLogAndEnforcesForeignKeys) {
  EXPECT_EQ(database_->QueryInteger("PRAGMA synchronous").value(), 2);
  EXPECT_EQ(database_->QueryInteger("PRAGMA foreign_keys").value(), 1);
  EXPECT_EQ(database_->QueryInteger("PRAGMA application_id").value(), kMark);
  EXPECT_TRUE(std::filesystem::exists(folder_ / "test.db-wal"));
}

TEST_F(SqliteTest, ErrorsNameTheFileAndTheCause) {
  const absl::Status status = database_->Execute("INSERT INTO nowhere VALUES (1)");
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(status.message(), HasSubstr(folder_ / "test.db"));
  EXPECT_THAT(status.message(), HasSubstr("no such table: nowhere"));
}

TEST_F(SqliteTest, CommitsATransaction) {
  ASSERT_TRUE(database_->Transaction([&] { return Insert(1, "one"); }).ok());
  EXPECT_EQ(Count(), 1);
}

TEST_F(SqliteTest, RollsBackATransactionThatFailsAndGoesOn) {
  const absl::Status status = database_->Transaction([&] {
    EXPECT_TRUE(Insert(1, "one").ok());
    return Insert(1, "one again");
  });
  EXPECT_THAT(status.message(), HasSubstr("UNIQUE constraint failed"));
  EXPECT_EQ(Count(), 0);
  EXPECT_TRUE(database_->Transaction([&] { return Insert(1, "one"); }).ok());
  EXPECT_EQ(Count(), 1);
}

TEST_F(SqliteTest, RollsBackATransactionWhoseCommitFails) {
  ASSERT_TRUE(database_
                  ->Execute("CREATE TABLE child (id REFERENCES t (id) "
                            "DEFERRABLE INITIALLY DEFERRED)")
                  .ok());
  EXPECT_FALSE(
      database_->Transaction([&] { return database_->Execute("INSERT INTO child VALUES (9)"); })
          .ok());
  EXPECT_EQ(database_->QueryInteger("SELECT count(*) FROM child").value(), 0);
  EXPECT_TRUE(database_->Transaction([&] { return Insert(1, "one"); }).ok());
}

TEST_F(SqliteTest, AFullDatabaseIsResourceExhaustedAndWritesNothing) {
  ASSERT_TRUE(Insert(1, "one").ok());
  const int64_t pages = database_->QueryInteger("PRAGMA page_count").value();
  ASSERT_TRUE(database_->Execute("PRAGMA max_page_count = " + std::to_string(pages + 2)).ok());
  const absl::Status status = database_->Transaction([&] {
    EXPECT_TRUE(Insert(2, "two").ok());
    return Insert(3, std::string(1 << 20, 'x'));
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
  EXPECT_THAT(status.message(), HasSubstr("free some space"));
  EXPECT_EQ(Count(), 1);
  ASSERT_TRUE(database_->Execute("PRAGMA max_page_count = 1000000").ok());
  EXPECT_TRUE(database_->Transaction([&] { return Insert(3, std::string(1 << 20, 'x')); }).ok());
  EXPECT_EQ(Count(), 2);
}

TEST_F(SqliteTest, DoesNotTouchAFileThatIsNoDatabase) {
  const std::string path = folder_ / "notes.txt";
  const std::string content(5000, 'n');
  std::ofstream(path) << content;
  const absl::Status status = SqliteDatabase::Open(path, kMark).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
  EXPECT_THAT(status.message(), HasSubstr(path));
  std::ifstream file(path);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), content);
}

TEST_F(SqliteTest, RefusesTheDatabaseOfAnotherProgram) {
  const absl::Status status = SqliteDatabase::Open(folder_ / "test.db", kMark + 1).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
  EXPECT_THAT(status.message(), HasSubstr("another program"));
}

TEST_F(SqliteTest, RefusesAnUnmarkedDatabaseThatHoldsSomething) {
  ASSERT_TRUE(database_->Execute("PRAGMA application_id = 0").ok());
  EXPECT_EQ(SqliteDatabase::Open(folder_ / "test.db", kMark).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_F(SqliteTest, AFolderThatIsMissingIsNamed) {
  const absl::Status status = SqliteDatabase::Open(folder_ / "none/test.db", kMark).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal) << status;
  EXPECT_THAT(status.message(), HasSubstr("none/test.db"));
}

}  // namespace
}  // namespace outerloop::coordinator
