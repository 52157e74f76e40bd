// What the maps do in the browser. Folium elements call these functions with plain options.
"use strict";

Object.assign(window.kumageo, (() => {
  const { element, setText, plain, button } = window.kumageo;
  const documents = new Map();

  function load(url) {
    if (!documents.has(url)) {
      const answer = ask(url);
      answer.catch(() => documents.delete(url)); // the next try asks again
      documents.set(url, answer);
    }
    return documents.get(url);
  }

  // What follows # is a part of a document, which is fetched once for all its parts.
  async function ask(url) {
    const [address, part] = url.split("#");
    if (part) return (await load(address))[part];
    const data = await window.kumageo.fetchData(address); // in a static export, that of kept.js
    return data.packed ? window.kumageo.unpack(data) : data;
  }

  async function fetchData(address) {
    const response = await fetch(address);
    if (!response.ok) throw new Error(`${response.status} ${address}`);
    return response.json();
  }

  function link(text, url) {
    const node = element("a", "", text);
    node.href = url;
    node.target = "_blank";
    node.rel = "noopener noreferrer";
    return node;
  }

  // ---- the map itself -------------------------------------------------------------------

  function furnish(map, options) {
    const { texts, credits } = options;
    if (!isEmbed()) tellLanguage(options);
    map.kumageo = { texts, readings: options.readings, ownCredits: credits, focusToken: options.focusToken, quiet: true, hasTiles: false, hasFailed: false };
    const container = map.getContainer();
    container.setAttribute("role", "region");
    container.setAttribute("aria-label", plain(texts.map));
    L.control.zoom({ zoomInTitle: plain(texts.zoom_in), zoomOutTitle: plain(texts.zoom_out) }).addTo(map);
    L.control.scale({ imperial: false, position: "bottomright" }).addTo(map);
    map.createPane("kg-areas").style.zIndex = 320;
    // Where nothing lies between ground and subject, one canvas holds both.
    map.kumageo.ground = options.isFlat ? map.getRenderer({ options: {} }) : L.canvas({ pane: "kg-areas" });
    map.createPane("kg-labels").style.zIndex = 450;
    const host = document.getElementById("root") || container.parentNode;
    const footer = element("div", "kg-footer");
    map.kumageo.controls = placeOf("kg-controls", footer);
    map.kumageo.legend = placeOf("kg-legend", footer);
    map.kumageo.credits = element("p", "kg-credits");
    writeCredits(map, credits);
    if (!isEmbed()) footer.append(map.kumageo.credits); // an embed names them itself
    placeOf("kg-tools", footer).append(...tools(map, options));
    if (footer.children.length) host.append(footer);
    map.kumageo.status = element("div", "kg-status", texts.loading);
    map.kumageo.status.setAttribute("role", "status");
    container.append(map.kumageo.status);
    followFooter(footer);
    followSize(map, options.extent);
    map.on("moveend", () => map.kumageo.quiet || keepView(map, true));
    map.on("popupopen", ({ popup }) => nameClose(popup, texts));
  }

  // Leaflet names its button in English.
  function nameClose(popup, { close }) {
    const button = popup.getElement().querySelector(".leaflet-popup-close-button");
    button?.setAttribute("aria-label", plain(close));
  }

  // The document of an embed says these itself.
  function tellLanguage({ language, marks }) {
    document.documentElement.lang = language;
    Object.assign(document.documentElement.dataset, marks);
  }

  // An embed has a place of its own for what stands round the map, and is no frame of a page of
  // ours: what it writes into an address, it writes into its own.
  const isEmbed = () => document.getElementById("embed-config") !== null;
  const pageOf = () => (isEmbed() ? window : window.parent);

  function placeOf(name, footer) {
    const place = document.getElementById(name);
    if (place) return place;
    footer.append(element("div", name));
    return footer.lastChild;
  }

  function tools(map, { texts, locates }) {
    const said = element("span", "kg-said");
    said.setAttribute("role", "status");
    const here = locates ? [button(texts.here, () => locate(map, said))] : [];
    return [...here, button(texts.copy_link, () => copyLink(texts, said)), said];
  }

  // To be somewhere is to click there: the page then asks what is near.
  function locate(map, said) {
    const { texts } = map.kumageo;
    setText(said, "");
    if (!window.isSecureContext || !navigator.geolocation) {
      setText(said, texts.here_unsupported);
      return;
    }
    navigator.geolocation.getCurrentPosition(
      // Ten metres are near enough, and the place becomes part of the link.
      ({ coords }) => map.fire("click", {
        latlng: L.latLng(Number(coords.latitude.toFixed(4)), Number(coords.longitude.toFixed(4))),
      }),
      () => { setText(said, texts.here_denied); },
      { timeout: 15000, maximumAge: 60000 },
    );
  }

  // A plain http address has no clipboard: then the text is selected for copying by hand.
  async function copyLink(texts, said) {
    const address = pageOf().location.href;
    try {
      await navigator.clipboard.writeText(address);
      setText(said, texts.copied);
    } catch {
      const field = element("input");
      Object.assign(field, { readOnly: true, value: address });
      field.setAttribute("aria-label", plain(texts.copy_link));
      said.replaceChildren(element("span", "", texts.copy_failed), field);
      field.select();
    }
  }

  function writeCredits(map, all) {
    const credits = [...new Map(all.map((credit) => [credit.text, credit])).values()];
    map.kumageo.credits.replaceChildren(element("span", "", map.kumageo.texts.credits), ": ");
    credits.forEach((credit, number) => {
      if (number) map.kumageo.credits.append(" ｜ ");
      map.kumageo.credits.append(credit.url ? link(credit.text, credit.url) : credit.text);
    });
  }

  // What a group shows beside the layer's own data is credited when it comes to the map.
  function addCredits(group, { credits }) {
    group.on("add", () => writeCredits(group._map, [...group._map.kumageo.ownCredits, ...credits]));
  }

  function quietly(map, move) {
    map.kumageo.quiet = true;
    move();
    map.kumageo.quiet = false;
  }

  // The frame grows by what stands below the map, so that the map keeps its own height.
  function followFooter(footer) {
    const frame = window.frameElement;
    if (!frame) return;
    new ResizeObserver(() => {
      frame.style.setProperty("--kg-footer", `${Math.ceil(footer.getBoundingClientRect().height)}px`);
    }).observe(footer);
  }

  // Until a reader moves the map, it keeps showing its extent whole, whatever size it gets.
  function followSize(map, extent) {
    map.kumageo.extent = extent;
    const leave = () => { map.kumageo.extent = null; };
    for (const name of ["pointerdown", "wheel", "keydown"]) map.getContainer().addEventListener(name, leave);
    fitExtent(map);
    new ResizeObserver(() => quietly(map, () => {
      const before = map.getSize();
      map.invalidateSize({ animate: false });
      if (!map.getSize().equals(before)) fitExtent(map);
    })).observe(map.getContainer());
  }

  function fitExtent(map) {
    if (map.kumageo.extent && map.getSize().y > 0) fit(map, map.kumageo.extent);
  }

  function fit(map, [west, south, east, north]) {
    map.fitBounds([[south, west], [north, east]], { animate: false, padding: [24, 24], maxZoom: 14 });
  }

  // The address of the page keeps the view, so that a copied link reproduces the screen.
  function keepView(map, isKept) {
    if (map.kumageo.isAside) return;
    const { lng, lat } = map.getCenter();
    const view = { z: map.getZoom(), lon: lng.toFixed(5), lat: lat.toFixed(5) };
    keepInLink(isKept ? view : { z: "", lon: "", lat: "" });
  }

  // Of two maps on a page the first is the link's.
  function setAside(map) {
    map.kumageo.isAside = true;
  }

  // A blank value leaves the address.
  function keepInLink(values) {
    const page = pageOf();
    try {
      const address = new URL(page.location.href);
      for (const [name, value] of Object.entries(values)) {
        if (value === "") address.searchParams.delete(name);
        else address.searchParams.set(name, value);
      }
      page.history.replaceState(page.history.state, "", address);
    } catch (error) {
      if (!(error instanceof DOMException)) throw error; // a page of another origin keeps its own
    }
    window.dispatchEvent(new Event("kumageo:link"));
  }

  function focus(map, target) {
    if (!target || map.kumageo.focusToken === target.token) return;
    map.kumageo.focusToken = target.token;
    map.kumageo.extent = target.bounds;
    quietly(map, () => fit(map, target.bounds));
    keepView(map, false);
  }

  // One address, several, or none. Layers are drawn in the order in which they were asked for,
  // whatever arrives first; a group that is not on the map yet is drawn when it comes there.
  function draw(group, url, add) {
    const before = group.kumageoQueue || Promise.resolve();
    const wanted = Array.isArray(url) ? Promise.all(url.map(load)) : url && load(url);
    group.kumageoQueue = Promise.all([wanted, before]).then(([data]) => {
      if (group._map) drawOn(group, data, add);
      else group.once("add", () => drawOn(group, data, add));
    });
    group.kumageoQueue.catch((error) => {
      console.error(error);
      if (group._map) showFailure(group._map);
    });
  }

  function drawOn(group, data, add) {
    add(data, group._map);
    const { kumageo } = group._map;
    kumageo.status.hidden = !kumageo.hasFailed;
  }

  // When all that was asked for is here, the page needs its server no longer.
  function whenLoaded() {
    return Promise.all([...documents.values()]);
  }

  function showFailure(map) {
    setText(map.kumageo.status, map.kumageo.texts.failed);
    map.kumageo.status.classList.add("kg-failed");
    map.kumageo.status.hidden = false;
    map.kumageo.hasFailed = true;
  }

  // ---- the legend, below the map so that it never covers it --------------------------------

  function setLegend(group, options) {
    group.on("add", () => showLegend(group._map, options));
  }

  function showLegend(map, { title, entries }) {
    const list = element("ul");
    for (const entry of entries) {
      const item = element("li");
      const mark = element("span", `kg-mark kg-${entry.shape}`);
      mark.style.backgroundColor = entry.colour;
      item.append(mark, element("span", "", entry.label));
      if (entry.count !== undefined) item.append(element("span", "kg-count", entry.count));
      list.append(item);
    }
    map.kumageo.legend.replaceChildren(element("strong", "", title), list);
  }

  return {
    furnish, setAside, addCredits, setLegend, showLegend, draw, load, whenLoaded,
    fetchData, focus, quietly, keepInLink, showFailure,
  };
})());
