"""What MLflow's own client finds of an experiment and a registered model, as JSON.

read.py EXPERIMENT MODEL
"""

import json
import sys

from mlflow import MlflowClient
from mlflow.data.dataset_source_registry import get_dataset_source_from_json

experiment_name, model = sys.argv[1:]
client = MlflowClient()
experiment = client.get_experiment_by_name(experiment_name)


def files(run_id, folder=None):
    found = []
    for entry in client.list_artifacts(run_id, folder):
        found += files(run_id, entry.path) if entry.is_dir else [entry.path]
    return sorted(found)


def source_of(dataset):
    source = get_dataset_source_from_json(dataset.source, dataset.source_type)
    return getattr(source, "uri", None) or type(source).__name__


runs = {}
for run in client.search_runs([experiment.experiment_id]):
    runs[run.info.run_name] = {
        "id": run.info.run_id,
        "status": run.info.status,
        "seconds": (run.info.end_time - run.info.start_time) / 1000,
        "params": dict(run.data.params),
        "metrics": dict(run.data.metrics),
        "curve": {
            key: [[m.step, m.value] for m in sorted(client.get_metric_history(run.info.run_id, key), key=lambda m: (m.step, m.timestamp))]
            for key in run.data.metrics
        },
        "tags": dict(run.data.tags),
        "files": files(run.info.run_id),
        "inputs": [
            {
                "name": entry.dataset.name,
                "digest": entry.dataset.digest,
                "source": source_of(entry.dataset),
                "context": {tag.key: tag.value for tag in entry.tags}["mlflow.data.context"],
            }
            for entry in run.inputs.dataset_inputs
        ],
    }

versions = [
    {"version": v.version, "run_id": v.run_id, "source": v.source, "tags": dict(v.tags)}
    for v in client.search_model_versions(f"name = '{model}'")
]
aliases = dict(client.get_registered_model(model).aliases) if versions else {}
json.dump({"runs": runs, "versions": versions, "aliases": aliases}, sys.stdout)
