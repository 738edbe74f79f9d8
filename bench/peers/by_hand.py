"""A scoring service as people write it by hand: FastAPI, a DataFrame per request, the fitted pipeline."""

import os

import joblib
import pandas as pd
from fastapi import FastAPI
from pydantic import BaseModel

model = joblib.load(os.environ["BENCH_MODEL"])
THRESHOLD = 0.25
app = FastAPI()


class Ask(BaseModel):
    """Rows to decide."""

    rows: list[dict[str, float | str | None]]


@app.post("/decide")
def decide(ask: Ask) -> dict[str, list[dict[str, float | str]]]:
    """Score rows and decide them."""
    scores = model.predict_proba(pd.DataFrame(ask.rows))[:, 1]
    decisions = ["decline" if score >= THRESHOLD else "approve" for score in scores]
    return {"decisions": [{"score": float(s), "decision": d} for s, d in zip(scores, decisions, strict=True)]}
