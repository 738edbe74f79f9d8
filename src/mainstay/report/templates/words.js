"use strict";
// Numbers in words, as words.py says them: the same rounding, the same digits, the same order.
const words = (() => {
  const MINUS = "−", NORMAL = 1.959963984540054;
  const scales = [[1e12, " trillion"], [1e9, " billion"], [1e6, " million"]];
  const power = (exponent) => Number("1e" + exponent);
  const rounded = (value, step) => Math.floor(value / step + 0.5) * step;
  const exponentOf = (value) => (value && isFinite(value) ? Math.max(Number(Math.abs(value).toExponential().split("e")[1]), -9) : 0);
  const apart = (value, digits) => {
    const [whole, rest] = Math.abs(value).toFixed(digits).split(".");
    return whole.replace(/\B(?=(\d{3})+$)/g, ",") + (rest ? "." + rest : "");
  };
  const fixed = (value, digits) => (value < 0 ? MINUS : "") + apart(rounded(value * power(digits), 1) / power(digits), digits);

  function stepOf(value, low, high) {
    if (low === null || high === null || !(high - low > 0)) return value === 0 ? 1 : power(Math.max(exponentOf(value) - 2, -9));
    let exponent = exponentOf((high - low) / 2);
    while (exponent > -9 && [low, high].some((bound) => bound && !rounded(bound, power(exponent)))) exponent -= 1;
    const near = (bound) => bound !== value && rounded(bound, power(exponent)) === rounded(value, power(exponent));
    if (value !== low && value !== high && [low, high].some(near)) exponent -= 1;
    return power(Math.max(exponent, -9));
  }
  function number(value, step) {
    const near = rounded(value, step), size = Math.abs(near), exponent = Math.round(Math.log10(step));
    const sign = near < 0 ? MINUS : "";
    for (const [scale, word] of scales) {
      if (size >= scale) {
        const text = apart(size / scale, Math.max(0, Math.round(Math.log10(scale)) - exponent));
        return sign + (text.includes(".") ? text.replace(/0+$/, "").replace(/\.$/, "") : text) + word;
      }
    }
    return sign + apart(size, Math.max(0, -exponent));
  }
  const signed = (value, step) => {
    const text = number(value, step);
    return text.startsWith(MINUS) || rounded(value, step) === 0 ? text : "+" + text;
  };
  function likely(low, high, step) {
    if (low === null || high === null) return "how sure is not known";
    let start = number(low, step);
    const end = number(high, step);
    for (const [, word] of scales) if (start.endsWith(word) && end.endsWith(word)) start = start.slice(0, -word.length);
    return `likely ${start} to ${end}`;
  }
  function percentDigits(share) {
    const [rest, whole] = share < 0.5 ? [share, 0.0995] : [1 - share, 0.0095];
    return rest >= whole || rest <= 0 ? 0 : Math.min(Math.max(1, -exponentOf(100 * rest)), 6);
  }
  const percent = (share) => (share === null ? "unknown" : fixed(100 * share, percentDigits(share)) + "%");
  function ofHundred(share) {
    if (share === null) return "unknown";
    const whole = [100, 1e3, 1e4, 1e5].find((n) => share * n >= 9.5) || (share === 0 ? 100 : 1e6);
    return `${apart(rounded(share * whole, 1), 0)} of ${apart(whole, 0)}`;
  }
  function shareRange(interval) {
    if (interval === null) return "how sure is not known";
    const digits = Math.max(...interval.map(percentDigits));
    return `likely ${fixed(100 * interval[0], digits)} to ${fixed(100 * interval[1], digits)}%`;
  }
  // Wilson's bounds, as stats/intervals.py has them.
  function wilson(positive, n) {
    if (!n) return null;
    const z2 = NORMAL * NORMAL, share = positive / n;
    const middle = (share + z2 / (2 * n)) / (1 + z2 / n);
    const half = Math.sqrt(z2 * (share * (1 - share) + z2 / (4 * n)) / n) / (1 + z2 / n);
    return [positive === 0 ? share : Math.max(middle - half, 0), share === 1 ? 1 : Math.min(middle + half, 1)];
  }
  // The two cells of a share, as cells.py has them: the share, and its range.
  function bounds(interval) {
    if (interval === null) return ["–", null];
    const digits = Math.min(interval[0], 1 - interval[1]) >= 0.0095 ? 0 : 1;
    return [interval.map((bound) => fixed(100 * bound, digits)).join(" to "), interval[0]];
  }
  const shareCells = (part, whole) => (whole ? [[percent(part / whole), part / whole], bounds(wilson(part, whole))] : [["–", null], ["–", null]]);
  return { bounds, shareCells, NORMAL, stepOf, number, signed, likely, percent, ofHundred, shareRange, wilson, fixed, apart, exponentOf, power };
})();
