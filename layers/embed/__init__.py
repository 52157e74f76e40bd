"""Public pages without a session: one document a layer and language, filtered in the browser."""
