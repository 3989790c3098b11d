// Reads a flowchart with Mermaid itself and prints what it understood. The argument is the folder with node_modules.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const folder = process.argv[2];
const { JSDOM } = createRequire(`${folder}/`)("jsdom");
const { window } = new JSDOM("<!doctype html><body></body>");
globalThis.window = window;
globalThis.document = window.document;
const { default: mermaid } = await import(pathToFileURL(`${folder}/node_modules/mermaid/dist/mermaid.core.mjs`));

let text = "";
for await (const part of process.stdin) text += part;
await mermaid.parse(text);
const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
console.log(
  JSON.stringify({
    title: db.getAccTitle(),
    nodes: [...db.getVertices().values()].map((node) => node.text),
    arrows: db.getEdges().map((arrow) => [arrow.start, arrow.end, arrow.text]),
    groups: db.getSubGraphs().map((group) => group.title),
  }),
);
