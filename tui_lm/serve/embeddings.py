"""/v1/embeddings, where the model is a table of word vectors. Nothing is learned from requests, and none is logged."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tui_lm.checkpoint import SavedModel
from tui_lm.serve import request as requests
from tui_lm.serve import shapes
from tui_lm.serve.application import body_of, guarded, protected
from tui_lm.serve.refusal import Refusal
from tui_lm.tokenizers.vocabulary import words_of
from tui_lm.vectors.words import Floats, Words

MOST_TEXTS = 2048  # of a request, as OpenAI allows
FORMATS = ("float", "base64")


def create(model: SavedModel, token: str, port: int) -> Starlette:
    """The application that serves the word vectors of `model`."""
    api = _Api(model)
    routes = [
        Route("/v1/models", guarded(api.models)),
        Route("/v1/models/{name}", guarded(api.model)),
        Route("/v1/embeddings", guarded(api.embeddings), methods=["POST"]),
    ]
    return protected(routes, token, port)


class _Api:
    def __init__(self, model: SavedModel) -> None:
        self._name, self._words = model.card.name, Words.of(model)

    async def models(self, request: Request) -> Response:
        return JSONResponse({"object": "list", "data": [shapes.model_entry(self._name)]})

    async def model(self, request: Request) -> Response:
        if request.path_params["name"] != self._name:
            raise _other_model()
        return JSONResponse(shapes.model_entry(self._name))

    async def embeddings(self, request: Request) -> Response:
        body = requests.parse(await body_of(request))
        texts = _texts(body)
        if body.get("model") not in (None, self._name):
            raise _other_model()
        form = body.get("encoding_format") or FORMATS[0]
        if form not in FORMATS:
            raise Refusal(400, "encoding_format must be float or base64", parameter="encoding_format")
        if body.get("dimensions") not in (None, self._words.matrix.shape[1]):
            raise Refusal(400, "the number of dimensions cannot be changed", parameter="dimensions")
        rows, count = [], 0
        for index, text in enumerate(texts):
            vector, words = self._embedded(text, index)
            count += words
            value = base64.b64encode(vector.astype("<f4").tobytes()).decode() if form == "base64" else vector.tolist()
            rows.append({"object": "embedding", "index": index, "embedding": value})
        usage = {"prompt_tokens": count, "total_tokens": count}
        return JSONResponse({"object": "list", "model": self._name, "data": rows, "usage": usage})

    def _embedded(self, text: str, index: int) -> tuple[Floats, int]:
        """The mean of the vectors of a text's words, each at length 1, at length 1; and how many words have one.

        A text that is a word of the table as a whole, such as a phrase, has that word's vector.
        """
        words = [text] if text in self._words.ids else words_of(text, lowercase=False)
        found = [vector for word in words if (vector := self._words.find(word)) is not None and vector.any()]
        total = np.sum([vector / np.linalg.norm(vector) for vector in found], axis=0) if found else np.zeros(1)
        length = float(np.linalg.norm(total))
        if not length:
            raise Refusal(400, f"no word of the input with index {index} has a vector", parameter="input")
        unit: Floats = (total / length).astype(np.float32)
        return unit, len(found)


def _texts(body: Mapping[str, Any]) -> list[str]:
    texts = body.get("input")
    texts = [texts] if isinstance(texts, str) else texts
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
        raise Refusal(400, "input must be a string or a list of strings", parameter="input")
    if len(texts) > MOST_TEXTS:
        raise Refusal(400, f"at most {MOST_TEXTS} texts can be asked for at once", parameter="input")
    return texts


def _other_model() -> Refusal:
    return Refusal(404, "this model is not served; /v1/models lists the one that is", code="model_not_found")
