/**
 * What is wrong with a screen as it stands: runs in the page, answers sentences.
 * `text` is the least size of letters, `target` the least side of what can be touched, in pixels;
 * on a `fixed` screen nothing may lie outside, on others nothing may lie beside.
 */
export function flaws({ text, target, fixed }) {
  const found = [];
  const { innerWidth: width, innerHeight: height } = window;
  const seen = (element) => {
    const style = getComputedStyle(element);
    const { width: w, height: h } = element.getBoundingClientRect();
    return style.visibility !== "hidden" && style.display !== "none" && w > 2 && h > 2 && style.clipPath === "none";
  };
  const called = (element) => (element.getAttribute("aria-label") ?? element.textContent).trim().slice(0, 40);

  const across = document.scrollingElement.scrollWidth - width;
  if (across > 1) found.push(`it can be scrolled sideways by ${across} px`);
  for (const element of fixed ? document.querySelectorAll("*") : []) {
    const below = element.scrollHeight - element.clientHeight;
    if (below > 1 && /auto|scroll/.test(getComputedStyle(element).overflowY)) found.push(`it must be scrolled by ${below} px`);
  }

  for (const element of document.querySelectorAll("button, a[href], label:has(input), input:not([type=checkbox], [type=radio], [type=file])")) {
    if (!seen(element)) continue;
    const box = element.getBoundingClientRect();
    if (box.height < target - 1) found.push(`"${called(element)}" is ${Math.round(box.height)} px high`);
    if (box.left < -1 || box.right > width + 1) found.push(`"${called(element)}" sticks out sideways`);
    if (fixed && (box.top < -1 || box.bottom > height + 1)) found.push(`"${called(element)}" is off the screen`);
    if (element.scrollWidth > element.clientWidth + 2 && element.clientWidth > 0) {
      found.push(`"${called(element)}" does not fit its own box`);
    }
  }

  for (const label of document.querySelectorAll("figcaption")) {
    const { left, right, top, bottom } = label.getBoundingClientRect();
    const covered = [...document.querySelectorAll("figure")].some((figure) => {
      const box = figure.getBoundingClientRect();
      return !figure.contains(label) && left < box.right && right > box.left && top < box.bottom && bottom > box.top;
    });
    if (covered) found.push(`the label "${called(label)}" is hung over by another picture`);
  }

  // Fonts come in slices; one that did not arrive is never asked for again.
  const lost = [...document.fonts].filter(({ status }) => status === "error").map(({ family, unicodeRange }) => ({
    family: family.replaceAll('"', ""),
    ranges: unicodeRange.split(",").map((range) => range.trim().slice(2).split("-").map((hex) => parseInt(hex, 16))),
  }));
  const lettersLost = (text, families) =>
    [...text].filter((letter) => {
      const code = letter.codePointAt(0);
      const within = ({ ranges }) => ranges.some(([first, last = first]) => first <= code && code <= last);
      return lost.some((face) => families.includes(face.family) && within(face));
    });

  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || !element.checkVisibility() || !seen(element)) continue;
    const size = parseFloat(getComputedStyle(element).fontSize);
    if (size < text - 0.5) found.push(`"${node.data.trim().slice(0, 40)}" is set in ${size.toFixed(1)} px`);
    const missing = lettersLost(node.data, getComputedStyle(element).fontFamily);
    if (missing.length > 0) found.push(`the font has no letters for "${missing.join("")}" in "${node.data.trim()}"`);
    const range = document.createRange();
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    const y = (box.top + box.bottom) / 2;
    // A line is higher than its letters, so half of it must be outside before a letter is cut.
    if (fixed && (y > height || y < 0 || box.right > width + 1 || box.left < -1)) {
      found.push(`"${node.data.trim().slice(0, 40)}" is off the screen`);
    }
  }
  return [...new Set(found)];
}
