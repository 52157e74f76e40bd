// The embed of the municipalities: one indicator, its classes, and what is said of them.
"use strict";

Object.assign(window.kumageo, (() => {
  const { element, write, number, openPlace, changeAreas, listInside, nameChosen, say } = window.kumageo;

  function select(scene) {
    const { indicators } = scene.config;
    scene.indicator = indicators[scene.values.indicator] ?? Object.values(indicators)[0];
    const inside = listInside({ ...scene, values: { region: scene.values.region } });
    scene.codes = inside.length ? inside : Object.keys(scene.config.places.municipalities);
  }

  function change(name, options, scene) {
    const { indicator, values, config } = scene;
    if (name === "setLegend") return { title: indicator.head, entries: listEntries(scene) };
    const areas = changeAreas({ ...options, colours: indicator.colours, classes: indicator.classes, values: indicator.values }, { ...scene, values: { region: values.region } });
    const selected = changeAreas(options, scene).selected;
    if (values.compare && values.compare !== values.m) selected.unshift({ code: values.compare, colour: config.compared, dash: "8 6" });
    return { ...areas, selected, focus: scene.focus };
  }

  function listEntries({ indicator, codes, values, config, texts }) {
    const counted = indicator.entries.map((entry) => {
      const n = codes.filter((code) => indicator.classes[code] === entry.number).length;
      return { label: entry.label, colour: entry.colour, shape: "square", count: write(texts.count, { n: number(n) }) };
    });
    const nameOf = (code) => config.places.municipalities[code].name;
    const chosen = values.m ? [{ label: nameOf(values.m), colour: "#0017c1", shape: "line" }] : [];
    const compared = values.compare && values.compare !== values.m ? [{ label: nameOf(values.compare), colour: config.compared, shape: "dash" }] : [];
    return [...counted, ...chosen, ...compared];
  }

  function describe(scene) {
    const { indicator, codes, values, texts, config } = scene;
    const place = nameChosen({ ...scene, values: { region: values.region } });
    const common = { place, n: number(codes.length), title: indicator.title };
    const known = codes.filter((code) => code in indicator.numbers).sort((one, other) => indicator.numbers[one] - indicator.numbers[other]);
    const sentences = [indicator.isFlag
      ? write(texts.words_flag, { ...common, n_yes: number(codes.filter((code) => indicator.numbers[code] === 1).length) })
      : write(texts.words_number, { ...common, n_classes: number(indicator.colours.length), low: indicator.values[known[0]] ?? "", high: indicator.values[known.at(-1)] ?? "" })];
    if (values.m) sentences.push(write(texts.words_selected, { name: config.places.municipalities[values.m].name, value: indicator.values[values.m] }));
    return say([...sentences, ...indicator.remarks]);
  }

  function table(scene) {
    const { indicator, codes, texts, config } = scene;
    const columns = [{ label: texts.column_name }, { label: texts.column_region }, { label: indicator.head, isNumber: !indicator.isFlag }];
    const rows = codes.map((code) => {
      const { name, region } = config.places.municipalities[code];
      return { cells: [name, config.places.regions[region], indicator.values[code]], open: (opener) => open(scene, code, opener) };
    });
    return { columns, rows };
  }

  function open(scene, code, opener) {
    const { map, indicator, config } = scene;
    const { name, bounds: [west, south, east, north] } = config.places.municipalities[code];
    const at = { lat: (south + north) / 2, lon: (west + east) / 2 };
    const box = element("div", "kg-popup");
    box.append(element("h3", "", name), element("p", "", `${indicator.title} ${indicator.values[code]}`));
    openPlace(map, at, opener, () => L.popup({ maxWidth: 300 }).setLatLng([at.lat, at.lon]).setContent(box).openOn(map), 10);
  }

  function add(group, scene) {
    group.on("click", ({ propagatedFrom }) => {
      const code = propagatedFrom?.feature?.properties.municipality_code;
      if (code) scene.choose({ m: code });
    });
  }

  return { embed: { select, change, add, say: describe, table } };
})());
