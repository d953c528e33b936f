"""What a learner's cells put out, made safe to show: plain text and pictures of known form, bounded."""

from __future__ import annotations

import base64
import binascii
from typing import Any

_TEXT = 20_000
_PICTURES = {"image/png": b"\x89PNG", "image/jpeg": b"\xff\xd8"}


def safe_outputs(outputs: object) -> list[dict[str, Any]]:
    """The outputs in nbformat's form with text and pictures only.

    HTML, SVG, JavaScript and the like are dropped: every rich value comes with its plain text, and that is shown.
    """
    if not isinstance(outputs, list):
        return []
    return [safe for output in outputs[:200] if isinstance(output, dict) and (safe := _safe(output))]


def _safe(output: dict[str, Any]) -> dict[str, Any] | None:
    match output.get("output_type"):
        case "stream":
            name = "stderr" if output.get("name") == "stderr" else "stdout"
            return {"output_type": "stream", "name": name, "text": _text(output.get("text"))}
        case "error":
            traceback = output.get("traceback")
            lines = [_text(line) for line in traceback[:60]] if isinstance(traceback, list) else []
            return error(_text(output.get("ename"), 200), _text(output.get("evalue"), 2000), lines)
        case "display_data" | "execute_result" as kind:
            data = output.get("data")
            kept = _safe_data(data) if isinstance(data, dict) else {}
            safe: dict[str, Any] = {"output_type": kind, "data": kept, "metadata": {}}
            if kind == "execute_result":
                count = output.get("execution_count")
                safe["execution_count"] = count if isinstance(count, int) else None
            return safe if kept else None
    return None


def _safe_data(data: dict[str, Any]) -> dict[str, str]:
    kept = {}
    if isinstance(text := data.get("text/plain"), str):
        kept["text/plain"] = _text(text)
    for mime, start in _PICTURES.items():
        if isinstance(picture := data.get(mime), str):
            try:
                decoded = base64.b64decode(picture, validate=False)
            except (binascii.Error, ValueError):
                continue
            if decoded.startswith(start):
                kept[mime] = base64.b64encode(decoded).decode()
    return kept


def error(name: str, value: str, traceback: list[str] | None = None) -> dict[str, Any]:
    """An error output."""
    return {"output_type": "error", "ename": name, "evalue": value, "traceback": traceback or [f"{name}: {value}"]}


def _text(value: object, limit: int = _TEXT) -> str:
    # Half a surrogate pair cannot be written to a file.
    text = value[: limit + 1].encode("utf-8", "replace").decode() if isinstance(value, str) else ""
    return text if len(text) <= limit else text[:limit] + "\n[cut here]"
