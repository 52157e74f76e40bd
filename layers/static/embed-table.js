// The table beside the map: what is shown, in words, each row with a button that opens its place.
"use strict";

Object.assign(window.kumageo, (() => {
  const { element, plain, button } = window.kumageo;
  const ROWS_AT_ONCE = 200;

  // A table is { columns: [{ label, isNumber }], rows: [{ cells, open }] }; the first cell is the
  // name, and opens the place if there is one.
  function drawTable(place, { columns, rows }, { texts, caption }) {
    const table = element("table");
    const title = element("caption");
    title.append(element("span", "", caption));
    table.append(title);
    const head = element("tr");
    head.append(...columns.map(({ label, isNumber }) => cellOf("th", label, isNumber)));
    for (const cell of head.children) cell.scope = "col";
    const body = element("tbody");
    const top = element("thead");
    top.append(head);
    table.append(top, body);
    const frame = element("div", "embed-scroll");
    frame.tabIndex = 0; // to scroll by keyboard where the table is wider
    frame.setAttribute("role", "region");
    frame.setAttribute("aria-label", plain(caption));
    frame.append(table);
    const more = button(texts.more_rows, () => {
      const next = addRows(body, rows, columns, texts);
      more.hidden = body.children.length >= rows.length;
      next?.querySelector("button, th")?.focus();
    });
    addRows(body, rows, columns, texts);
    more.hidden = body.children.length >= rows.length;
    place.replaceChildren(frame, more);
  }

  function addRows(body, rows, columns, texts) {
    const from = body.children.length;
    body.append(...rows.slice(from, from + ROWS_AT_ONCE).map((row) => rowOf(row, columns, texts)));
    return body.children[from];
  }

  function rowOf({ cells, open }, columns, texts) {
    const line = element("tr");
    cells.forEach((text, number) => {
      const cell = cellOf(number ? "td" : "th", number || !open ? text : undefined, columns[number].isNumber);
      if (!number) {
        cell.scope = "row";
        if (open) cell.append(openerOf(text, open, texts));
      }
      line.append(cell);
    });
    return line;
  }

  function openerOf(text, open, texts) {
    const opener = button(text, () => open(opener));
    opener.className = "embed-open";
    opener.lang = "ja"; // names are as they are in every language
    opener.title = plain(texts.show_on_map);
    return opener;
  }

  function cellOf(tag, text, isNumber) {
    return element(tag, isNumber ? "embed-number" : "", text);
  }

  // A place that is opened from a list takes the focus; closed again, it gives it back.
  function openPlace(map, { lat, lon }, opener, open, zoom = 14) {
    map.kumageo.extent = null;
    map.getContainer().scrollIntoView({ block: "nearest" });
    map.setView([lat, lon], Math.max(map.getZoom(), zoom), { animate: false });
    open();
    const content = map.getContainer().querySelector(".leaflet-popup-content");
    if (!content) return;
    content.tabIndex = -1;
    content.focus({ preventScroll: true });
    content.addEventListener("keydown", ({ key }) => { if (key === "Escape") map.closePopup(); });
    map.once("popupclose", () => {
      if (document.activeElement === document.body || map.getContainer().contains(document.activeElement)) opener.focus();
    });
  }

  return { drawTable, openPlace, openerOf };
})());
