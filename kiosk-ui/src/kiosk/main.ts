import "@fontsource-variable/cormorant/wght.css";
import "@fontsource-variable/cormorant/wght-italic.css";
import "@fontsource/gowun-batang/400.css";
import "pretendard/dist/web/variable/pretendardvariable-dynamic-subset.css";
import "../parts/tokens.css";
import "./kiosk.css";
import { mount } from "svelte";
import { keepTextsLive } from "../parts/liveTexts";
import App from "./App.svelte";
import { sizeByDiagonal } from "./size";

sizeByDiagonal();
keepTextsLive(document);
const target = document.getElementById("app");
if (target) mount(App, { target });
