/**
 * Browsers and apps that translate a page put elements into the places of its texts, some of them though
 * the page asks them not to. What the page then writes into a text reaches a node that is on no screen.
 *
 * Watches `root`, and puts such a text back into its place as soon as the page writes it anew, for the
 * translator to take again; until the returned function is called.
 */
export function keepTextsLive(root: Node): () => void {
  /** What stands in the place of a text. */
  const standIns = new WeakMap<Node, Element>();

  const writes = new MutationObserver((records) => {
    for (const { target } of records) {
      const standIn = standIns.get(target);
      if (!standIn) continue;
      standIns.delete(target);
      if (standIn.isConnected) standIn.replaceWith(target);
    }
  });
  const swaps = new MutationObserver((records) => {
    for (const record of records) {
      const text = record.removedNodes[0];
      const standIn = text instanceof Text ? standInOf(record) : undefined;
      if (!text || !standIn || text.isConnected) continue;
      standIns.set(text, standIn);
      writes.observe(text, { characterData: true });
    }
  });
  swaps.observe(root, { childList: true, subtree: true });
  return () => {
    swaps.disconnect();
    writes.disconnect();
  };
}

/** The element that took the place of the text which `record` removes: in one step, or put before or after it first. */
function standInOf({ addedNodes, previousSibling, nextSibling }: MutationRecord): Element | undefined {
  const [added] = addedNodes;
  if (added) return added instanceof Element ? added : undefined;
  // The page itself never makes a <font>.
  return [previousSibling, nextSibling].find((node) => node instanceof HTMLElement && node.tagName === "FONT") as
    | Element
    | undefined;
}
