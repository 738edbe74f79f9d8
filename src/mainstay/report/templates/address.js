// The address keeps what the reader has set: a link or a reload shows the same.
const address = (() => {
  const parts = () => new URLSearchParams(location.hash.includes("=") ? location.hash.slice(1) : "");
  function keep(name, value) {
    const kept = parts();
    if (value === null) kept.delete(name); else kept.set(name, value);
    const text = kept.toString();
    try { history.replaceState(null, "", text ? "#" + text : location.pathname + location.search); } catch { /* a frame without an address */ }
  }
  return { keep, read: (name) => parts().get(name) };
})();
