"""A real Chromium on the running dashboard; every request of every page is recorded."""

import http.server
import threading
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from benchmarks.chromium import ARGUMENTS, find_chromium
from benchmarks.servers import serve_app

SETTLE_MS = 60_000
AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa")
RUN_AXE = """async rules => {
    const only = { type: 'tag', values: rules };
    const { violations, passes } = await axe.run(document, { runOnly: only });
    return {
        n_passes: passes.length,
        found: violations.flatMap(({ id, nodes }) => nodes.map(
            ({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`
        )),
    };
}"""
# A page that has run may still be drawing: quiet is 400 ms without a change of the document.
QUIET = """limit => new Promise((resolve, reject) => {
    const isRunning = () => {
        const app = document.querySelector('[data-test-script-state]');
        return app?.dataset.testScriptState !== 'notRunning';
    };
    let timer;
    const late = setTimeout(() => reject(new Error('the page does not settle')), limit);
    const check = () => {
        if (isRunning()) return wait();
        clearTimeout(late);
        observer.disconnect();
        resolve();
    };
    const wait = () => { clearTimeout(timer); timer = setTimeout(check, 400); };
    const observer = new MutationObserver(wait);
    observer.observe(document.body, {
        attributes: true, characterData: true, childList: true, subtree: true,
    });
    wait();
})"""
LOOPBACK = ("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:", "about:")


@pytest.fixture(scope="session")
def app(tmp_path_factory):
    with serve_app(log=tmp_path_factory.mktemp("app") / "log.txt") as address:
        yield address


@pytest.fixture
def app_with(tmp_path):
    """Start an app of its own with other settings."""
    with ExitStack() as stack:
        yield lambda **environment: stack.enter_context(
            serve_app(environment, tmp_path / "log.txt")
        )


@pytest.fixture(scope="module")  # its event loop must not run on beneath other tests
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(ARGUMENTS))
        yield browser
        browser.close()


class Visit:
    """A page with what it asked for and what it complained of."""

    def __init__(self, page, address):
        self.page, self.address = page, address
        self.requests, self.errors = [], []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("websocket", lambda socket: self.requests.append(socket.url))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._note)
        page.on("response", self._note_failure)

    def _note(self, message):
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.errors.append(message.text)

    def _note_failure(self, response):
        if response.status >= 400:
            self.errors.append(f"{response.status} {response.url}")

    @property
    def outside(self):
        return [url for url in self.requests if not url.startswith(LOOPBACK)]

    @property
    def map(self):
        return self.page.frame_locator('iframe[title^="streamlit_folium"]')

    def open(self, path):
        self.page.goto(self.address + path)
        self.wait_for_map()
        return self

    def wait_for_map(self):
        self.map.locator(".leaflet-container[data-areas]").wait_for(timeout=30_000)

    def counts(self):
        return self.map.locator(".leaflet-container").evaluate(
            "map => JSON.parse(map.dataset.points || '{}')"
        )

    def wait_for_counts(self, **wanted):
        for _ in range(150):
            if self.counts() == wanted:
                return
            self.page.wait_for_timeout(100)
        pytest.fail(f"expected {wanted} on the map, got {self.counts()}")

    def settle(self):
        """Wait until the page has stopped running and what came of it is drawn."""
        self.page.evaluate(QUIET, SETTLE_MS)


@pytest.fixture
def visit(browser, app):
    made = []

    def make(width=1280, height=800, address=app, **options):
        context = browser.new_context(
            viewport={"width": width, "height": height}, locale="ja-JP", **options
        )
        made.append(context)
        return Visit(context.new_page(), address)

    yield make
    for context in made:
        context.close()


@pytest.fixture(scope="session")
def find_violations():
    """Give what asks axe-core about a page and its frames; it must have looked at something."""
    script = AXE.read_text(encoding="utf-8")

    def find(page):
        for frame in page.frames:
            if not frame.evaluate("() => 'axe' in window"):
                frame.evaluate(script)
        answer = page.evaluate(RUN_AXE, list(RULES))
        assert answer["n_passes"] > 10
        return answer["found"]

    return find


@pytest.fixture
def outside_page():
    """Serve a page of another origin that frames an address and keeps the messages it gets."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            address = self.path.partition("?")[2]
            body = (
                "<script>window.told = []; addEventListener('message', e => told.push(e.data));"
                f'</script><iframe src="{address}" width="900" height="700"></iframe>'
            )
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
