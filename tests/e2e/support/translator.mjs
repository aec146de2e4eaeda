/**
 * Translates a page as Chrome's translation and apps that have one of their own do: in the place of every text,
 * now and whenever one comes, stand two `<font>` elements with other words in them. Runs in the page, before its
 * own script; it "translates" by putting the words in guillemets.
 */
export function translator() {
  const put = (text) => {
    if (!text.data.trim() || text.parentElement?.closest("font, script, style")) return;
    const inner = document.createElement("font");
    inner.style.verticalAlign = "inherit";
    inner.append(`«${text.data.trim()}»`);
    const outer = inner.cloneNode();
    outer.append(inner);
    text.replaceWith(outer);
  };
  const translate = (root) => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    const texts = [];
    for (let node = walker.nextNode(); node; node = walker.nextNode()) texts.push(node);
    texts.forEach(put);
  };
  const watcher = new MutationObserver((records) => {
    for (const { type, target, addedNodes } of records) {
      if (type === "characterData") put(target);
      for (const node of addedNodes) {
        if (node.isConnected) node instanceof Text ? put(node) : translate(node);
      }
    }
  });
  watcher.observe(document, { childList: true, characterData: true, subtree: true });
}

/** What the translator makes of `text`. */
export const translated = (text) => `«${text}»`;
