// The cases that run, and the workerd processes they run in.

import { Miniflare } from "miniflare";
import { KV_BINDING, untag, worker } from "./worker.mjs";

export class Cases {
  #say;
  /** From a case to the process it runs in. */
  #processes = new Map();

  constructor(say) {
    this.#say = say;
  }

  /** Starts these cases in one workerd and says each one's port. */
  async start(wanted) {
    const known = wanted.filter(({ id }) => this.#processes.has(id));
    for (const { id } of known) this.#say({ id, error: "a case of this name runs already" });
    const fresh = wanted.filter((one) => !known.includes(one));
    if (fresh.length === 0) return;

    let process;
    try {
      process = await Process.start(fresh, this.#say);
    } catch (why) {
      for (const { id } of fresh) this.#say({ id, error: String(why?.stack ?? why) });
      return;
    }
    for (const one of fresh) {
      this.#processes.set(one.id, process);
      try {
        await process.fill(one);
        this.#say({ id: one.id, port: await process.port(one.id) });
      } catch (why) {
        this.#say({ id: one.id, error: String(why?.stack ?? why) });
      }
    }
  }

  async set(id, key, value) {
    const kv = await this.#process(id).kv(id);
    await kv.put(key, value);
    this.#say({ id, set: key });
  }

  async delete(id, key) {
    const kv = await this.#process(id).kv(id);
    await kv.delete(key);
    this.#say({ id, deleted: key });
  }

  async stop(id) {
    const process = this.#process(id);
    this.#processes.delete(id);
    if (![...this.#processes.values()].includes(process)) await process.stop();
    this.#say({ id, stopped: true });
  }

  async stopAll() {
    const processes = new Set(this.#processes.values());
    this.#processes.clear();
    await Promise.all([...processes].map((process) => process.stop()));
  }

  #process(id) {
    const process = this.#processes.get(id);
    if (process === undefined) throw new Error(`no case is called ${JSON.stringify(id)}`);
    return process;
  }
}

/** One workerd with a worker for each of its cases. */
class Process {
  #miniflare;
  /** Workers are numbered: the name of a case may hold what the name of a worker may not. */
  #names;

  static async start(cases, say) {
    const process = new Process();
    process.#names = new Map(cases.map(({ id }, index) => [id, `case-${index}`]));
    process.#miniflare = new Miniflare({
      host: "127.0.0.1",
      port: 0,
      cf: false,
      logRequests: false,
      telemetry: { enabled: false },
      handleStructuredLogs: (entry) => {
        const { id, text } = untag(entry.message);
        say({ id, level: entry.level, stdout: text });
      },
      workers: cases.map((one) => worker(process.#names.get(one.id), one)),
    });
    await process.#miniflare.ready;
    return process;
  }

  async port(id) {
    return Number((await this.#miniflare.unsafeGetDirectURL(this.#names.get(id))).port);
  }

  kv(id) {
    return this.#miniflare.getKVNamespace(KV_BINDING, this.#names.get(id));
  }

  /** Puts a case's first entries into its namespace. */
  async fill({ id, kv = {} }) {
    const entries = Object.entries(kv);
    if (entries.length === 0) return;
    const namespace = await this.kv(id);
    await Promise.all(entries.map(([key, value]) => namespace.put(key, value)));
  }

  stop() {
    return this.#miniflare.dispose();
  }
}
