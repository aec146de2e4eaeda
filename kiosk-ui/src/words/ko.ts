/** 한국어. `en.ts`와 같은 열쇠말을 가진다. */
export { common } from "./ko/common";
export { facts } from "./ko/facts";
export { kiosk } from "./ko/kiosk";
export { phone } from "./ko/phone";
export { staff } from "./ko/staff";
