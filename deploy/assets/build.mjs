// Bundles ECharts and copies htmx into api/static/vendor, with a manifest of hashes; called by `make assets` after `npm ci`.
import { createHash } from "node:crypto";
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..");
const vendor = join(root, "api", "static", "vendor");
const htmx = join(root, "node_modules", "htmx.org", "dist");

const copies = {
  "htmx.min.js": join(htmx, "htmx.min.js"),
  "hx-sse.min.js": join(htmx, "ext", "hx-sse.min.js"),
  "hx-csp.min.js": join(htmx, "ext", "hx-csp.min.js"),
};

await rm(vendor, { recursive: true, force: true });
await mkdir(vendor, { recursive: true });
for (const [name, source] of Object.entries(copies)) await copyFile(source, join(vendor, name));
await build({
  entryPoints: [join(here, "charts.js")],
  outfile: join(vendor, "echarts.min.js"),
  bundle: true,
  minify: true,
  format: "iife",
  globalName: "echarts",
  target: "es2022",
  legalComments: "eof",
  logLevel: "warning",
});

// Subresource integrity as browsers spell it, so that a template can paste the value. Written last: it is make's stamp.
const manifest = {};
for (const name of [...Object.keys(copies), "echarts.min.js"].sort()) {
  const hash = createHash("sha384").update(await readFile(join(vendor, name)));
  manifest[name] = `sha384-${hash.digest("base64")}`;
}
await writeFile(join(vendor, "manifest.json"), JSON.stringify(manifest, null, 2) + "\n");
