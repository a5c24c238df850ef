import assert from "node:assert/strict";
import { hostsNamed } from "../../src/web/server.ts";

Deno.test("a server is known by its names with the port, and where that is left out, without", () => {
  const names = ["127.0.0.1", "LocalHost"];
  const [other, usual] = [8080, 80].map((port) => [...hostsNamed(names, ["Queue.example"], port)]);
  assert.deepEqual(other!.sort(), [
    "127.0.0.1:8080",
    "localhost:8080",
    "queue.example",
    "queue.example:8080",
  ]);
  assert.deepEqual(usual!.sort(), [
    "127.0.0.1",
    "127.0.0.1:80",
    "localhost",
    "localhost:80",
    "queue.example",
    "queue.example:80",
  ]);
});
