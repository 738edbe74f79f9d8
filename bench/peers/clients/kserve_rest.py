"""KServe's client. Called with an address and a file of rows."""

import asyncio
import json
import sys

import numpy as np
from kserve import InferenceRESTClient, InferInput, InferRequest, RESTConfig

url, path = sys.argv[1:]
with open(path) as file:
    rows = json.load(file)


async def ask() -> None:
    client = InferenceRESTClient(RESTConfig(protocol="v2"))
    assert await client.is_server_ready(url)
    assert await client.is_model_ready(url, "churn")
    inputs = []
    for name in rows[0]:
        is_text = any(isinstance(row[name], str) for row in rows)
        tensor = InferInput(name, [len(rows), 1], "BYTES" if is_text else "FP64")
        array = np.array([[row[name]] for row in rows], dtype=np.object_ if is_text else np.float64)
        tensor.set_data_from_numpy(array, binary_data=not is_text)
        inputs.append(tensor)
    request = InferRequest("churn", inputs, parameters={"binary_data_output": True})
    answer = await client.infer(url, request, model_name="churn")
    told = {output.name: output.as_numpy().tolist() for output in answer.outputs}
    decisions = [word.decode() if isinstance(word, bytes) else word for word in told["decision"]]
    print(json.dumps({"scores": told["score"], "decisions": decisions}))


asyncio.run(ask())
