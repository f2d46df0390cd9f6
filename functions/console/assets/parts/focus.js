/* Where the focus was on a page that is drawn anew: the same thing gets it back, or what came after it, or
   before it; a thing is the same when it has the same key, or the same kind and words. */

const REACHED = "a[href], button, input, select, textarea, summary, [tabindex='0']";

const reached = (main) => [...main.querySelectorAll(REACHED)].filter((el) => el.checkVisibility());
const marked = (el) => el.dataset.key ?? `${el.localName} ${el.getAttribute("aria-label") ?? el.textContent.trim()}`;

/* Remembers it now; the answer gives it back. */
export function focusKept(main) {
  const focused = document.activeElement;
  if (!main || focused === main || !main.contains(focused)) return () => {};
  const marks = reached(main).map(marked);
  const at = marks.indexOf(marked(focused));
  const order = [...marks.slice(Math.max(0, at)), ...marks.slice(0, Math.max(0, at)).reverse()];
  return () => {
    const there = new Map(reached(main).reverse().map((el) => [marked(el), el]));
    const next = order.map((mark) => there.get(mark)).find(Boolean) ?? main;
    next.focus({ preventScroll: true });
  };
}
