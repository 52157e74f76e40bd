// The embed of evacuation sites and shelters: which are meant, and what is said of them.
"use strict";

Object.assign(window.kumageo, (() => {
  const {
    load, write, number, addDetails, openPopup, openPlace, changeAreas, listInside, nameChosen, say,
  } = window.kumageo;
  const KINDS = ["site", "shelter"];
  const hazardField = document.querySelector("[data-name=hazard]");

  // ---- what is meant: the rules of kumageo.facilities.select_facilities -------------------------

  function readChoice({ values }) {
    const kinds = values.kind ? values.kind.split(",") : KINDS;
    // Shelters are designated for no hazard: alone, they are not narrowed by one.
    const onlyShelters = kinds.length === 1 && kinds[0] === "shelter";
    const hazards = values.hazard && !onlyShelters ? values.hazard.split(",") : [];
    return { kinds, hazards, isAll: values.mode === "all", text: values.q ?? "" };
  }

  const fold = (text) => text.normalize("NFKC").toLowerCase().trim();

  function isMeant({ properties }, choice, codes) {
    const { kinds, hazards, isAll, text } = choice;
    if (!kinds.includes(properties.kind)) return false;
    if (codes.length && !codes.includes(properties.municipality_code)) return false;
    const serves = (hazard) => properties[hazard] === 1;
    if (hazards.length && !(isAll ? hazards.every(serves) : hazards.some(serves))) return false;
    return !text || fold(`${properties.name}\n${properties.address ?? ""}`).includes(fold(text));
  }

  function select(scene) {
    const codes = listInside(scene);
    scene.choice = readChoice(scene);
    hazardField.disabled = scene.choice.kinds.join() === "shelter";
    scene.masks = Object.fromEntries(KINDS.map((kind) => [
      kind, scene.data[kind].features.map((feature) => isMeant(feature, scene.choice, codes)),
    ]));
    scene.shown = KINDS.flatMap((kind) => scene.data[kind].features.filter((_, position) => scene.masks[kind][position]));
    const needsDetails = scene.choice.text || scene.values.restricted;
    if (needsDetails && !scene.hasDetails) loadDetails(scene).then(() => scene.update("details"));
  }

  async function loadDetails(scene) {
    await Promise.all(KINDS.map((kind) => addDetails(scene.data[kind].features, scene.pointOptions[kind])));
    scene.hasDetails = true;
  }

  // ---- what is drawn ----------------------------------------------------------------------------

  async function prepare(scene) {
    const points = scene.calls.filter(([name]) => name === "addPoints");
    scene.pointOptions = Object.fromEntries(points.map(([, options]) => [options.kind, options]));
    const loaded = await Promise.all(KINDS.map((kind) => load(scene.pointOptions[kind].url)));
    scene.data = Object.fromEntries(KINDS.map((kind, number) => [kind, loaded[number]]));
    if (scene.values.facility) {
      await loadDetails(scene);
      const all = KINDS.flatMap((kind) => scene.data[kind].features);
      scene.facility = all.find(({ properties }) => properties.facility_id === scene.values.facility);
    }
    window.kumageo.startNearest(scene);
  }

  function change(name, options, scene) {
    if (name === "addAreas") return changeAreas(options, scene);
    if (name === "setLegend") return { ...options, entries: listEntries(options.entries, scene) };
    const { kind } = options;
    const marked = scene.data[kind].features.map(({ properties }) => properties.outside);
    return { ...options, shown: scene.masks[kind], marked, selectedId: scene.facility?.properties.id ?? "" };
  }

  // What is not on the map is not in the legend.
  function listEntries(entries, { shown, texts }) {
    const isOf = {
      circle: ({ kind }) => kind === "site",
      square: ({ kind }) => kind === "shelter",
      ring: ({ outside }) => outside,
    };
    const counts = entries.map(({ shape }) => shown.filter(({ properties }) => isOf[shape](properties)).length);
    return entries
      .map((entry, at) => ({ ...entry, count: write(texts.count, { n: number(counts[at]) }) }))
      .filter((_, at) => counts[at] > 0);
  }

  // ---- what is said -----------------------------------------------------------------------------

  function describe(scene) {
    const { texts, shown, choice, values, config } = scene;
    if (!shown.length) return texts.words_none;
    const place = nameChosen(scene);
    const sentences = [];
    if (choice.hazards.length) {
      const joint = choice.isAll ? texts.words_all_of : texts.words_any;
      const names = choice.hazards.map((hazard) => config.hazards[hazard]).join(joint);
      const hazards = choice.isAll && choice.hazards.length > 1 ? names + texts.words_all_suffix : names;
      const codes = listInside(scene);
      const ofKind = scene.data.site.features.filter(({ properties }) => !codes.length || codes.includes(properties.municipality_code));
      sentences.push(write(texts.words_hazard, { place, hazards, n: number(shown.length), n_of_kind: number(ofKind.length) }), texts.words_shelters_left);
    } else {
      const kinds = choice.kinds.map((kind) => config.kinds[kind]).join(texts.joint);
      sentences.push(write(texts.words_all, { place, kinds, n: number(shown.length) }));
    }
    if (values.region || values.m) sentences.push(texts.words_registered);
    if (choice.text) sentences.push(write(texts.words_search, { text: choice.text }));
    const [nearest] = scene.nearest;
    if (nearest) sentences.push(write(texts.said_nearest, { name: nearest.features[0].properties.name, metres: number(Math.round(nearest.metres)) }));
    return say(sentences);
  }

  async function table(scene) {
    if (!scene.hasDetails) await loadDetails(scene);
    const { texts, config } = scene;
    const columns = ["name", "kind", "municipality_code", "address", "hazards", "accepts"].map((name) => ({ label: texts[`column_${name}`] }));
    const rows = scene.shown.map((feature) => {
      const { properties } = feature;
      const { name } = config.places.municipalities[properties.municipality_code];
      const cells = [properties.name, config.kinds[properties.kind], name, properties.address, listHazards(scene, properties), properties.accepts];
      return { cells, open: (opener) => open(scene, feature, opener) };
    });
    return { columns, rows };
  }

  function listHazards({ config, texts }, properties) {
    if (properties.kind === "shelter") return "";
    const served = Object.keys(config.hazards).filter((hazard) => properties[hazard] === 1);
    return served.map((hazard) => config.hazards[hazard]).join(texts.list) || texts.no_hazard;
  }

  function open(scene, feature, opener) {
    const [lon, lat] = feature.geometry.coordinates;
    openPlace(scene.map, { lat, lon }, opener, () => openPopup(feature, scene.pointOptions[feature.properties.kind], scene.map));
  }

  return {
    openFacility: open,
    listHazards,
    embed: {
      prepare, select, change, say: describe, table,
      add: (group, scene) => window.kumageo.drawNearest(group, scene),
      focus: (scene) => window.kumageo.focusNearest(scene),
    },
  };
})());
