/** The page: its files are a part of the program, so that nothing has to be found or fetched. */
import { Hono } from "hono";
import html from "./page.html" with { type: "text" };
import css from "./page.css" with { type: "text" };
import app from "./page_app.js" with { type: "text" };
import dom from "./page_dom.js" with { type: "text" };
import enqueue from "./page_enqueue.js" with { type: "text" };
import job from "./page_job.js" with { type: "text" };
import jobs from "./page_jobs.js" with { type: "text" };
import net from "./page_net.js" with { type: "text" };
import plots from "./page_plots.js" with { type: "text" };
import schedules from "./page_schedules.js" with { type: "text" };
import settings from "./page_settings.js" with { type: "text" };
import workers from "./page_workers.js" with { type: "text" };

const SCRIPTS: Readonly<Record<string, string>> = {
  "page_app.js": app,
  "page_dom.js": dom,
  "page_enqueue.js": enqueue,
  "page_job.js": job,
  "page_jobs.js": jobs,
  "page_net.js": net,
  "page_plots.js": plots,
  "page_schedules.js": schedules,
  "page_settings.js": settings,
  "page_workers.js": workers,
};

/** The page and what belongs to it; there is nothing secret in them. */
export function assets(readOnly: boolean): Hono {
  const routes = new Hono();
  const page = html.replace('data-read-only="false"', `data-read-only="${readOnly}"`);
  routes.get("/", (context) => context.html(page));
  routes.get(
    "/page.css",
    (context) => context.body(css, 200, { "Content-Type": "text/css; charset=utf-8" }),
  );
  for (const [name, script] of Object.entries(SCRIPTS)) {
    routes.get(
      `/${name}`,
      (context) => context.body(script, 200, { "Content-Type": "text/javascript; charset=utf-8" }),
    );
  }
  return routes;
}
