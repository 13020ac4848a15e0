// What one case's worker is: the built modules, and the bindings of wrangler.toml filled in for this case alone.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { unstable_readConfig } from "wrangler";

/** The namespace that a case's `kv` and `set` write to. */
export const KV_BINDING = "TIDEGATE_KV";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const config = unstable_readConfig({ config: join(root, "wrangler.toml") }, { hideWarnings: true });

const builds = {
  product: dirname(config.main),
  test: join(root, "target", "workers-test", "build"),
};

/** The options of the worker called `name`, for miniflare. */
export function worker(name, { id, build = "product", vars = {}, secrets = {}, without = [], ratelimits = [] }) {
  const { env, exports } = bindings(name, ratelimits);
  for (const binding of without) delete env[binding];
  for (const [key, value] of Object.entries({ ...config.vars, ...vars, ...secrets })) {
    env[key] = typeof value === "string" ? { type: "text", value } : { type: "json", value };
  }
  return {
    config: {
      name,
      compatibilityDate: config.compatibility_date,
      compatibilityFlags: config.compatibility_flags,
      manifest: { mainModule: "main.js", modules: { ...wrapping(id, name), ...modules(build) } },
      env,
      exports,
    },
    dev: {
      unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
      // An upstream shall see exactly what the worker sent.
      stripCfConnectingIp: false,
    },
  };
}

/** The bindings of wrangler.toml, and the limiters of a case. The numbered name keeps their storage apart from that of other cases. */
function bindings(name, ratelimits) {
  const env = {};
  const exports = {};
  for (const { binding } of config.kv_namespaces) env[binding] = { type: "kv", id: `${name}-${binding}` };
  for (const { name: binding, namespace_id, simple } of [...(config.ratelimits ?? []), ...ratelimits]) {
    env[binding] = { type: "rate-limit", namespace: `${name}-${namespace_id}`, simple };
  }
  for (const { name: binding, class_name } of config.durable_objects.bindings) {
    env[binding] = { type: "durable-object", worker: name, exportName: class_name };
    exports[class_name] = { type: "durable-object", storage: "sqlite" };
  }
  return { env, exports };
}

const read = new Map();

/** The modules of a build, read once. */
function modules(build) {
  const directory = builds[build];
  if (directory === undefined) throw new Error(`no build is called ${JSON.stringify(build)}`);
  if (!read.has(build)) {
    const hint = build === "test" ? "cargo xtask build workers --test" : "cargo xtask build workers";
    try {
      read.set(build, {
        "index.js": { type: "esm", contents: readFileSync(join(directory, "index.js"), "utf8") },
        "index_bg.wasm": { type: "wasm", contents: new Uint8Array(readFileSync(join(directory, "index_bg.wasm"))) },
      });
    } catch (why) {
      throw new Error(`${why.message}\nThe worker is not built: run \`${hint}\``);
    }
  }
  return read.get(build);
}

/** Stands around the name of a case in what its worker logs. No log line of ours holds it. */
const MARK = "\u0001";

/**
 * The main module, and the one that keeps a case apart from the others of its process. workerd does not say which
 * worker logged a line, so each marks its own; and all workers of a process share one Cache API, so each gets a part
 * of it. That module is imported first, hence evaluated first.
 */
function wrapping(id, name) {
  const mark = JSON.stringify(MARK + id + MARK);
  const apart = `for (const level of ["debug", "log", "info", "warn", "error"]) {
    const write = console[level].bind(console);
    console[level] = (first, ...rest) => write(${mark} + first, ...rest);
  }
  const open = caches.open.bind(caches);
  const part = (cache) => open("${name}:" + cache);
  Object.defineProperties(caches, { default: { value: await part("default") }, open: { value: part } });`;
  const main = `import "./apart.js"; export * from "./index.js"; export { default } from "./index.js";`;
  return { "main.js": { type: "esm", contents: main }, "apart.js": { type: "esm", contents: apart } };
}

/** Which case logged a line, and the line as it was. */
export function untag(message) {
  if (!message.startsWith(MARK)) return { id: null, text: message };
  const end = message.indexOf(MARK, 1);
  return { id: message.slice(1, end), text: message.slice(end + 1) };
}
