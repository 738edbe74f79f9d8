"""Triton's client: each column a tensor, sent and read in bytes. Called with an address and a file of rows."""

import json
import sys

import numpy as np
from tritonclient.http import InferenceServerClient, InferInput

url, path = sys.argv[1:]
with open(path) as file:
    rows = json.load(file)
client = InferenceServerClient(url.removeprefix("http://"))
types = {each["name"]: each["datatype"] for each in client.get_model_metadata("churn")["inputs"]}
inputs = []
for name in rows[0]:
    values = [row[name] for row in rows]
    array = np.array(values, dtype=np.float64 if types[name] == "FP64" else np.object_)
    tensor = InferInput(name, [len(rows)], types[name])
    tensor.set_data_from_numpy(array)
    inputs.append(tensor)
result = client.infer("churn", inputs)
decisions = [word.decode() for word in result.as_numpy("decision")]
print(json.dumps({"scores": result.as_numpy("score").tolist(), "decisions": decisions}))
