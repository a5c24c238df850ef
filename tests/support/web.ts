/** A dashboard for tests. */
import { idMaker } from "../../src/model/job.ts";
import type { Queue } from "../../src/model/queue.ts";
import { serve, type Served, type WebOptions } from "../../src/web/server.ts";
import { endOrphans } from "../../src/worker/end_orphans.ts";
import { testEnvironment, withQueue } from "./queue.ts";
import { withDirectory } from "./temporary.ts";

export const TOKEN = "sesame";

/** A dashboard that is being served, and how to ask it. */
export interface Dashboard {
  readonly directory: string;
  readonly queue: Queue;
  /** `http://127.0.0.1:PORT`. */
  readonly origin: string;
  readonly served: Served;
  /** One request of the API with the token; what changes something is sent as JSON. */
  ask(method: string, path: string, body?: unknown): Promise<Answer>;
}

export interface Answer {
  readonly status: number;
  // What an API answers is looked into field by field.
  // deno-lint-ignore no-explicit-any
  readonly document: any;
}

/** Serves a queue of its own, hands it over, and ends it. */
export async function withDashboard(
  work: (dashboard: Dashboard) => Promise<void>,
  options: Partial<WebOptions> = {},
): Promise<void> {
  await withDirectory(async (directory) => {
    const environment = testEnvironment({ clock: Date.now, random: Math.random });
    await withQueue(directory, async (queue) => {
      const served = serve({
        queue,
        host: "127.0.0.1",
        port: 0,
        token: TOKEN,
        allowedHosts: [],
        readOnly: false,
        cwd: directory,
        timeZone: "UTC",
        afterCancel: (jobs) => endOrphans(queue, jobs, Date.now),
        makeId: idMaker(Date.now, Math.random),
        startWorkers: (count) => Promise.resolve(Array(count).fill("worker-started")),
        ...options,
      });
      const { origin } = new URL(served.link);
      const ask = async (method: string, path: string, body?: unknown): Promise<Answer> => {
        const response = await fetch(`${origin}/api${path}`, {
          method,
          headers: { "Authorization": `Bearer ${TOKEN}`, "Content-Type": "application/json" },
          ...(method === "GET" ? {} : { body: JSON.stringify(body ?? {}) }),
        });
        return { status: response.status, document: await response.json() };
      };
      try {
        await work({ directory, queue, origin, served, ask });
      } finally {
        await served.close();
      }
    }, environment);
  });
}
