// Keeps an open report as it stands: rows that change are put in their places, and told politely. Without it the page is
// whole; it is only as old as its opening.
"use strict";
(() => {
  const told = document.getElementById("live");
  if (!told || !told.dataset.changes || !("EventSource" in window)) return;
  let at = told.dataset.at;
  let changed = new Set();
  let whole = false;  // Whatever may have changed.
  let asked = false;  // Since the watch ended.
  let timer = 0;
  let renewing = false;

  function say(words, again) {
    told.textContent = words;
    if (!again) return;
    const link = document.createElement("a");
    link.href = location.href.split("#")[0];
    link.textContent = "Open it again";
    told.append(" ", link, ".");
  }

  // In place of what stands there; what has the focus has it afterwards.
  function put(id, fresh) {
    const old = document.getElementById(id);
    if (!old || !fresh || old.isEqualNode(fresh)) return false;
    const links = [...old.querySelectorAll("a, summary")];
    const focused = links.indexOf(document.activeElement);
    old.replaceWith(document.adoptNode(fresh));
    if (focused >= 0) [...document.getElementById(id).querySelectorAll("a, summary")][focused]?.focus({ preventScroll: true });
    return true;
  }

  // The row that is being read: it has the focus, or stands in the middle of the window.
  function read() {
    const place = document.activeElement?.closest(".report tbody") ?? document.elementFromPoint(innerWidth / 2, innerHeight / 2)?.closest(".report tbody");
    return place && { id: place.id, top: place.getBoundingClientRect().top };
  }

  // One after the other: an older answer must not come last.
  async function renew() {
    timer = 0;
    if (renewing) return soon();
    renewing = true;
    try {
      await ask();
    } finally {
      renewing = false;
    }
  }

  async function ask() {
    const refs = whole ? [] : [...changed];
    changed = new Set();
    whole = false;
    let fresh;
    try {
      const answer = await fetch(location.href, { cache: "no-cache" });
      if ([401, 403, 404].includes(answer.status)) {
        source.close();
        return say("The report is not here for you any more.", true);
      }
      if (!answer.ok) throw new Error(String(answer.status));
      fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    } catch {
      refs.forEach((ref) => changed.add(ref));
      whole = whole || refs.length === 0;
      soon(5000 + Math.random() * 10000);  // Others ask at the same time.
      return;
    }
    at = fresh.getElementById("live")?.dataset.at ?? at;
    const rows = (page) => [...page.querySelectorAll(".report tbody")].map((row) => row.id).sort().join(" ");
    if (rows(document) !== rows(fresh)) return say("The report has other rows now.", true);
    const before = read();
    const renewed = [];
    for (const row of [...fresh.querySelectorAll(".report tbody")]) {
      const itself = refs.length === 0 || refs.includes(row.id);
      // Or the one whose figures its chart shows as well.
      if ((itself || refs.includes(row.dataset.chartedWith)) && put(row.id, row) && itself) renewed.push(row.id);
    }
    put("glance", fresh.getElementById("glance"));
    document.dispatchEvent(new Event("renewed"));
    // Rows above it may have grown: it stays where it was.
    const after = before && document.getElementById(before.id);
    if (after) scrollBy({ top: after.getBoundingClientRect().top - before.top, behavior: "instant" });
    if (renewed.length > 0) say(renewed.length > 5 ? `${renewed.length} rows have changed.` : `Changed just now: ${renewed.join(", ")}.`);
  }

  function soon(wait = 300) {
    if (!timer) timer = setTimeout(renew, wait);  // What changes together is put in together.
  }

  const source = new EventSource(told.dataset.changes);
  source.addEventListener("row", (event) => {
    changed.add(event.data);
    soon();
  });
  // Where the watch begins: something may have changed since the page was made, or while nobody was connected.
  source.addEventListener("at", (event) => {
    asked = false;
    if (event.data === at && changed.size === 0) return;
    whole = true;
    soon();
  });
  // The watch ended: perhaps because its reader may see more now, or less, which changes no position.
  source.addEventListener("error", () => {
    if (asked) return;
    asked = whole = true;
    soon(Math.random() * 3000);  // Others ask at the same time.
  });
})();
