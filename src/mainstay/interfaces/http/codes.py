"""What every code and limit of the contract means, in a sentence; the contract and the page for people tell them."""

from __future__ import annotations

from mainstay.domain.limits import LIMITS, Limits

MAX_ID = 200  # the room that holds it cannot be asked from here: a test compares
MOST_EXPLAINED, MOST_SEARCHED = 100, 10

ROW_CODES = {  # of one value: a warning, or a fault where the model's fields refuse it
    "absent": "The column is not in the row.",
    "missing": "The value is null or a word for missing, where training saw none missing or the brief has a default.",
    "not-finite": "NaN or an infinity came; it is taken as missing.",
    "converted": "Another type that says the same came, such as the text 12 for the number 12.",
    "unseen-level": "A level that training never saw.",
    "out-of-range": "A number or a date outside what training saw, or what the brief allows.",
    "wrong-type": "The value cannot be read as the field wants it.",
    "matched-level": "A known level, or another word for one, but for case or spaces; the known one is used.",
    "truncated": "A text was cut to the longest that is read.",
    "renamed": "The column was spelled otherwise (case, spaces).",
    "more": "Further warnings or faults of the row, counted and not told one by one.",
}
WARNINGS = ROW_CODES | {
    "extra-column": "A column that training did not know; it is not used.",
    "fallback": "The model could not score this row; the brief's fallback decided.",
}
FAULTS = ROW_CODES | {
    "not-a-row": "The row, or the item, is not a JSON object.",
    "nothing-known": "Not one input of the row was understood.",
    "too-long": "A text beyond the limit of characters.",
    "too-many-columns": "Far more columns than training knew.",
    "bad-row": "The row is larger than the limit, nested too deeply, or no JSON.",
    "bad-id": f"The id is neither a text of 1 to {MAX_ID} characters nor a whole number.",
    "id-conflict": "The id was used for another row.",
    "model-failed": "The model could not score this row, and the brief names no fallback.",
}
TOLD_WARNINGS = {"in-future": "The moment lies more than five minutes ahead of this machine's clock; taken as said."}
PROBLEMS = {
    "not-json": "The body is not JSON.",
    "wrong-shape": "The body is JSON of another shape, or holds nothing.",
    "too-many": "More rows, outcomes or actions than the limit, or far more columns than training knew; more than "
    f"{MOST_EXPLAINED} rows with reasons, or {MOST_SEARCHED} with what would change them.",
    "body-too-large": "More bytes than the limit, as it came or unpacked.",
    "content-type": "A format that the path does not take.",
    "encoding": "A body compressed in another way than gzip, or damaged.",
    "not-csv": "The body is not CSV.",
    "not-a-table": "The body is no whole Arrow or Parquet table, or holds lists and the like.",
    "cross-origin": "A browser's page of another origin.",
    "no-key": "No key came, and this service wants one.",
    "unknown-key": "The key is none that was made here.",
    "expired-key": "The key held until a day that has passed.",
    "revoked-key": "The key was revoked.",
    "wrong-scope": "The key does not open this endpoint.",
    "wrong-model": "The key does not open this model.",
    "too-fast": "More requests than the key may send; Retry-After says when the next is taken.",
    "method": "Another method than the path answers to.",
    "unknown-path": "There is no such path.",
    "unknown-model": "There is no such model.",
    "too-slow": "The body did not arrive in time, or its rows take longer than the limit.",
    "too-busy": "Too much at once: connections, requests or unfinished bodies, or not enough memory.",
    "other-version": "Another version is live than `expected_version` names; `version` says which.",
    "not-deployed": "The model has no version that answers.",
    "not-journalled": "What would be answered cannot be kept; nothing was answered.",
    "no-row-answered": "No row could be answered; each entry says why.",
    "nothing-taken": "No item could be taken; each error says why.",
    "id-conflict": FAULTS["id-conflict"],
    "model-failed": "The model failed on every row, and the brief names no fallback.",
    "refused": "Refused for the reason given.",
    "own-fault": "The service itself failed.",
}
IDS = (
    "An id names one decision of a model. Send your own, or none (or null) to have one made. The same id with the same "
    "row gets the same answer again, marked `repeated`, and is kept once: retry freely. The same id with another row "
    "is refused as `id-conflict` (409 where that is true of every row). This holds for the "
    "last 32,768 ids that a machine answered, whichever worker is asked; what is repeated later, or on another "
    "machine, is decided anew, and the first of an id to reach the journal counts."
)
STRICT = "Refuse a row instead of repairing it: every warning that changes what the model reads is a fault."
ABOUT = (
    "Rows in, decisions out. Where keys were made, every request but those for health carries one: "
    "`Authorization: Bearer KEY`, or `x-api-key`. Ids belong to the caller that a key was made for. Without keys the "
    "service answers on its own machine only, unless it was started with `--insecure-host`. Every reply carries "
    "`x-request-id`: the caller's, or one made here. Decisions are asked for with JSON, or with a table by its "
    "`content-type`: CSV, JSON lines, Arrow or Parquet; any body may be packed with gzip. "
)
WISHES = {
    "ids": "Of a table: the column that holds the ids.",
    "strict": f"Of a table: {STRICT}",
    "expected_version": "Of a table: the version that shall answer, and no other.",
    "dry_run": "Of a table: answer, and keep nothing.",
    "explain": "Of a table: give reasons.",
}


def about(limits: Limits = LIMITS) -> str:
    """Return what a caller should know of the service before anything else."""
    return (
        f"{ABOUT}Limits of one request: {limits.rows:,} rows of at most {limits.row_bytes:,} bytes each, "
        f"{limits.items:,} outcomes or actions, {limits.body_bytes:,} bytes, {limits.body_s:g} seconds to arrive."
    )


def explained(codes: dict[str, str]) -> dict[str, object]:
    """Return the JSON Schema of a code: its words, and a sentence for each.

    >>> explained({"absent": "Not there."})
    {'type': 'string', 'enum': ['absent'], 'description': '`absent`: Not there.'}
    """
    said = "\n".join(f"`{code}`: {sentence}" for code, sentence in codes.items())
    return {"type": "string", "enum": list(codes), "description": said}
