// An embed: what the reader chooses changes map, sentence, legend, table and address, all here in
// the browser. The script of the layer says how: it registers itself as kumageo.embed.
"use strict";

Object.assign(window.kumageo, (() => {
  const {
    element, setText, load, quietly, keepInLink, readQuery, readPoint, talkToParent, drawTable,
  } = window.kumageo;
  const NO_FILTERS = ["lang", "z", "lon", "lat", "point"];
  const drawn = ["addAreas", "addPoints", "addTraffic", "addWells", "addPlaces", "setLegend"];
  const config = JSON.parse(document.getElementById("embed-config").textContent);
  const PATIENCE_MS = 300;
  const originals = {};
  const calls = [];

  // Folium's script says what is on the map before anything is chosen. That is written down, and
  // drawn only when the address has been read: nothing is drawn twice.
  for (const name of drawn) {
    originals[name] = window.kumageo[name];
    window.kumageo[name] = (_, options) => calls.push([name, options]);
  }

  // The map is built when its data are here, and then drawn whole in one frame: a browser draws as
  // often as pieces come. Where they take long, it is built before and drawn as they come.
  async function openEmbed(build) {
    const { values } = readQuery(window.location.search, config.parameters);
    if (config.files?.[values.lang]) {
      window.location.replace(inOwnState(config.files[values.lang])); // of an export, another file
      return;
    }
    const scene = { config, calls, texts: config.texts, values, map: null, group: null, layer: window.kumageo.embed };
    scene.point = readPoint(window.location.hash, config.parameters) || values.point || "";
    scene.update = (reason) => scene.isReady && update(scene, reason); // before, all is still to be drawn
    scene.refresh = () => showTable(scene);
    scene.choose = (chosen) => choose(scene, chosen);
    scene.tell = talkToParent(config, { onQuery: (query) => takeQuery(scene, query) });
    listPlaces();
    fillForm(scene);
    listen(scene);
    window.addEventListener("kumageo:link", () => followLink(scene));
    followLink(scene);
    const patience = new Promise((resolve) => { window.setTimeout(resolve, PATIENCE_MS); });
    await Promise.race([Promise.allSettled(config.data.map(load)), patience]);
    scene.map = build();
    startEmbed(scene);
  }

  function startEmbed(scene) {
    const { map } = scene;
    showView(scene);
    window.addEventListener("beforeprint", () => keepSize(map));
    const start = () => {
      scene.isReady = true;
      update(scene);
    };
    Promise.resolve(scene.layer.prepare?.(scene)).then(start, (error) => {
      console.error(error);
      setText(map.kumageo.status, map.kumageo.texts.failed);
    });
  }

  function showView({ map, values }) {
    if (!map || !values.z) return;
    map.kumageo.extent = null;
    quietly(map, () => map.setView([Number(values.lat), Number(values.lon)], Number(values.z), { animate: false }));
  }

  // Paper is narrower than a screen: it shows the middle of the map as it was drawn.
  function keepSize(map) {
    const { x, y } = map.getSize();
    document.documentElement.style.setProperty("--map-width", `${x}px`);
    document.documentElement.style.setProperty("--map-height", `${y + 2}px`); // and its edges
  }

  // ---- the form -----------------------------------------------------------------------------

  const form = document.getElementById("embed-form");
  const filters = config.parameters.filter(({ name }) => !NO_FILTERS.includes(name));

  // The names of places stand in the page once, for the script.
  function listPlaces() {
    for (const field of form.querySelectorAll("[data-fills]")) {
      for (const [value, place] of Object.entries(config.places[field.dataset.fills])) {
        const option = element("option", "", place.name ?? place);
        option.value = value;
        field.append(option);
      }
    }
  }

  function fillForm({ values }) {
    for (const { name } of filters) {
      const value = values[name] ?? "";
      for (const field of form.querySelectorAll(`[name="${name}"]`)) {
        if (field.type === "checkbox") field.checked = value.split(",").includes(field.value);
        else field.value = value || field.options?.[0].value || "";
      }
    }
    narrowPlaces();
  }

  function readForm(scene) {
    for (const { name } of filters) {
      const fields = [...form.querySelectorAll(`[name="${name}"]`)];
      if (!fields.length) continue;
      const boxes = fields.filter(({ type }) => type === "checkbox");
      const [field] = fields;
      const isUsual = field.options && field.selectedIndex === 0;
      const value = boxes.length ? boxes.filter(({ checked }) => checked).map((box) => box.value).join(",") : isUsual ? "" : field.value.trim();
      scene.values[name] = value;
    }
  }

  // Of an area only its own municipalities can be chosen.
  function narrowPlaces() {
    const [region, place] = ["region", "m"].map((name) => form.elements[name]);
    if (!region || !place) return;
    for (const option of place.options) {
      const ofRegion = config.places.municipalities[option.value]?.region;
      option.hidden = Boolean(region.value && option.value && ofRegion !== region.value);
      option.disabled = option.hidden;
    }
    if (place.selectedOptions[0]?.disabled) place.value = "";
  }

  function listen(scene) {
    const take = () => {
      narrowPlaces();
      readForm(scene);
      scene.update("filter");
    };
    form.addEventListener("change", take);
    form.addEventListener("submit", (event) => { event.preventDefault(); take(); });
    table.addEventListener("toggle", () => showTable(scene));
  }

  // What is pressed on the map is chosen in the form too.
  function choose(scene, chosen) {
    Object.assign(scene.values, chosen);
    fillForm(scene);
    readForm(scene);
    scene.update("map");
  }

  // A parent page may choose for the reader, by the same rules as an address.
  function takeQuery(scene, query) {
    const { values, problems } = readQuery(query, config.parameters);
    if (problems.length) return;
    const { lang } = scene.values;
    scene.values = lang ? { ...values, lang } : values;
    if (values.point) scene.point = values.point;
    showView(scene);
    fillForm(scene);
    scene.update("query");
  }

  // ---- what follows from what was chosen --------------------------------------------------------

  function update(scene, reason = "") {
    const { map, layer, values } = scene;
    layer.select?.(scene, reason);
    const group = L.featureGroup();
    scene.focus = layer.focus?.(scene) ?? focusOf(scene);
    if (!reason && values.z) map.kumageo.focusToken = scene.focus.token;
    for (const [name, options] of calls) {
      const changed = layer.change(name, options, scene);
      if (changed) originals[name](group, changed);
    }
    layer.add?.(group, scene);
    scene.group?.remove();
    scene.group = group.addTo(map);
    const said = layer.say?.(scene);
    if (said !== undefined) setText(words, said);
    scene.said = said;
    if (reason) keepInLink(Object.fromEntries(filters.map(({ name }) => [name, values[name] ?? ""])));
    showTable(scene);
  }

  const words = document.getElementById("embed-words");
  const table = document.getElementById("embed-table");

  async function showTable(scene) {
    if (!table.open || !scene.group) return;
    scene.tableTurn = (scene.tableTurn ?? 0) + 1;
    const turn = scene.tableTurn;
    const content = await scene.layer.table(scene);
    if (turn !== scene.tableTurn) return; // another choice came first
    drawTable(table.lastElementChild, content, { texts: scene.texts, caption: content.caption ?? scene.said });
  }

  // The address has changed: links follow it, and a parent page is told.
  function followLink(scene) {
    const own = new URLSearchParams(window.location.search).toString();
    for (const other of document.querySelectorAll("#embed-full, .embed-language")) {
      other.dataset.start ??= other.getAttribute("href");
      other.href = inOwnState(other.dataset.start);
    }
    if (scene.told === own) return;
    if (scene.told !== undefined) scene.tell({ query: own });
    scene.told = own;
  }

  // The address of another page with what was chosen here; what it names itself stays.
  function inOwnState(start) {
    const address = new URL(start, window.location.href);
    const query = new URLSearchParams(window.location.search);
    if (config.files) query.delete("lang"); // the name of a file says it
    for (const [name, value] of address.searchParams) query.set(name, value);
    address.search = query;
    address.hash = window.location.hash;
    return address.href;
  }

  // ---- places ---------------------------------------------------------------------------------

  function focusOf({ values, config: { places } }) {
    const codes = listInside({ values, config: { places } });
    const all = (codes.length ? codes : Object.keys(places.municipalities)).map((code) => places.municipalities[code].bounds);
    const bounds = [0, 1, 2, 3].map((side) => Math[side < 2 ? "min" : "max"](...all.map((one) => one[side])));
    return { bounds, token: `${values.region ?? ""}/${values.m ?? ""}` };
  }

  // The municipalities in question; none is all.
  function listInside({ values, config: { places } }) {
    if (values.m) return [values.m];
    if (!values.region) return [];
    return Object.keys(places.municipalities).filter((code) => places.municipalities[code].region === values.region);
  }

  function nameChosen({ values, config: { places } }) {
    if (values.m) return places.municipalities[values.m].name;
    return values.region ? places.regions[values.region] : places.all;
  }

  // What any layer draws of the areas: the chosen one outlined, the others faded.
  function changeAreas(options, scene, accent = "#0017c1") {
    const selected = scene.values.m ? [{ code: scene.values.m, colour: accent, dash: null }] : [];
    const inside = listInside(scene);
    return { ...options, selected, inside: inside.length ? inside : null, focus: scene.focus };
  }

  const say = (sentences) => sentences.filter(Boolean).join(config.texts.sentence);

  return { openEmbed, listInside, nameChosen, changeAreas, say };
})());
