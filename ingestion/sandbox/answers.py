"""JSON answers. A vendor's server is never what a load waits for, so neither may ours be."""

import orjson
from starlette import responses


class JSONResponse(responses.JSONResponse):
    """Starlette's, several times faster."""

    def render(self, content: object) -> bytes:
        """The content as UTF-8 bytes."""
        return orjson.dumps(content)
