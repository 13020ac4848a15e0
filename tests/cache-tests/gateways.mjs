// A gateway with a cache in front of an origin, on each platform.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { freePort, Redis, Spin } from "../platform-traits/spin.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** All that the suite expects of a cache is asked for: what is guarded by default is let go. */
function config(origin, more = {}) {
  return {
    cache: { rules: { all: { heuristic: {}, set_cookie: "store", stale_if_error: "1m" } }, default: "all" },
    upstreams: { origin: { targets: [{ url: origin }] } },
    routes: [{ name: "all", to: { upstream: "origin" } }],
    respond: { access_log: "off" },
    ...more,
  };
}

/** Starts one; `base` is its URL. */
export async function start(platform, origin) {
  return { native, workers, spin }[platform](origin);
}

async function native(origin) {
  const folder = mkdtempSync(join(tmpdir(), "tidegate-cache-tests-"));
  const file = join(folder, "tidegate.json");
  const port = await freePort();
  const own = { listeners: [{ address: `127.0.0.1:${port}` }], admin: "127.0.0.1:0", threads: 2 };
  writeFileSync(file, JSON.stringify(config(origin, { native: own })));
  const program = process.env.TIDEGATE_PROGRAM ?? join(root, "target/release/tidegate");
  const child = spawn(program, ["serve", "--config", file], { stdio: ["ignore", "ignore", "pipe"] });
  const ended = once(child, "exit");
  createInterface({ input: child.stderr }).on("line", (line) => process.env.TIDEGATE_CACHE_TEST && console.error(line));
  await listening(port);
  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
    rmSync(folder, { recursive: true });
  };
  return { base: `http://127.0.0.1:${port}`, stop };
}

async function workers(origin) {
  const { Cases } = await import("../workers-host/cases.mjs");
  const said = [];
  const cases = new Cases((message) => said.push(message));
  await cases.start([{ id: "cache", vars: { TIDEGATE_CONFIG: JSON.stringify(config(origin, { reload: { interval: "0s" } })) } }]);
  const found = said.find(({ port, error }) => port !== undefined || error !== undefined);
  if (found?.port === undefined) throw new Error(found?.error ?? "the worker does not start");
  return { base: `http://127.0.0.1:${found.port}`, stop: () => cases.stopAll() };
}

async function spin(origin) {
  const redis = await Redis.start();
  const host = new Spin();
  const base = await host.start("cache", { tidegate_config: JSON.stringify(config(origin)), tidegate_redis: redis.address });
  const stop = async () => {
    await host.stop();
    await redis.stop();
  };
  return { base, stop };
}

/** Waits until somebody listens. */
async function listening(port) {
  for (;;) {
    const socket = connect(port, "127.0.0.1");
    const is = await new Promise((done) => socket.once("connect", () => done(true)).once("error", () => done(false)));
    socket.destroy();
    if (is) return;
    await new Promise((done) => setTimeout(done, 50));
  }
}
