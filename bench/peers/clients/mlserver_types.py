"""MLServer's types and codecs: a DataFrame out, a DataFrame back. Called with an address and a file of rows."""

import json
import sys
from urllib.request import Request, urlopen

import pandas as pd
from mlserver.codecs import PandasCodec
from mlserver.types import InferenceResponse, MetadataModelResponse

url, path = sys.argv[1:]
with open(path) as file:
    table = pd.DataFrame(json.load(file))
table = table.astype({name: object for name in table if not pd.api.types.is_numeric_dtype(table[name])})
with urlopen(f"{url}/v2/models/churn") as reply:
    MetadataModelResponse.model_validate_json(reply.read())
body = PandasCodec.encode_request(table).model_dump_json(exclude_none=True).encode()
headers = {"content-type": "application/json"}
with urlopen(Request(f"{url}/v2/models/churn/infer", data=body, headers=headers)) as reply:
    told = PandasCodec.decode_response(InferenceResponse.model_validate_json(reply.read()))
print(json.dumps({"scores": told["score"].tolist(), "decisions": told["decision"].tolist()}))
