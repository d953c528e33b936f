"""An IPython shell that runs a notebook's cells and returns their outputs in nbformat's form."""

from __future__ import annotations

import io
import re
import sys
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

MAX_STREAM = 100_000
"""Characters of text kept of one cell's printed output; the rest is counted and dropped."""
MAX_OUTPUTS = 200
MAX_RICH = 4_000_000
"""Characters of one rich output, such as a plot; a larger one is dropped."""

_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


class Outputs:
    """What one cell has put out so far, bounded."""

    def __init__(self) -> None:
        self.items: list[dict[str, Any]] = []
        self._printed = 0

    def text(self, name: str, text: str) -> None:
        room = MAX_STREAM - self._printed
        self._printed += len(text)
        if room <= 0:
            return
        if len(text) > room:
            text = text[:room] + "\n[output cut here: the cell printed too much]\n"
        last = self.items[-1] if self.items else None
        if last and last["output_type"] == "stream" and last["name"] == name:
            last["text"] += text
        else:
            self.add({"output_type": "stream", "name": name, "text": text})

    def add(self, item: dict[str, Any]) -> None:
        if len(self.items) < MAX_OUTPUTS:
            self.items.append(item)

    def rich(self, kind: str, data: dict[str, Any], metadata: dict[str, Any], **extra: Any) -> None:
        kept = {mime: value for mime, value in data.items() if len(str(value)) <= MAX_RICH}
        self.add({"output_type": kind, "data": kept, "metadata": metadata, **extra})


class _Stream(io.TextIOBase):
    encoding = "utf-8"

    def __init__(self, shell: NotebookShell, name: str) -> None:
        self._shell, self._name = shell, name

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self._shell.outputs.text(self._name, str(text))
        return len(text)


class _Publisher(DisplayPublisher):
    shell: NotebookShell

    def publish(self, data: dict[str, Any], metadata: dict[str, Any] | None = None, *args: Any, **kwargs: Any) -> None:
        self.shell.outputs.rich("display_data", data, metadata or {})

    def clear_output(self, wait: bool = False) -> None:
        self.shell.outputs.items.clear()


class _DisplayHook(DisplayHook):
    shell: NotebookShell

    def __call__(self, result: Any = None) -> None:
        if result is None or self.quiet():
            return
        formatter: Any = self.shell.display_formatter
        data, metadata = formatter.format(result)
        self.update_user_ns(result)
        self.shell.outputs.rich("execute_result", data, metadata, execution_count=self.shell.execution_count)


class NotebookShell(InteractiveShell):
    """Runs cells one by one; `run` returns the cell's outputs."""

    def __init__(self, **kwargs: Any) -> None:
        self.outputs = Outputs()
        config = Config()
        # No history: it would start a thread and a database, and neither survives a fork.
        config.HistoryManager.enabled = False
        config.InteractiveShell.colors = "nocolor"
        super().__init__(config=config, displayhook_class=_DisplayHook, display_pub_class=_Publisher, **kwargs)
        sys.stdout, sys.stderr = _Stream(self, "stdout"), _Stream(self, "stderr")

    def run(self, source: str) -> list[dict[str, Any]]:
        """Run one cell and return its outputs, errors included."""
        self.outputs = Outputs()
        self.run_cell(source, store_history=True)
        return self.outputs.items

    def _showtraceback(self, etype: type, evalue: BaseException, stb: list[str]) -> None:
        lines = [_ANSI.sub("", line) for line in stb]
        self.outputs.add(
            {"output_type": "error", "ename": etype.__name__, "evalue": str(evalue)[:10_000], "traceback": lines[-40:]}
        )

    def enable_gui(self, gui: Any = None) -> None:
        """There is no screen."""
