/** The part of the REST API that is about recurring jobs. */
import { type Context, Hono } from "hono";
import { absolutePath } from "../model/location.ts";
import { parseNewSchedule } from "../model/new_schedule.ts";
import type { Queue } from "../model/queue.ts";
import { jobsNow, scheduleDocument } from "../model/schedule.ts";
import { fields, isSet } from "./request.ts";

/** What it is given besides the queue. */
interface SchedulesApiOptions {
  readonly queue: Queue;
  /** Where a job runs that does not say. */
  readonly cwd: string;
  /** The zone of patterns that do not say theirs. */
  readonly timeZone: string;
  readonly makeId: () => string;
}

export function schedulesApi({ queue, cwd, timeZone, makeId }: SchedulesApiOptions): Hono {
  const app = new Hono();
  app.get("/", async (context) => {
    const schedules = await queue.schedules();
    return context.json({ schedules: schedules.map(scheduleDocument) });
  });
  app.post("/", async (context) => {
    const { job, ...schedule } = parseNewSchedule(await fields(context), timeZone);
    const added = await queue.addSchedule(
      { ...schedule, job: { ...job, cwd: absolutePath(job.cwd ?? cwd, () => cwd) } },
      { replace: isSet(context, "replace") },
    );
    return context.json(scheduleDocument(added), 201);
  });
  app.delete("/:name", async (context) => {
    const name = context.req.param("name");
    await queue.removeSchedules([name]);
    return context.json({ name });
  });
  app.post("/:name/run", async (context) => {
    const jobs = jobsNow(await queue.schedules(), [context.req.param("name")], makeId);
    const { ids, confirmed } = await queue.enqueue(jobs, { ifAbsent: false });
    return context.json({ ids, confirmed }, 201);
  });
  const pause = (paused: boolean) => async (context: Context<object, "/:name/pause">) => {
    const [schedule] = await queue.pauseSchedules([context.req.param("name")], paused);
    return context.json(scheduleDocument(schedule!));
  };
  app.post("/:name/pause", pause(true));
  app.post("/:name/resume", pause(false));
  return app;
}
