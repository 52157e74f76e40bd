"""What the machine that watches the dashboard is told."""

from __future__ import annotations

import ast
import json
from pathlib import Path

from kumageo import __version__

ROOT = Path(__file__).resolve().parents[3]


def test_health_states_version_and_days(client, figures):
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    told = answer.json()
    assert told["status"] == "ok"
    assert told["version"] == __version__
    assert told["as_of"]["evacuation_sites"] == "2025-10-27"
    assert told["datasets"]["evacuation_sites"]["rows"] == len(figures.sites)
    assert told["datasets"]["evacuation_shelters"]["rows"] == len(figures.shelters)
    assert told["datasets"]["municipalities"]["rows"] == len(figures.municipalities)
    pointer = ROOT / "geodata/processed/evacuation_sites/published.json"
    published = json.loads(pointer.read_text(encoding="utf-8"))["current"]["version"]
    assert told["datasets"]["evacuation_sites"]["version"] == published


def test_a_broken_store_is_not_healthy(client, geodata):
    pointer = geodata / "processed" / "evacuation_sites" / "published.json"
    pointer.unlink()
    answer = client.get("/healthz")
    assert answer.status_code >= 500
    assert str(geodata) not in answer.text


def test_the_application_under_test_has_the_routes_of_the_product(listed_routes):
    tree = ast.parse((ROOT / "app.py").read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    routes = {
        call.args[0].value: call.args[1].id
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id == "Route"
    }
    assert routes == listed_routes
    middleware = [
        call.args[0].id
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id == "Middleware"
    ]
    assert middleware == ["OwnOrigin", "PublicHeaders", "IndexPage"]
    (handlers,) = [
        keyword.value
        for call in calls
        for keyword in call.keywords
        if keyword.arg == "exception_handlers"
    ]
    assert ast.unparse(handlers) == "{Exception: answer_failure}"
    (public,) = [call for call in calls if ast.unparse(call).startswith("Middleware(PublicHeaders")]
    assert ast.unparse(public) == "Middleware(PublicHeaders, **write_policies(get_settings()))"
