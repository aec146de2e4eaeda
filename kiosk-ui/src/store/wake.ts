/**
 * Calls `wake` whenever the page may have slept: it is looked at again, comes back out of the browser's cache,
 * or the phone has a network again; and `rest` when the browser puts it away. Until the returned function is called.
 */
export function onWake(wake: () => void, rest: () => void): () => void {
  const seen = () => !document.hidden && wake();
  const shown = ({ persisted }: PageTransitionEvent) => persisted && wake();
  document.addEventListener("visibilitychange", seen);
  addEventListener("pageshow", shown);
  addEventListener("online", wake);
  addEventListener("pagehide", rest);
  return () => {
    document.removeEventListener("visibilitychange", seen);
    removeEventListener("pageshow", shown);
    removeEventListener("online", wake);
    removeEventListener("pagehide", rest);
  };
}
