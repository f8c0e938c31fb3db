"""A reader's JupyterLab in a real Chromium: a server, a browser, and a notebook opened in both.

    def test_something(open_notebook):
        notebook = open_notebook(path)      # a copy, in JupyterLab, kernel up
        notebook.run()                      # Run All Cells
    notebook.run(needed=True)           # only those that a widget needs
        cell = notebook.cell(7)             # scrolled into view; a Playwright locator
        notebook.heard(cell)                # roles and names that the browser hands a screen reader
    notebook.assert_quiet()             # nothing in the browser console or the kernel's log

What fails in JupyterLab's own files, with no other script on the stack, is printed at the end of
the run and fails no test (page_errors.py).

A new interactive piece gets a test file beside test_slider_moves.py, with
`pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]`.
`record_property("measured", "one line")` prints a figure at the end of the run, also under -q.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import pytest
import slices
from page_errors import of_jupyterlab

FLAGS = """--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync
--disable-background-networking --disable-component-update --disable-default-apps""".split()


# Runs some cells one after the other: those that are shown in the page, their outputs forgotten,
# the others in its kernel alone, without drawing what they print
RUN = """async ([codes, shown]) => {
  const panel = jupyterapp.shell.currentWidget, book = panel.content;
  for (const k of shown) book.model.cells.get(k).clearExecution();
  for (const k of codes) {
    const cell = book.model.cells.get(k);
    if (shown.includes(k)) {
      book.deselectAll();
      book.activeCellIndex = k;
      await jupyterapp.commands.execute('notebook:run-cell');
    } else {
      const code = cell.sharedModel.getSource();
      const reply = await panel.sessionContext.session.kernel.requestExecute({code}).done;
      const expected = (cell.getMetadata('tags') ?? []).includes('raises-exception');
      if (reply.content.status !== 'ok' && !expected)
        throw new Error(`cell ${k}: ${reply.content.ename}: ${reply.content.evalue}`);
    }
  }
}"""
# In idle moments JupyterLab draws the cells out of view, to learn their heights, as far as it
# comes: a test must not hang on how far that is
NO_IDLE_WORK = "window.requestIdleCallback = () => 0"
RAN = """codes => { const panel = jupyterapp.shell.currentWidget;
  return panel.sessionContext.session.kernel.status === 'idle'
    && codes.every(k => { const cell = panel.content.model.cells.get(k);
      return cell.executionCount !== null || !cell.sharedModel.getSource().trim(); }); }"""


def chromium():
    """Return the path of an installed Chromium, or None."""
    names = [os.environ.get("BOOK_CHROMIUM"), "chromium", "chromium-browser", "google-chrome"]
    return next((path for name in names if name and (path := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser():
    """A headless Chromium for all tests; without one they are skipped, or fail if required."""
    missing = None
    if chromium() is None:
        missing = "no Chromium found: sliders were NOT tried in a browser (set BOOK_CHROMIUM=path)"
    else:
        try:
            from playwright.sync_api import sync_playwright
        except ImportError:
            missing = "playwright is not installed: sliders were NOT tried in a browser"
    if missing and os.environ.get("BOOK_REQUIRE_BROWSER") == "1":
        pytest.fail(f"BOOK_REQUIRE_BROWSER=1, but {missing}")
    if missing:
        pytest.skip(missing)
    with sync_playwright() as playwright:
        instance = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield instance
        instance.close()


@dataclass
class Lab:
    """A JupyterLab server of our own, on a folder of copies."""

    url: str
    folder: Path
    log: Path


@pytest.fixture(scope="session")
def lab(browser, tmp_path_factory):
    """Start JupyterLab with no token, no settings of this user and no news; stop it at the end."""
    root = tmp_path_factory.mktemp("lab")
    folder = root / "book"
    folder.mkdir()
    sockets = tempfile.mkdtemp(prefix="lab-")  # a socket's path is 103 characters at the most
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    quiet = root / "settings" / "@jupyterlab" / "apputils-extension"
    quiet.mkdir(parents=True)
    settings = {"fetchNews": "false", "checkForUpdates": False}
    (quiet / "notification.jupyterlab-settings").write_text(json.dumps(settings))
    drawn = root / "settings" / "@jupyterlab" / "notebook-extension"
    drawn.mkdir()
    settings = {"windowingMode": "full"}  # of a chapter only what is in view is drawn
    (drawn / "tracker.jupyterlab-settings").write_text(json.dumps(settings))
    environment = os.environ | {
        "JUPYTER_CONFIG_DIR": str(root / "config"),
        "JUPYTER_DATA_DIR": str(root / "data"),
        "JUPYTER_RUNTIME_DIR": str(sockets),
        "JUPYTERLAB_SETTINGS_DIR": str(root / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(root / "workspaces"),
        "IPYTHONDIR": str(root / "ipython"),
        "BOOKUTILS_PROGRESS": str(root / "progress.json"),
    }
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1"]
    command += [f"--port={port}", "--ServerApp.port_retries=0", f"--ServerApp.root_dir={folder}"]
    command += ["--IdentityProvider.token=", "--expose-app-in-browser", "--LabApp.news_url="]
    command += ["--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    if os.name == "posix":  # a free port can be taken before the kernel has it
        command += ["--KernelManager.transport=ipc"]
    log = root / "server.log"
    with log.open("w") as out:
        server = subprocess.Popen(command, stdout=out, stderr=out, env=environment, cwd=folder)
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 300  # a server that failed has ended before
        while True:
            try:
                urllib.request.urlopen(f"{url}/api", timeout=2).close()
                break
            except OSError:
                if server.poll() is not None or time.monotonic() > deadline:
                    pytest.fail(f"JupyterLab did not start:\n{log.read_text()[-3000:]}")
                time.sleep(0.1)
        yield Lab(url, folder, log)
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        shutil.rmtree(sockets)


@dataclass
class Notebook:
    """One notebook open in JupyterLab."""

    page: object
    path: Path
    lab: Lab
    console: list = field(default_factory=list)
    of_jupyterlab: list = field(default_factory=list)
    log_start: int = 0

    def page_error(self, error):
        """Keep an error that nothing on the page has caught, with its stack."""
        told = error.stack or str(error)
        own = of_jupyterlab(error.stack, self.lab.url)
        (self.of_jupyterlab if own else self.console).append(told)

    @property
    def cells(self):
        return json.loads(self.path.read_text())["cells"]

    def tagged(self, tag):
        """Return the indices of the cells that carry the tag."""
        return [k for k, c in enumerate(self.cells) if tag in c["metadata"].get("tags", [])]

    def command(self, name, **arguments):
        """Execute a command of JupyterLab, as its menu would, and wait for its end."""
        return self.page.evaluate(
            "([name, args]) => window.jupyterapp.commands.execute(name, args).then(() => null)",
            [name, arguments],
        )

    def run(self, needed=False):
        """Run all cells, their outputs forgotten, or only those that show a widget and what these
        need; wait until each has run and the kernel rests."""
        codes = [k for k, cell in enumerate(self.cells) if cell["cell_type"] == "code"]
        if needed:
            book = nbformat.read(self.path, as_version=4)
            codes = [codes[k] for k in slices.needed([book.cells[k] for k in codes])]
            shown = [k for k in codes if slices.shows_a_widget(book.cells[k])]
            self.page.evaluate(RUN, [codes, shown])
            codes = shown
        else:
            self.command("notebook:clear-all-cell-outputs")
            self.command("notebook:run-all-cells")
        self.page.wait_for_function(RAN, arg=codes, timeout=120_000, polling=100)

    def rest(self):
        """Wait until the kernel has answered all that the page has asked of it, and it is drawn."""
        self.page.evaluate("window.rest()")

    def cell(self, index):
        """Scroll a cell into view and return its locator."""
        self.page.evaluate(
            "async k => { const book = jupyterapp.shell.currentWidget.content;"
            " book.activeCellIndex = k; await book.scrollToItem(k, 'start'); }",
            index,
        )
        found = self.page.locator(f'.jp-Notebook .jp-Cell[data-windowed-list-index="{index}"]')
        found.wait_for(state="visible")
        return found

    def heard(self, locator):
        """Return what a screen reader is given under a locator: a dict for each node, in order.

        It comes from the browser's own accessibility tree, whose names need not be those that
        Playwright works out for get_by_role. Every node has "role" and "name"; "value" and
        properties such as "disabled", "focusable" and "pressed" where they are set.
        """
        tools = self.page.context.new_cdp_session(self.page)
        try:
            locator.evaluate("element => { window.heard = element; }")
            root = tools.send("Runtime.evaluate", {"expression": "window.heard"})["result"]
            found = tools.send("Accessibility.queryAXTree", {"objectId": root["objectId"]})
        finally:
            tools.detach()
        plain = ("generic", "none", "StaticText", "InlineTextBox", "LineBreak")
        return [
            {p["name"]: p["value"].get("value") for p in node.get("properties", [])}
            | {key: node.get(key, {}).get("value", "") for key in ("role", "name", "value")}
            for node in found["nodes"]
            if not node["ignored"] and node["role"]["value"] not in plain
        ]

    def outputs(self):
        """Return the notebook model's cells as they stand in the browser now."""
        return self.page.evaluate(
            "() => jupyterapp.shell.currentWidget.content.model.toJSON().cells"
        )

    def pieces(self):
        """Return the indices of the cells that show a slider piece: a widget and its pictures."""
        wanted = {"application/vnd.jupyter.widget-view+json", "image/png"}
        return [
            k
            for k, cell in enumerate(self.outputs())
            if any(wanted <= set(o.get("data", {})) for o in cell.get("outputs", []))
        ]

    def kernel_log(self):
        """Return what server and kernels have printed since this notebook was opened."""
        return self.lab.log.read_text()[self.log_start :]

    def assert_quiet(self):
        """Nothing went wrong in silence: no cell, console or kernel error."""
        failed = [
            "\n".join(output["traceback"])
            for cell in self.outputs()
            for output in cell.get("outputs", [])
            if output["output_type"] == "error"
            and "raises-exception" not in cell["metadata"].get("tags", [])
        ]
        assert not failed, failed[0]
        assert self.console == []
        loud = re.compile(r"Traceback|Error|^\[[EC] |exception|Warning:", re.MULTILINE)
        found = loud.search(log := self.kernel_log())
        assert not found, log[max(0, found.start() - 500) : found.start() + 2000]


