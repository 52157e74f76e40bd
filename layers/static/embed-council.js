// The embed of the regional councils: areas by state, and the topics of the chosen one.
"use strict";

Object.assign(window.kumageo, (() => {
  const { element, write, number, openPlace, say } = window.kumageo;
  const ACCENT = "#0017c1";
  const panel = document.getElementById("embed-topics");

  // A municipality stands for its area.
  function select(scene) {
    const { values, config } = scene;
    if (values.m) values.region = values.region || config.places.municipalities[values.m].region;
    const field = document.querySelector("#embed-form [name=region]");
    if (values.region && field.value !== values.region) field.value = values.region;
    scene.topics = config.topics.filter(({ region }) => !values.region || region === values.region);
    showTopics(scene);
  }

  function change(name, options, scene) {
    const { region } = scene.values;
    if (name === "addAreas") return { ...options, selected: region ? [{ code: region, colour: ACCENT, dash: null }] : [], focus: scene.focus };
    if (name === "setLegend") return options;
    const named = new Set(scene.topics.flatMap(({ places }) => places));
    return { ...options, places: options.places.filter((place) => named.has(place.name)) };
  }

  function add(group, scene) {
    group.on("click", ({ propagatedFrom }) => {
      const region = propagatedFrom?.feature?.properties.code;
      if (region) scene.choose({ region, m: "" });
    });
  }

  function describe({ topics, texts, values, config }) {
    const nEvident = topics.filter(({ isEvident }) => isEvident).length;
    const words = write(texts.words, { n: number(topics.length), n_evident: number(nEvident), n_none: number(topics.length - nEvident) });
    const { region } = values;
    return say([region && write(texts.words_area, { name: config.places.regions[region] }), words, region && config.notes[region]]);
  }

  function showTopics({ topics, texts, values }) {
    if (!values.region) {
      panel.replaceChildren(element("p", "embed-remark", texts.help));
      return;
    }
    const list = element("ul");
    list.append(...topics.map(({ title, themes, day, status }) => {
      const item = element("li", "", title);
      item.append(" ", element("span", "embed-kind", [themes, day, status].filter(Boolean).join(texts.list)));
      return item;
    }));
    const head = element("h2", "", write(texts.topics, { n: number(topics.length) }));
    panel.replaceChildren(head, topics.length ? list : element("p", "", texts.no_topics));
  }

  function table(scene) {
    const { topics, texts, config } = scene;
    const columns = ["topic", "area", "themes", "date", "status", "evidence"].map((name) => ({ label: texts[`column_${name}`] }));
    const rows = topics.map((topic) => ({
      cells: [topic.title, config.places.regions[topic.region], topic.themes, topic.day, topic.status, topic.isEvident ? texts.yes : texts.no],
      open: (opener) => open(scene, topic, opener),
    }));
    return { columns, rows };
  }

  function open({ map, config }, topic, opener) {
    const all = Object.values(config.places.municipalities).filter(({ region }) => region === topic.region).map(({ bounds }) => bounds);
    const middle = (low, high) => (Math.min(...all.map((one) => one[low])) + Math.max(...all.map((one) => one[high]))) / 2;
    const at = { lat: middle(1, 3), lon: middle(0, 2) };
    const box = element("div", "kg-popup");
    box.append(element("h3", "", config.places.regions[topic.region]), element("p", "", topic.title));
    openPlace(map, at, opener, () => L.popup({ maxWidth: 300 }).setLatLng([at.lat, at.lon]).setContent(box).openOn(map), 9);
  }

  return { embed: { select, change, add, say: describe, table } };
})());
