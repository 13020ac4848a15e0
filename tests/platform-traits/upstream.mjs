// A server that counts who asks it, and answers when it is told.

import { once } from "node:events";
import { createServer } from "node:http";
import { gzipSync } from "node:zlib";

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
      case "/redirect": response.writeHead(302, { location: "/text" }).end(); return;
      case "/text": response.end("text"); return;
      case "/long": response.end("x".repeat(5000)); return;
      case "/endless": response.write("x"); return;
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
