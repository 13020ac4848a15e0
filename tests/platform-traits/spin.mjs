// Spin components in the test host, and the Redis server that they are given.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const host = process.env.TIDEGATE_SPIN_HOST ?? join(root, "target/spin-host/spin-host");
const component = join(root, "target/wasm32-wasip2/debug/tidegate_spin.wasm");

/** The host with apps of the test build. */
export class Spin {
  #child;
  #waiting = new Map();

  constructor() {
    this.#child = spawn(host, ["--apps", "--component", component], { stdio: ["pipe", "pipe", "inherit"] });
    this.#child.on("exit", () => this.#waiting.forEach(({ reject }) => reject(new Error("the Spin host has ended"))));
    createInterface({ input: this.#child.stdout }).on("line", (line) => {
      const { id, port, error } = JSON.parse(line);
      if (port !== undefined) this.#waiting.get(id)?.resolve(port);
      if (error !== undefined) this.#waiting.get(id)?.reject(new Error(error));
    });
  }

  /** Starts an app and says where it is. */
  async start(id, variables, more = {}) {
    const tidegate_config = JSON.stringify({ routes: [{ name: "all", to: { respond: { body: "" } } }] });
    const started = new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    const allow_outbound = ["http://127.0.0.1:*", "redis://127.0.0.1:*"];
    const start = { id, variables: { tidegate_config, ...variables }, allow_outbound, ...more };
    this.#child.stdin.write(JSON.stringify({ start }) + "\n");
    return `http://127.0.0.1:${await started}`;
  }

  async stop() {
    const ended = once(this.#child, "exit");
    this.#child.stdin.end();
    await ended;
  }
}

/** A Redis server on a port of its own, which keeps nothing. */
export class Redis {
  #child;

  static async start() {
    const program = process.env.TIDEGATE_REDIS_SERVER;
    if (!program) throw new Error("TIDEGATE_REDIS_SERVER names no Redis server: run `cargo xtask test`");
    // Between this port's being free and Redis' taking it another program may take it; then another is tried.
    for (let tries = 0; tries < 5; tries += 1) {
      const redis = new Redis();
      const port = await freePort();
      const options = ["--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--daemonize", "no"];
      redis.#child = spawn(program, options.map(String), { stdio: ["ignore", "pipe", "inherit"] });
      if (await redis.#ready()) {
        redis.address = `redis://127.0.0.1:${port}`;
        return redis;
      }
    }
    throw new Error(`${program} does not start`);
  }

  async #ready() {
    for await (const line of createInterface({ input: this.#child.stdout })) {
      if (/Ready to accept connections/.test(line)) {
        // What else it says is not read, and must not fill the pipe.
        this.#child.stdout.resume();
        return true;
      }
    }
    return false;
  }

  /** Says a command in a line, to which it answers `+OK`. */
  async ask(command) {
    const connection = connect(new URL(this.address).port, "127.0.0.1").setEncoding("utf8");
    connection.write(`${command}\r\n`);
    const [answer] = await once(connection, "data");
    connection.destroy();
    if (answer !== "+OK\r\n") throw new Error(`Redis answered ${answer} to ${command}`);
  }

  /** Ends this server, and no other. */
  async stop() {
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    await ended;
  }
}

/** A port that nobody had a moment ago. */
export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}
