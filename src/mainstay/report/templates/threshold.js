// The slider: what each threshold decides, finds, misses and is worth, from counts made with the report.
(() => {
  const data = JSON.parse(document.getElementById("thresholds-data").textContent);
  const slider = document.getElementById("threshold"), field = document.getElementById("threshold-number");
  const reset = document.getElementById("threshold-reset"), here = document.getElementById("spark-here");
  const best = document.getElementById("threshold-best");
  const last = data.at.length - 1, said = data.words;
  const digits = Math.max(0, -words.exponentOf(data.upper / 1000));

  const share = (part, whole) => (whole ? part / whole : null);
  const name = (i) => (data.at[i] === null ? "nobody" : words.fixed(data.at[i], digits));
  function money(curve, i, says) {
    const value = curve.value[i], half = curve.half[i];
    const low = half === null ? null : value - half, high = half === null ? null : value + half;
    const step = words.stepOf(value, low, high);
    return [says(value, step), words.likely(low, high, step), value];
  }
  function facts(i) {
    const high = data.n_high[i], right = data.n_right[i], missed = data.n_positive - right;
    const found = {
      share: [`${words.percent(share(high, data.n))} of cases`, words.shareRange(words.wilson(high, data.n)), high / data.n],
      right: high ? [`${words.ofHundred(right / high)} ${said.done} turned out ${said.event}`,
        words.shareRange(words.wilson(right, high)), right / high] : [`no case is ${said.done}`, "", null],
      missed: [`${words.percent(share(missed, data.n_positive))} of ${said.cases}`,
        words.shareRange(words.wilson(missed, data.n_positive)), share(missed, data.n_positive)],
    };
    const against = (other) => (value, step) => `${words.signed(value, step)} against ${other}`;
    if (data.worth) found.worth = money(data.worth, i, (value, step) => `${said.currency} ${words.number(value, step)}`.trim() + " a decision");
    if (data.ahead) found.ahead = money(data.ahead, i, against(data.nothing));
    if (data.today) found.today = money(data.today, i, against("today's rule"));
    data.views.forEach((view, k) => {
      const [says, how, value] = money(view.worth, i, (value, step) => `${view.currency} ${words.number(value, step)}`.trim() + " a decision");
      found["view-" + k] = [says, data.nothing ? `${how}; ${money(view.ahead, i, against(data.nothing))[0]}` : how, value];
    });
    return found;
  }
  function four(i) {
    const high = data.n_high[i], right = data.n_right[i], missed = data.n_positive - right;
    return { "high-event": right, "high-other": high - right, "low-event": missed, "low-other": data.n - high - missed };
  }
  // Each step of the ladder takes something away from each level, mostly nothing: sums of steps are what is left.
  const summed = (steps) => { let sum = 0; return steps.split(",").map((step) => (sum += Number(step))); };
  const hits = data.hits.map((levels) => levels.map((level) => ("high" in level ? {
    ...level, high: summed(level.high), right: summed(level.right), worth: level.worth && summed(level.worth) } : level)));
  function level(hit, i) {
    const high = hit.high[i], right = hit.right[i];
    const cells = [...words.shareCells(high, hit.n), ...words.shareCells(high - right, hit.n - hit.n_positive),
      ...words.shareCells(hit.n_positive - right, hit.n_positive)];
    if (hit.worth) {
      for (const sum of [hit.worth[i], hit.worth[i] - hit.nothing]) {
        const value = sum / Number(hit.unit) / hit.n;
        cells.push([words.number(value, words.stepOf(value, null, null)), value]);
      }
    }
    return cells;
  }
  // Rows keep their place in the data by their order at first: sorting moves them about.
  const lines = hits.map((_, k) => [...document.querySelectorAll(`#table-hit-${k} tbody tr`)]);
  function showHits(i) {
    hits.forEach((levels, k) => levels.forEach((hit, j) => {
      if (!hit.high) return;
      level(hit, i).forEach(([text, value], c) => {
        const cell = lines[k][j].cells[c + 2];
        cell.textContent = text;
        if (value !== null) cell.dataset.value = value; else delete cell.dataset.value;
      });
    }));
  }
  function show(i) {
    for (const [key, [says, likely, value]] of Object.entries(facts(i))) {
      const place = document.getElementById("fact-" + key);
      place.querySelector(".says").textContent = says;
      place.querySelector("small").textContent = likely;
      if (value !== null) place.dataset.value = value; else delete place.dataset.value;
    }
    for (const [key, n] of Object.entries(four(i))) {
      const cell = document.getElementById("four-" + key);
      cell.querySelector("b").textContent = words.apart(n, 0);
      cell.querySelector(".of").textContent = words.percent(share(n, data.n)) + " of all";
    }
    showHits(i);
    slider.value = i;
    slider.setAttribute("aria-valuetext", `${name(i)}: ${words.percent(data.n_high[i] / data.n)} ${said.done}`);
    field.value = data.at[i] === null ? "" : name(i);
    field.placeholder = name(i);
    if (here) here.style.left = 100 * i / last + "%";
    reset.hidden = i === data.chosen;
    for (const each of document.querySelectorAll(".at-threshold")) each.textContent = name(i);
  }
  // The threshold that decides as the number typed would: the nearest one there is.
  function nearest(at) {
    let best = 0;
    for (let i = 1; i <= last; i += 1) {
      if (data.at[i] !== null && Math.abs(data.at[i] - at) < Math.abs(data.at[best] - at)) best = i;
    }
    return name(best) === name(data.chosen) ? data.chosen : best;
  }
  function move(i) {
    show(i);
    address.keep("threshold", i === data.chosen ? null : name(i));
  }
  slider.addEventListener("input", () => move(Number(slider.value)));
  field.addEventListener("change", () => field.value !== "" && move(nearest(Number(field.value))));
  best.addEventListener("click", () => { move(data.best); slider.focus(); });
  reset.addEventListener("click", () => { move(data.chosen); slider.focus(); });
  const kept = address.read("threshold");
  show(kept === null ? data.chosen : kept === "nobody" ? last : isFinite(kept) ? nearest(Number(kept)) : data.chosen);
})();
