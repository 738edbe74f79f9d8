// The lift table cut anew: sums at the edges of buckets are enough, the cases stay at home.
(() => {
  const data = JSON.parse(document.getElementById("buckets-data").textContent);
  const choice = document.getElementById("buckets"), body = document.querySelector("#table-lift tbody");
  const n = data.n[data.n.length - 1], positives = data.n_positive[data.n.length - 1];

  function edges(count) {
    const found = new Set();
    for (let k = 1; k <= count; k += 1) {
      const wanted = n * k / count;
      let best = 0;
      data.n.forEach((end, i) => { if (Math.abs(end - wanted) < Math.abs(data.n[best] - wanted)) best = i; });
      found.add(best);
    }
    return [...found].sort((a, b) => a - b);
  }
  const between = (sums, at, before) => sums[at] - (before < 0 ? 0 : sums[before]);
  const edge = (share) => words.fixed(100 * share, 1).replace(/\.0$/, "");
  function gain(at, before, size) {
    const mean = between(data.gain, at, before) / size;
    const spread = Math.max(between(data.gain_squared, at, before) / size - mean * mean, 0);
    const half = size > 1 ? words.NORMAL * Math.sqrt(spread / (size - 1)) : null;
    const low = half === null ? null : mean - half, high = half === null ? null : mean + half;
    const step = words.stepOf(mean, low, high);
    return [[words.number(mean, step), mean],
      half === null ? ["–", null] : [`${words.number(low, step)} to ${words.number(high, step)}`, low]];
  }
  function row(at, before, i) {
    const start = before < 0 ? 0 : data.n[before], size = data.n[at] - start;
    const happened = between(data.n_positive, at, before), said = between(data.score, at, before) / size;
    const lift = positives ? happened / size / (positives / n) : null;
    return [
      [`${edge(start / n)} to ${edge(data.n[at] / n)}%`, i],
      [words.apart(size, 0), size],
      [words.percent(said), said],
      [words.percent(happened / size), happened / size],
      words.bounds(words.wilson(happened, size)),
      lift === null ? ["–", null] : [words.fixed(lift, 2), lift],
      positives ? [words.percent(data.n_positive[at] / positives), data.n_positive[at]] : ["–", null],
      ...(data.gain ? gain(at, before, size) : []),
    ];
  }
  function show(count) {
    const at = edges(count);
    const rows = at.map((end, i) => row(end, i ? at[i - 1] : -1, i));
    body.replaceChildren(...rows.map((cells) => {
      const line = document.createElement("tr");
      cells.forEach(([text, value], k) => {
        const cell = line.insertCell();
        cell.textContent = text;
        if (k) cell.className = "number";
        if (value !== null) cell.dataset.value = value;
      });
      return line;
    }));
    for (const drawn of document.querySelectorAll("[data-buckets]")) drawn.hidden = Number(drawn.dataset.buckets) !== count;
  }
  choice.addEventListener("change", () => {
    show(Number(choice.value));
    address.keep("buckets", choice.options[choice.selectedIndex].defaultSelected ? null : choice.value);
  });
  const kept = address.read("buckets");
  if (kept !== null && [...choice.options].some((option) => option.value === kept)) {
    choice.value = kept;
    show(Number(kept));
  }
})();
