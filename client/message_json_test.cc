#include "client/message_json.h"

#include "gtest/gtest.h"
#include "outerloop/v1/job_service.pb.h"

namespace outerloop::client {
namespace {

TEST(MessageJsonTest, WritesNumbersEnumsAndTimesPlainly) {
  v1::Job job;
  job.set_job_id("j");
  job.set_state(v1::RUNNING);
  job.set_step(1ull << 60);
  job.mutable_created()->set_seconds(1);
  job.mutable_spec()->mutable_model()->mutable_mlp()->add_hidden(40);
  EXPECT_EQ(MessageToJson(job, JsonFields::kSet).dump(),
            R"({"job_id":"j","spec":{"model":{"mlp":{"hidden":[40]}}},"state":"RUNNING",)"
            R"("step":1152921504606846976,"created":"1970-01-01T00:00:01Z"})");
}

TEST(MessageJsonTest, AddsZerosButNoUnsetOptionalFields) {
  EXPECT_EQ(MessageToJson(v1::EvaluationSpec(), JsonFields::kAll).dump(),
            R"({"split":"SPLIT_UNSPECIFIED","inner_steps":[]})");
}

TEST(MessageJsonTest, ReplacesBytesThatAreNotUtf8) {
  EXPECT_EQ(JsonToString(Json("a\xff")), "\"a\xef\xbf\xbd\"\n");
}

TEST(MessageJsonTest, WritesALineForReadersOfLines) {
  EXPECT_EQ(JsonToLine({{"a", {1, 2}}, {"b", "x\ny\xff"}}),
            "{\"a\":[1,2],\"b\":\"x\\ny\xef\xbf\xbd\"}\n");
}

}  // namespace
}  // namespace outerloop::client
