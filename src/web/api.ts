/** The REST API: the same verbs as on the command line. */
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { checkValue, CONFIG_KEYS, findKey, type NamedKey, SETTINGS } from "../model/config.ts";
import { usage } from "../model/errors.ts";
import { checkState } from "../model/fields.ts";
import type { Job } from "../model/job.ts";
import { absolutePath, isStoreUrl } from "../model/location.ts";
import { parseNewJob } from "../model/new_job.ts";
import { cursorOf, type ListFilter } from "../model/listing.ts";
import type { Queue } from "../model/queue.ts";
import { body, fields, isSet } from "./request.ts";
import { schedulesApi } from "./schedules_api.ts";
import { notRunYet, type Streams, wholeOf } from "./streams.ts";

/** What the API is given besides the queue. */
interface ApiOptions {
  readonly queue: Queue;
  readonly streams: Streams;
  /** Where a job runs that does not say. */
  readonly cwd: string;
  /** The zone of times without an offset. */
  readonly timeZone: string;
  /** Starts workers in the background; returns their ids. */
  readonly startWorkers: (count: number) => Promise<readonly string[]>;
  readonly makeId: () => string;
  /** Ends the runs of cancelled jobs that no worker ends. */
  readonly afterCancel: (jobs: readonly Job[]) => Promise<void>;
  /** Told when something was changed. */
  readonly onChange: () => void;
}

/** They change nothing. */
const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

const MOST_BODY_BYTES = 8 * 1024 * 1024;
const MOST_ROWS = 1_000;
const DEFAULT_ROWS = 50;
const MOST_WORKERS = 64;

export function api(options: ApiOptions): Hono {
  const { queue, streams } = options;
  const app = new Hono();
  app.use(bodyLimit({
    maxSize: MOST_BODY_BYTES,
    onError: () => {
      throw usage(`the body is longer than ${MOST_BODY_BYTES} bytes`);
    },
  }));
  app.use(async (context, next) => {
    await next();
    const { req, res } = context;
    if (!SAFE_METHODS.has(req.method) && res.ok) options.onChange();
  });

  app.get(
    "/status",
    async (context) => context.json({ data_dir: queue.name, ...await queue.status() }),
  );
  app.get("/metrics", async (context) => context.json(await queue.metrics()));
  app.get(
    "/metrics/last-hour",
    async (context) => context.json({ minutes: await queue.lastHour() }),
  );
  app.get("/events", (context) => streams.status(context));
  app.post("/pause", async (context) => context.json({ changed: await queue.setPaused(true) }));
  app.post("/resume", async (context) => context.json({ changed: await queue.setPaused(false) }));

  app.get("/jobs", async (context) => context.json(await page(context, queue, undefined)));
  app.get("/dlq", async (context) => context.json(await page(context, queue, "dead")));
  app.post("/dlq/retry", async (context) => {
    const jobs = await queue.retryDead(undefined, { withDependents: false });
    return context.json({ ids: jobs.map(({ id }) => id) });
  });
  app.post("/jobs", async (context) => {
    const given = await body(context);
    const jobs = (Array.isArray(given) ? given : [given]).map((each) => {
      const { command, ...job } = parseNewJob(each, options.timeZone);
      if (command === undefined) throw usage("a job has no command");
      const cwd = absolutePath(job.cwd ?? options.cwd, () => options.cwd);
      return { ...job, cwd, command };
    });
    if (jobs.length === 0) throw usage("the array is empty");
    const { ids, confirmed } = await queue.enqueue(jobs, { ifAbsent: false });
    return context.json({ ids, confirmed }, 201);
  });
  app.get("/jobs/:id", async (context) => {
    const [job] = await queue.get([context.req.param("id")]);
    return context.json(job);
  });
  app.delete("/jobs/:id", async (context) => {
    const id = context.req.param("id");
    await queue.delete([id]);
    return context.json({ id });
  });
  app.post("/jobs/:id/retry", async (context) => {
    const how = { force: isSet(context, "force"), withDependents: false };
    const [job] = await queue.retry([context.req.param("id")], how);
    return context.json(job);
  });
  app.post("/jobs/:id/cancel", async (context) => {
    const id = context.req.param("id");
    const { jobs } = await queue.cancel([id]);
    await options.afterCancel(jobs);
    const [job] = await queue.get([id]);
    return context.json(job);
  });
  app.get("/jobs/:id/log", async (context) => {
    const id = context.req.param("id");
    const found = await queue.findLog(id, { run: context.req.query("run") });
    if (!found) throw notRunYet(id);
    const headers = { "Content-Type": "text/plain; charset=utf-8" };
    return context.body(await wholeOf(found.log), 200, headers);
  });
  app.get(
    "/jobs/:id/log/events",
    (context) => streams.log(context, context.req.param("id"), context.req.query("run")),
  );

  app.get("/workers", async (context) => context.json({ workers: await queue.workers() }));
  app.post("/workers", async (context) => {
    const { count } = await fields(context);
    if (!Number.isInteger(count) || Number(count) < 1 || Number(count) > MOST_WORKERS) {
      throw usage(`count must be a whole number from 1 to ${MOST_WORKERS}`);
    }
    return context.json({ ids: await options.startWorkers(Number(count)) }, 201);
  });
  app.delete("/workers/:id", async (context) =>
    context.json({
      ids: await queue.stopWorkers([context.req.param("id")], isSet(context, "force")),
    }));

  app.route("/schedules", schedulesApi(options));

  app.get("/config", async (context) => context.json({ config: await settings(queue) }));
  app.put("/config/:key", async (context) => {
    const named = settingHere(context);
    await queue.setConfig(named.key, checkValue(named, (await fields(context)).value));
    return context.json({ config: await settings(queue) });
  });
  app.delete("/config/:key", async (context) => {
    await queue.unsetConfig(settingHere(context).key);
    return context.json({ config: await settings(queue) });
  });
  return app;
}

