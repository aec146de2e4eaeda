/** English, sentence by sentence. `ko.ts` has the same keys; a test compares them. */
export { common } from "./en/common";
export { facts } from "./en/facts";
export { kiosk } from "./en/kiosk";
export { phone } from "./en/phone";
export { staff } from "./en/staff";