@pytest.fixture(scope="session")
def pages(browser, lab):
    """One page with JupyterLab in it for all tests: to load it takes longer than many of them.

    `pages.fresh()` loads it where it is not there yet, or where a test left it in disorder.
    """
    kept = Pages(browser, lab.url)
    yield kept
    kept.drop()


@dataclass
class Pages:
    """The page, and whether it can be used once more."""

    browser: object
    url: str
    page: object = None

    def fresh(self):
        if self.page is None:
            self.page = self.browser.new_page(viewport={"width": 1400, "height": 1000})
            self.page.set_default_timeout(30_000)
            self.page.add_init_script(NO_IDLE_WORK)
            self.page.goto(f"{self.url}/lab?reset")
            self.page.wait_for_function("() => window.jupyterapp?.restored", polling=100)
            self.page.evaluate("() => jupyterapp.restored.then(() => null)")
        return self.page

    def drop(self):
        if self.page is not None:
            self.page.close()
        self.page = None


OPEN = """async ([path, theme]) => {
  const { commands, shell } = jupyterapp;
  await commands.execute('apputils:change-theme', { theme });
  const panel = await commands.execute('docmanager:open', { path, factory: 'Notebook' });
  await panel.context.ready;
  await panel.sessionContext.ready;
  shell.activateById(panel.id);
}"""
# `window.rest()` waits until the kernel has answered all that the page has asked of it, which it
# says after all that came of it, and until what waited for that has been sent and drawn.
LISTEN = """() => {
  const open = new Set(), frame = () => new Promise(done => requestAnimationFrame(
    () => setTimeout(done)));
  let answered = () => {};
  jupyterapp.shell.currentWidget.sessionContext.session.kernel.anyMessage.connect((_, args) => {
    const { msg, direction } = args;
    if (direction === 'send' && msg.channel === 'shell') open.add(msg.header.msg_id);
    if (msg.header.msg_type === 'status' && msg.content.execution_state === 'idle')
      open.delete(msg.parent_header.msg_id);
    if (!open.size) answered();
  });
  window.rest = async () => {
    const end = performance.now() + 30000;
    for (let quiet = 0; quiet < 3; quiet = open.size ? 0 : quiet + 1) {
      const left = end - performance.now();
      if (left < 0) throw new Error('the kernel never came to rest');
      if (open.size)  // no frame is asked for while it works: each costs what it needs to work
        await new Promise(done => { answered = done; setTimeout(done, left); });
      await frame();
    }
  };
}"""
READY = """path => { const panel = jupyterapp.shell.currentWidget;
  return panel?.context?.path === path && panel.sessionContext.session?.kernel?.status === 'idle';
}"""
CLOSE = """async () => {
  for (const panel of [...jupyterapp.shell.widgets('main')]) {
    await panel.sessionContext?.shutdown();
    panel.dispose();  // to close it would ask whether to save
  }
  return document.querySelectorAll('.jp-Dialog').length;
}"""


@pytest.fixture
def open_notebook(pages, lab, record_property):
    """Open a copy of a notebook in JupyterLab; it and its kernel are gone after the test."""
    opened, listening = [], []

    def opener(source, theme="JupyterLab Light"):
        path = lab.folder / source.name
        if source != path:
            shutil.copy(source, path)
        page = pages.fresh()
        notebook = Notebook(page, path, lab, log_start=lab.log.stat().st_size)
        for event, heard in (
            ("console", lambda m: m.type == "error" and notebook.console.append(m.text)),
            ("pageerror", notebook.page_error),
        ):
            page.on(event, heard)
            listening.append((page, event, heard))
        opened.append(notebook)
        page.evaluate(OPEN, [path.name, theme])
        page.wait_for_function(READY, arg=path.name, polling=100)
        page.evaluate(LISTEN)
        return notebook

    yield opener
    for page, event, heard in listening:
        page.remove_listener(event, heard)
    for told in (told for notebook in opened for told in notebook.of_jupyterlab):
        record_property("measured", f"in JupyterLab alone: {' '.join(told.split())[:400]}")
    try:
        if opened and pages.page.evaluate(CLOSE):
            pages.drop()
    except Exception:  # whatever the test did to it: the next one gets another
        pages.drop()
