# What becomes of specifications and scores: pure functions beside the state machine.
outerloop_library(coordinator_identifier SRCS identifier.cc HDRS identifier.h)

outerloop_library(coordinator_complete_spec UNITY
  SRCS complete_episode.cc complete_evaluation.cc complete_fields.cc complete_spec.cc field_checks.cc
  HDRS complete_episode.h complete_fields.h complete_spec.h field_checks.h
  DEPS common_refusal common_status_macros coordinator_identifier data_episode_kind
    data_episode_sizes outerloop_proto absl::status absl::statusor absl::strings)

outerloop_library(coordinator_check_model SRCS check_model.cc HDRS check_model.h
  DEPS common_example_shape common_network_shape common_refusal common_status_macros
    outerloop_proto absl::status absl::strings)

outerloop_library(coordinator_select_checkpoint
  SRCS select_checkpoint.cc HDRS select_checkpoint.h
  DEPS coordinator_records absl::statusor absl::strings)

outerloop_library(coordinator_summary SRCS summary.cc HDRS summary.h
  DEPS common_mean_and_interval coordinator_records outerloop_proto)

outerloop_test(coordinator_identifier_test SRCS identifier_test.cc DEPS coordinator_identifier)
outerloop_test(coordinator_complete_spec_test
  SRCS complete_spec_test.cc complete_spec_refusals_test.cc test_specs.h
  DEPS coordinator_complete_spec absl::flat_hash_set)
outerloop_test(coordinator_check_model_test SRCS check_model_test.cc DEPS coordinator_check_model)
outerloop_test(coordinator_summary_test SRCS summary_test.cc DEPS coordinator_summary)
