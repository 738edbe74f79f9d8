"""`mainstay client`: write a client of a model in another language, or the contract for generators."""

from __future__ import annotations

import json
from pathlib import Path

import click

from mainstay.interfaces.cli import options
from mainstay.interfaces.cli.show import answer, next_step, print_json
from mainstay.interfaces.http.documents import document
from mainstay.workflows.clients import LANGUAGES, routes_of, write_client, write_text
from mainstay.workflows.place import home_and_model, live_or_newest

CONTRACT = "openapi"
THEN = {
    "typescript": "put it among your sources; it needs no package",
    "java": "put it among your sources, with your package's name on top; it needs no library",
    "csharp": "put it among your sources; it needs no package",
    "go": "put it into a folder of its own; it needs no module",
    "python": "put it anywhere; it needs no package",
    CONTRACT: "give it to a generator, such as openapi-generator-cli generate -g ruby -i FILE",
}


@click.command()
@click.option("--lang", "language", required=True, type=click.Choice([*LANGUAGES, CONTRACT]), help="Which language.")
@click.option("--out", default=".", show_default=True, type=click.Path(file_okay=False), help="The folder to write to.")
@options.model
@options.project
@options.as_json
def client(language: str, out: str, model_name: str | None, project: str, as_json: bool) -> None:
    """Write a client of a model in another language."""
    home, model = home_and_model(Path(project), model_name)
    name = live_or_newest(home, model)
    if language == CONTRACT:
        text = json.dumps(document(routes_of(home, name)), ensure_ascii=False, indent=2)
        path = write_text(Path(out) / f"{model}-openapi.json", text)
    else:
        path = write_client(home, name, language, Path(out))
    if as_json:
        print_json({"version": str(name), "language": language, "path": str(path)})
        return
    answer(f"Wrote {path} for {name}.")
    next_step(f"{THEN[language]}; docs/calling.md shows a call")
