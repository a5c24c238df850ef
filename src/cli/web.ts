import { endOrphans } from "../worker/end_orphans.ts";
import { idMaker } from "../model/job.ts";
import { serve } from "../web/server.ts";
import type { Context } from "./context.ts";
import { startInBackground } from "./detach.ts";
import { printLine } from "./output.ts";
import { onStopSignals } from "./signals.ts";

export interface WebFlags {
  readonly "host"?: string;
  readonly "port"?: number;
  readonly "token"?: string;
  readonly "allow-host"?: readonly (readonly string[])[];
  readonly "read-only"?: boolean;
}

const DEFAULT_PORT = 5000;

/** `web`: the dashboard, until it is stopped; prints the link that lets a browser in. */
export default async function web(this: Context, flags: WebFlags): Promise<void> {
  await this.withQueue(async (queue) => {
    const served = serve({
      queue,
      host: flags.host ?? "127.0.0.1",
      port: flags.port ?? DEFAULT_PORT,
      token: flags.token ?? (this.env("QUEUECTL_TOKEN") || undefined),
      allowedHosts: flags["allow-host"]?.flat() ?? [],
      readOnly: flags["read-only"] ?? false,
      cwd: this.cwd(),
      timeZone: this.timeZone(),
      afterCancel: (jobs) => endOrphans(queue, jobs, this.clock),
      makeId: idMaker(this.clock, this.random),
      startWorkers: (count) => startInBackground(this.location, count, false),
    });
    // It may go on for weeks, and the program be replaced meanwhile.
    await Promise.all([queue.loadVerbs(), import("../worker/on_finish.ts")]);
    printLine(this.stdout, served.link);
    await new Promise<void>((resolve) => {
      const signals = onStopSignals(() => {
        signals.close();
        resolve();
      });
    });
    await served.close();
  });
}
