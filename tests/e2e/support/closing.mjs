import { after } from "node:test";

/**
 * For the suite that calls it: a function that takes what a test opens, and gives it back. All of it is closed
 * after the suite's tests, the last first; what does not close holds nothing else up.
 */
export function closing() {
  const open = [];
  after(async () => {
    const failed = [];
    for (const thing of open) {
      try {
        await thing.close();
      } catch (error) {
        failed.push(error);
      }
    }
    if (failed.length > 0) throw failed[0];
  });
  return (thing) => {
    open.unshift(thing);
    return thing;
  };
}
