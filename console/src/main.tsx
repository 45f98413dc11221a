import { render } from "preact";
import { App } from "./app.tsx";
import { T } from "./texts.ts";

document.documentElement.lang = T.locale;
render(<App />, document.getElementById("console")!);
