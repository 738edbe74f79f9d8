"""MLflow's client of its own model server. Called with an address and a file of rows."""

import json
import sys

import pandas as pd
from mlflow.pyfunc.scoring_server.client import ScoringServerClient

url, path = sys.argv[1:]
with open(path) as file:
    table = pd.DataFrame(json.load(file))
host, port = url.removeprefix("http://").split(":")
client = ScoringServerClient(host, port)
client.wait_server_ready()
told = client.invoke(table).get_predictions()
print(json.dumps({"scores": told["score"].tolist(), "decisions": told["decision"].tolist()}))
