// Text as nodes: all text from data goes through textContent, so nothing in a dataset can become
// HTML. The first of our scripts; the others take its functions.
"use strict";

window.kumageo = (() => {
  function element(tag, className, text) {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text !== undefined) setText(node, text);
    return node;
  }

  // Furigana comes as ｜漢字《かんじ》 and becomes ruby; an option of a list can't hold any.
  function setText(node, text) {
    const whole = String(text);
    if (!whole.includes("《") || node.tagName === "OPTION") {
      node.textContent = spell(whole);
      return;
    }
    let at = 0;
    node.replaceChildren();
    for (const { index, 0: found, 1: word, 2: reading } of whole.matchAll(RUBY)) {
      const ruby = document.createElement("ruby");
      ruby.append(word, element("rp", "", "（"), element("rt", "", reading), element("rp", "", "）"));
      node.append(whole.slice(at, index), ruby);
      at = index + found.length;
    }
    node.append(whole.slice(at));
  }

  const RUBY = /｜([^｜《》]+)《([^《》]+)》/g;
  const plain = (text) => String(text).replace(RUBY, "$1");
  const spell = (text) => text.replace(RUBY, "$1（$2）");

  // A sentence with <name> where a value stands.
  const write = (form, values) => form.replace(/<(\w+)>/g, (_, name) => values[name] ?? "");

  // As the language of the page writes numbers: Babel told its marks. The browser's own writer
  // takes longer to make than the map to draw.
  function number(value, decimals = 0) {
    const { group, decimal } = document.documentElement.dataset;
    const [whole, part] = value.toFixed(decimals).split(".");
    const grouped = whole.replace(/\B(?=(\d{3})+$)/g, group);
    return part ? grouped + decimal + part : grouped;
  }

  function button(text, press) {
    const node = element("button", "", text);
    node.type = "button";
    node.addEventListener("click", press);
    return node;
  }

  return { element, setText, plain, write, number, button };
})();
