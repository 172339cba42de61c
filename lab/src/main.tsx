/** The Lab begins. */
import { render } from "preact";
import "../generated/fonts.css";
import "./theme.css";
import "./layout.css";
import { App } from "./app.tsx";

const place = document.getElementById("app") as HTMLElement;
place.textContent = "";
render(<App />, place);
