// A server that counts who asks it, and answers when it is told.

import { once } from "node:events";
import { createServer } from "node:http";
import { gzipSync } from "node:zlib";

/** More bytes than any platform keeps in memory for an answer on its way. */
export const LARGE = Buffer.alloc(9 * 1024 * 1024, "0123456789");

export class Upstream {
  asked = 0;
  /** Whether `/flight` is answered at once. */
  flows = false;
  /** The fields of the last request. */
  fields;
  #server;
  #held = [];
  #arrivals = [];

  static async start() {
    const upstream = new Upstream();
    upstream.#server = createServer((request, response) => upstream.#answer(request, response)).listen(0, "127.0.0.1");
    await once(upstream.#server, "listening");
    upstream.base = `http://127.0.0.1:${upstream.#server.address().port}`;
    return upstream;
  }

  #answer(request, response) {
    this.fields = request.headers;
    const [, size] = /^\/large\/([0-9]+)$/.exec(request.url) ?? [];
    if (size !== undefined) return response.end(LARGE.subarray(0, Number(size)));
    switch (request.url) {
      case "/flight": {
        this.asked += 1;
        if (this.flows) {
          response.end(`flight ${this.asked}`);
          return;
        }
        this.#held.push(() => response.end(`flight ${this.asked}`));
        this.#arrivals.shift()?.();
        return;
      }
      case "/halves": response.write("half"); this.#held.push(() => response.end("half")); return;
      case "/redirect": response.writeHead(302, { location: "/text" }).end(); return;
      case "/text": response.end("text"); return;
      case "/long": response.end("x".repeat(5000)); return;
      case "/endless": response.write("x"); return;
      case "/pieces": response.write("x".repeat(5000)); setImmediate(() => response.end("y".repeat(5000))); return;
      case "/gone": response.writeHead(204).end(); return;
      case "/broken-pieces": response.write("x"); setImmediate(() => request.socket.destroy()); return;
      case "/broken-large": response.writeHead(200, { "content-length": LARGE.length + 1 }); response.write(LARGE, () => request.socket.destroy()); return;
      case "/silent": return;
      case "/broken": response.writeHead(200, { "content-length": "10" }); response.write("x"); setImmediate(() => request.socket.destroy()); return;
      case "/gzip": response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("x".repeat(1_000_000))); return;
      default: response.writeHead(404).end("nothing here");
    }
  }

  /** Until `/flight` is asked for. */
  arrival() {
    return this.#held.length > 0 ? Promise.resolve() : new Promise((resolve) => this.#arrivals.push(resolve));
  }

  /** Answers everybody who waits for `/flight`. */
  release() {
    for (const answer of this.#held.splice(0)) answer();
  }

  stop() {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
