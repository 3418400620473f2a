"""That the layering check can fail: each rule is broken once in a tree of its own."""

import os
import tempfile
import unittest

import layering

HEADER_THAT_REACHES_GRPC = {"common/grpc_status.h": '#include "grpcpp/support/status.h"\n'}


class LayeringTest(unittest.TestCase):
    def violations(self, files):
        with tempfile.TemporaryDirectory() as root:
            for path, text in files.items():
                full = os.path.join(root, path)
                os.makedirs(os.path.dirname(full), exist_ok=True)
                with open(full, "w", encoding="utf-8") as file:
                    file.write(text)
            found, looked_at = layering.check(root)
        self.assertEqual(looked_at, len(files))
        return found

    def assert_refused(self, files, path, what):
        found = self.violations(files)
        self.assertEqual(len(found), 1, found)
        self.assertTrue(found[0].startswith(path + ":"), found)
        self.assertIn(what, found[0])

    def test_accepts_what_the_design_allows(self):
        self.assertEqual(self.violations({
            "common/sha256.h": "#include <string>\n",
            "data/task.h": '#include "common/sha256.h"\n#include "outerloop/v1/job.pb.h"\n',
            "meta/maml.cc": '#include "torch/torch.h"\n#include "common/sha256.h"\n',
            "meta/maml_test.cc": '#include <thread>\n#include "gtest/gtest.h"\n',
            "worker/trainer.cc": '#include "meta/maml.h"\n#include "data/task.h"\n',
            "coordinator/main.cc": '#include "data/task.h"\n#include "grpcpp/server.h"\n',
            "client/client.cc": '#include "outerloop/v1/job_service.grpc.pb.h"\n',
            "proto/outerloop/v1/job.proto": 'import "google/protobuf/timestamp.proto";\n',
        }), [])

    def test_reports_the_line(self):
        self.assert_refused({"coordinator/core.cc": '#include <string>\n#include "torch/torch.h"\n'},
                            "coordinator/core.cc:2", "may not include torch")

    def test_refuses_torch_in_the_client(self):
        self.assert_refused({"client/a.h": "#include <torch/torch.h>\n"}, "client/a.h", "torch")

    def test_refuses_libtorchs_other_folders_too(self):
        self.assert_refused({"data/a.cc": '#include "c10/util/Exception.h"\n'}, "data/a.cc", "torch")

    def test_refuses_messages_in_meta(self):
        self.assert_refused({"meta/a.cc": '#include "outerloop/v1/job_service.grpc.pb.h"\n'},
                            "meta/a.cc", "grpc")

    def test_refuses_grpc_in_meta_at_a_distance(self):
        self.assert_refused({**HEADER_THAT_REACHES_GRPC,
                             "meta/a.cc": '#include "common/grpc_status.h"\n'},
                            "meta/a.cc", "grpc, but does by common/grpc_status.h")

    def test_refuses_files_and_threads_in_meta(self):
        self.assert_refused({"meta/a.cc": "#include <fstream>\n"}, "meta/a.cc", "files")
        self.assert_refused({"meta/a.cc": "#include <thread>\n"}, "meta/a.cc", "threads")
        self.assert_refused({"meta/a.cc": '#include "absl/synchronization/mutex.h"\n'}, "meta/a.cc",
                            "threads")
        self.assert_refused({"meta/a.cc": '#include "common/atomic_file.h"\n'}, "meta/a.cc", "files")

    def test_refuses_a_higher_folder(self):
        for lower, higher in [("common", "data"), ("data", "meta"), ("data", "coordinator"),
                              ("coordinator", "worker"), ("worker", "coordinator"),
                              ("client", "coordinator"), ("worker", "client")]:
            with self.subTest(lower=lower, higher=higher):
                self.assert_refused({f"{lower}/a.cc": f'#include "{higher}/b.h"\n'}, f"{lower}/a.cc",
                                    f"may not include {higher}")

    def test_refuses_a_test_helper_in_what_is_shipped(self):
        self.assert_refused({"meta/ops/layer_testing.h": '#include "gtest/gtest.h"\n',
                             "meta/ops/relu_test.cc": '#include "meta/ops/layer_testing.h"\n',
                             "meta/ops/relu.cc": '#include "meta/ops/layer_testing.h"\n'},
                            "meta/ops/relu.cc", "may not reach gtest")

    def test_refuses_a_library_that_nobody_listed(self):
        self.assert_refused({"common/a.cc": '#include "folly/String.h"\n'}, "common/a.cc",
                            "no known library")

    def test_refuses_an_include_that_is_not_from_the_root(self):
        self.assert_refused({"worker/a.cc": '#include "trainer.h"\n'}, "worker/a.cc", "root")

    def test_refuses_a_foreign_import_in_proto(self):
        self.assert_refused({"proto/outerloop/v1/a.proto": 'import "google/api/http.proto";\n'},
                            "proto/outerloop/v1/a.proto", "http.proto")


if __name__ == "__main__":
    unittest.main()