/** Where the queue is cannot be changed from inside of it. */
function settingHere({ req }: Context): NamedKey {
  const named = findKey(req.param("key") ?? "");
  if (named.key === "store") throw usage("the setting store is for the command line alone");
  return named;
}

/** A page of jobs, and the cursor of the next one; null on the last. */
async function page(
  { req }: Context,
  queue: Queue,
  state: "dead" | undefined,
): Promise<Record<string, unknown>> {
  const list = (name: string): readonly string[] | undefined =>
    req.query(name)?.split(",").filter((word) => word !== "");
  const given = req.query("limit") || String(DEFAULT_ROWS);
  const limit = /^\d+$/.test(given) ? Number(given) : Number.NaN;
  if (!(limit >= 1 && limit <= MOST_ROWS)) {
    throw usage(`limit must be a whole number from 1 to ${MOST_ROWS}`);
  }
  const cursor = req.query("cursor") || undefined;
  const [, at, seq] = /^(\d{1,16})-(\d{1,16})$/.exec(cursor ?? "") ?? [];
  if (cursor !== undefined && seq === undefined) throw usage("this is no cursor");
  const order = state ? "end" : "arrival";
  const states = state ? [state] : list("state")?.map(checkState);
  const tags = list("tag");
  const text = req.query("search");
  const filter: ListFilter = {
    ...(states && states.length > 0 ? { states } : {}),
    ...(tags && tags.length > 0 ? { tags } : {}),
    ...(text ? { text } : {}),
    order,
    ...(cursor === undefined ? {} : { behind: { at: Number(at), seq: Number(seq) } }),
    limit: limit + 1,
  };
  const { jobs, total, unmet } = await queue.list(filter);
  const shown = jobs.slice(0, limit);
  const last = shown.at(-1);
  const place = last && jobs.length > limit ? cursorOf(last, order) : undefined;
  const next = place ? `${place.at}-${place.seq}` : null;
  return {
    jobs: shown.map(({ history: _history, ...job }) => job),
    total,
    limit,
    cursor: next,
    unmet,
  };
}

async function settings(queue: Queue): Promise<Record<string, unknown>> {
  const { stored, complete } = await queue.config();
  const kept = isStoreUrl(queue.name) ? "store" : "config.json";
  const keys = CONFIG_KEYS.filter((key) => key !== "store");
  return Object.fromEntries(keys.map((key) => [key, {
    value: complete[key],
    default: SETTINGS[key].default,
    source: key in stored ? kept : "default",
    brief: SETTINGS[key].brief,
  }]));
}
