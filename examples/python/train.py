"""Trains a job and prints its loss as it goes, on stubs that docs/client.md says how to make.

usage: train.py HOST:PORT
"""

import sys
import uuid

import grpc
from google.protobuf import json_format

from outerloop.v1 import job_pb2, job_service_pb2, job_service_pb2_grpc

# As in a job file.
JOB = {
    "name": "from-python",
    "dataset": {"name": "strokes", "split": {"random": {"train": 40, "validation": 10, "test": 10}}},
    "episode": {"classification": {"ways": 5, "shots": 1, "queries": 2}},
    "model": {"conv4": {"filters": 8}},
    "algorithm": {"maml": {"inner_rate": 0.4}},
    "meta_optimizer": {"adam": {}},
    "training": {"steps": 20, "tasks_per_step": 8, "tasks_per_shard": 2},
}


def train(channel):
    """The job as it ended."""
    jobs = job_service_pb2_grpc.JobServiceStub(channel)
    # Sent again with the same id, a request has no second effect: calls may be repeated.
    request = job_service_pb2.SubmitJobRequest(request_id=str(uuid.uuid4()))
    json_format.ParseDict(JOB, request.spec)
    job = jobs.SubmitJob(request, timeout=20, wait_for_ready=True).job
    for update in jobs.WatchJob(job_service_pb2.WatchJobRequest(job_id=job.job_id)):
        for step in update.steps:
            print(f"step {step.step}: loss {step.loss:.4f}")
        job = update.job
    return job


def main(address):
    with grpc.insecure_channel(address) as channel:
        job = train(channel)
    print(job_pb2.JobState.Name(job.state), job.parameters_sha256)
    return 0 if job.state == job_pb2.SUCCEEDED else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
