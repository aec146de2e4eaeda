import "../parts/tokens.css";
import "./phone.css";
import { mount } from "svelte";
import { keepTextsLive } from "../parts/liveTexts";
import { Phone } from "../store/phone.svelte";
import { takeCode } from "../store/keys";
import App from "./App.svelte";

keepTextsLive(document);
const phone = new Phone();
phone.enter(takeCode());
// Another QR scanned while the page is open changes only the fragment.
addEventListener("hashchange", () => {
  const code = takeCode();
  if (code) phone.enter(code);
});

const target = document.getElementById("app");
if (target) {
  target.replaceChildren();
  mount(App, { target, props: { phone } });
}
