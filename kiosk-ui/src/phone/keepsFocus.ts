/** An attachment: gives the focus back that was in an element when it became inert, as soon as it no longer is. */
export function keepsFocus(element: HTMLElement): () => void {
  let was: HTMLElement | undefined;
  const focused = ({ target }: FocusEvent) => {
    if (target instanceof HTMLElement) was = target;
  };
  // Browsers take the focus out of what is inert without a touch; a touch elsewhere is the visitor's own.
  const blurred = () => {
    if (!element.inert) was = undefined;
  };
  const watcher = new MutationObserver(() => {
    if (element.inert || !was?.isConnected || document.activeElement !== document.body) return;
    was.focus({ preventScroll: true });
  });
  element.addEventListener("focusin", focused);
  element.addEventListener("focusout", blurred);
  watcher.observe(element, { attributeFilter: ["inert"] });
  return () => {
    element.removeEventListener("focusin", focused);
    element.removeEventListener("focusout", blurred);
    watcher.disconnect();
  };
}
