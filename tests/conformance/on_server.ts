import { isInstalled, type Server, withServer } from "../support/servers.ts";
import { withDirectory } from "../support/temporary.ts";
import { testConformance } from "./conformance.ts";

/** The suite on a real server; each case has a queue of its own on it. */
export function testOnServer(kind: Server["kind"]): void {
  if (!isInstalled(kind)) {
    Deno.test({ name: `${kind}: is not installed`, ignore: true, fn: () => {} });
    return;
  }
  let cases = 0;
  let server: Promise<Server> | undefined;
  let stop: () => void = () => {};
  Deno.test.beforeAll(async () => {
    server = new Promise((resolve, reject) => {
      withServer(kind, (started) => {
        resolve(started);
        return new Promise<void>((ended) => stop = ended);
      }).catch(reject);
    });
    await server;
  });
  Deno.test.afterAll(() => stop());
  testConformance(kind, async (work) => {
    const store = (await server!).store(`case-${cases++}`);
    return await withDirectory((directory) => work({ directory, store }));
  });
}
