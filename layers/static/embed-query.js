// The state of an embed and its address: read by the rules that the server checks too, and written
// back without asking it. See layers/embed/query.py.
"use strict";

Object.assign(window.kumageo, (() => {
  const NUMBER = /^-?[0-9]{1,3}(\.[0-9]{1,20})?$/;
  const MAX_TEXT = 50;
  const MAX_QUERY = 2000;
  const VIEW = ["z", "lon", "lat"];

  const isBetween = (text, low, high) => NUMBER.test(text) && Number(text) >= low && Number(text) <= high;

  function accepts({ kind, known, limits }, value) {
    if (kind === "one") return known.includes(value);
    if (kind === "id") return /^\w{1,40}$/.test(value);
    if (kind === "number") return isBetween(value, ...limits);
    const parts = value.split(",");
    if (kind === "many") return new Set(parts).size === parts.length && parts.every((part) => known.includes(part));
    if (kind === "point") return parts.length === 2 && isBetween(parts[0], -180, 180) && isBetween(parts[1], -90, 90);
    return [...value].length <= MAX_TEXT;
  }

  // What is unknown, wrong or there twice is a problem and left out.
  function readQuery(text, parameters) {
    const known = new Map(parameters.map((parameter) => [parameter.name, parameter]));
    const [values, problems] = [{}, []];
    if (text.length > MAX_QUERY) return { values, problems: ["…"] };
    for (const [name, value] of new URLSearchParams(text)) {
      const parameter = known.get(name);
      if (!parameter || name in values || (value && !accepts(parameter, value))) problems.push(name);
      else if (value) values[name] = value;
    }
    const given = VIEW.filter((name) => values[name]);
    if (given.length && given.length < VIEW.length) {
      problems.push(...given);
      for (const name of VIEW) delete values[name];
    }
    return { values, problems };
  }

  // A point that was pressed stands behind #, which no browser sends: a link reproduces it, and
  // the reader's place stays on the device.
  function readPoint(hash, parameters) {
    const parameter = parameters.find(({ kind }) => kind === "point");
    const value = new URLSearchParams(hash.slice(1)).get("point");
    return parameter && value && accepts(parameter, value) ? value : "";
  }

  // ---- messages: to a parent that may frame the page, and from it ---------------------------

  function fits(source, origin) {
    if (source === "'self'") return origin === window.location.origin;
    // A setting that names no site names no one to talk to.
    if (source === "*" || source === "'none'" || /^https?:$/.test(source)) return false;
    const [scheme, host] = source.includes("://") ? source.split("://") : ["https", source];
    const address = new URL(origin);
    if (address.protocol !== `${scheme}:`) return false;
    return host.startsWith("*.") ? address.host.endsWith(host.slice(1)) : address.host === host;
  }

  function findParent(ancestors) {
    if (window.parent === window) return "";
    const listed = window.location.ancestorOrigins?.[0];
    const origin = listed ?? (document.referrer && new URL(document.referrer).origin);
    return origin && origin !== "null" && ancestors.some((source) => fits(source, origin)) ? origin : "";
  }

  function talkToParent({ ancestors }, { onQuery }) {
    const origin = findParent(ancestors);
    const tell = (message) => { if (origin) window.parent.postMessage({ type: "kumamoto-map", ...message }, origin); };
    window.addEventListener("message", ({ data, origin: from, source }) => {
      if (!origin || from !== origin || source !== window.parent) return;
      if (data?.type === "kumamoto-map-set" && typeof data.query === "string") onQuery(data.query);
    });
    if (origin) {
      new ResizeObserver(() => tell({ height: Math.ceil(document.body.getBoundingClientRect().height) })).observe(document.body);
    }
    return tell;
  }

  return { readQuery, readPoint, talkToParent };
})());
