// Data of a static export: files that hand themselves over, as a page in a file may fetch nothing.
// The same way works from a web server. In the bundles of an export only, after map.js.
"use strict";

Object.assign(window.kumageo, (() => {
  const kept = new Map();

  // Called by the files of data, under their own name.
  function keep(name, data) {
    kept.set(name, data);
  }

  function fetchData(address) {
    const name = address.split("/").pop();
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.addEventListener("error", () => reject(new Error(address)));
      script.addEventListener("load", () => {
        script.remove();
        if (kept.has(name)) resolve(kept.get(name));
        else reject(new Error(address));
        kept.delete(name);
      });
      script.src = address;
      document.head.append(script);
    });
  }

  return { keep, fetchData };
})());
