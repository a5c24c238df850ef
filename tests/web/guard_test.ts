/** Who may come in: each promise of the guard, with an attack that fails. */
import assert from "node:assert/strict";
import { QueueError } from "../../src/model/errors.ts";
import { MOST_STREAMS } from "../../src/web/streams.ts";
import { queuectl, start } from "../support/cli.ts";
import { add } from "../support/queue.ts";
import { withDirectory } from "../support/temporary.ts";
import { type Dashboard, TOKEN, withDashboard } from "../support/web.ts";

const JSON_TYPE = { "Content-Type": "application/json" };
const BEARER = { Authorization: `Bearer ${TOKEN}` };

/** A request as it stands, with headers that `fetch` would not let through. */
async function raw(
  { origin }: Dashboard,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body = "",
): Promise<{ readonly status: number; readonly text: string }> {
  const { hostname, port } = new URL(origin);
  using connection = await Deno.connect({ hostname, port: Number(port) });
  const all = { Connection: "close", "Content-Length": String(body.length), ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const request = `${method} ${path} HTTP/1.1\r\n${lines}\r\n${body}`;
  await connection.write(new TextEncoder().encode(request));
  const text = await new Response(connection.readable).text();
  return { status: Number(/^HTTP\/1.1 (\d+)/.exec(text)?.[1]), text };
}

function hostOf({ origin }: Dashboard): string {
  return new URL(origin).host;
}

Deno.test("without the token, or with another, the API tells and does nothing", async () => {
  await withDashboard(async ({ origin, queue }) => {
    await add(queue, { id: "secret", command: "true" });
    const wrong: readonly HeadersInit[] = [
      {},
      { Authorization: "Bearer " },
      { Authorization: "Bearer sesamE" },
      { Authorization: `Basic ${btoa(`x:${TOKEN}`)}` },
      { Authorization: TOKEN },
      { Cookie: `queuectl_${new URL(origin).port}=wrong` },
      { Cookie: `token=${TOKEN}` },
      { Cookie: `queuectl_1=${TOKEN}` },
    ];
    const requests = [
      ["GET", "/status"],
      ["GET", "/jobs/secret"],
      ["GET", "/jobs/secret/log"],
      ["GET", "/events"],
      ["GET", "/config"],
      ["POST", "/jobs"],
      ["DELETE", "/jobs/secret"],
      ["PUT", "/config/max_retries"],
      ["POST", "/workers"],
      ["GET", "/schedules"],
      ["POST", "/schedules"],
      ["GET", "/nothing"],
    ] as const;
    for (const headers of wrong) {
      for (const [method, path] of requests) {
        const response = await fetch(`${origin}/api${path}`, {
          method,
          headers: { ...JSON_TYPE, ...headers },
          ...(method === "GET" ? {} : { body: '{"command":"touch /tmp/pwned"}' }),
        });
        const text = await response.text();
        assert.equal(response.status, 401, `${method} ${path} ${JSON.stringify(headers)}`);
        assert.doesNotMatch(text, /secret/);
      }
    }
    assert.equal((await queue.list({})).total, 1);
  });
});

Deno.test("the printed link sets a cookie that scripts and other sites cannot use, and leaves the address", async () => {
  await withDashboard(async ({ served, origin }) => {
    const answer = await fetch(served.link, { redirect: "manual" });
    assert.deepEqual([answer.status, answer.headers.get("Location")], [303, "/"]);
    const cookie = answer.headers.get("Set-Cookie")!;
    assert.match(cookie, /^queuectl_\d+=sesame; Path=\/; HttpOnly; SameSite=Strict$/);
    const response = await fetch(`${origin}/api/status`, {
      headers: { Cookie: cookie.split(";")[0]! },
    });
    assert.equal(response.status, 200);
    await response.body?.cancel();
    const wrong = await fetch(`${origin}/?token=other`, { redirect: "manual" });
    assert.deepEqual([wrong.status, wrong.headers.get("Location")], [303, "/#/wrong-token"]);
    assert.equal(wrong.headers.get("Set-Cookie"), null);
    await wrong.body?.cancel();
  });
});

Deno.test("a name that was pointed at this machine gets nothing, not even the page", async () => {
  await withDashboard(async (dashboard) => {
    const { port } = new URL(dashboard.origin);
    for (
      const host of [
        "evil.example",
        `evil.example:${port}`,
        "127.0.0.1",
        "",
        `10.0.0.1:${port}`,
        `127.0.0.1.evil.example:${port}`,
      ]
    ) {
      for (const path of ["/", "/api/status", `/?token=${TOKEN}`]) {
        const { status, text } = await raw(dashboard, "GET", path, { Host: host, ...BEARER });
        assert.ok(status === 403 || status === 400, `${host} ${path}: ${status}`);
        assert.doesNotMatch(text, /Set-Cookie|data_dir|<html/i);
      }
    }
    for (
      const host of [`127.0.0.1:${port}`, `localhost:${port}`, `LOCALHOST:${port}`, `[::1]:${port}`]
    ) {
      assert.equal(
        (await raw(dashboard, "GET", "/api/status", { Host: host, ...BEARER })).status,
        200,
      );
    }
  });
});

Deno.test("another site can neither send a change nor have one sent by a form", async () => {
  await withDashboard(async (dashboard) => {
    const Host = hostOf(dashboard);
    const Cookie = `queuectl_${new URL(dashboard.origin).port}=${TOKEN}`;
    const job = '{"command":"touch /tmp/pwned"}';
    const attacks: readonly Readonly<Record<string, string>>[] = [
      { ...JSON_TYPE, Origin: "https://evil.example" },
      { ...JSON_TYPE, Origin: "null" },
      { ...JSON_TYPE, Origin: "http://localhost:1" },
      { ...JSON_TYPE, Origin: `http://${Host}.evil.example` },
      { ...JSON_TYPE, "Sec-Fetch-Site": "cross-site" },
      { ...JSON_TYPE, "Sec-Fetch-Site": "same-site" },
      { "Content-Type": "text/plain", Origin: `http://${Host}` },
      { "Content-Type": "application/x-www-form-urlencoded" },
      { "Content-Type": "multipart/form-data; boundary=x" },
      { "Content-Type": "text/plain; application/json" },
      {},
    ];
    for (const attack of attacks) {
      const { status } = await raw(
        dashboard,
        "POST",
        "/api/jobs",
        { Host, Cookie, ...attack },
        job,
      );
      assert.equal(status, 403, JSON.stringify(attack));
    }
    assert.equal((await dashboard.queue.list({})).total, 0);
    const own = {
      Host,
      Cookie,
      ...JSON_TYPE,
      Origin: `http://${Host}`,
      "Sec-Fetch-Site": "same-origin",
    };
    assert.equal((await raw(dashboard, "POST", "/api/jobs", own, job)).status, 201);
    const preflight = await raw(dashboard, "OPTIONS", "/api/jobs", {
      Host,
      Origin: "https://evil.example",
      "Access-Control-Request-Method": "POST",
    });
    assert.doesNotMatch(preflight.text, /Access-Control-Allow/i);
  });
});

Deno.test("every answer forbids frames, other scripts and guessing of types", async () => {
  await withDashboard(async ({ origin }) => {
    for (const path of ["/", "/page_app.js", "/page.css", "/api/status", "/nothing"]) {
      const response = await fetch(`${origin}${path}`, { headers: BEARER });
      await response.body?.cancel();
      const policy = response.headers.get("Content-Security-Policy") ?? "";
      assert.match(policy, /default-src 'none'/, path);
      assert.match(policy, /script-src 'self'(;|$)/);
      assert.match(policy, /frame-ancestors 'none'/);
      assert.equal(response.headers.get("X-Content-Type-Options"), "nosniff");
      assert.equal(response.headers.get("X-Frame-Options"), "DENY");
      assert.equal(response.headers.get("Referrer-Policy"), "no-referrer");
      assert.equal(response.headers.get("Access-Control-Allow-Origin"), null);
    }
    const page = await (await fetch(origin)).text();
    assert.doesNotMatch(page, /<script(?! type="module" src="\/)|\son\w+=|<style|style=/);
    assert.doesNotMatch(page, /https?:\/\//, "nothing from the network");
  });
});

Deno.test("an id never becomes a path, and files of the queue are not served", async () => {
  await withDashboard(async (dashboard) => {
    await dashboard.ask("POST", "/jobs", { command: "true" });
    const Host = hostOf(dashboard);
    const paths = [
      "/jobs.json",
      "/api/jobs.json",
      "/../jobs.json",
      "/api/jobs/..%2f..%2fjobs.json",
      "/api/jobs/..%2fjobs.json/log",
      "/api/jobs/%2e%2e/log",
      "/api/jobs/x%00/log",
      "/page_app.js/../../jobs.json",
      "/api/workers/..%2fjobs",
    ];
    for (const path of paths) {
      const { status, text } = await raw(dashboard, "GET", path, { Host, ...BEARER });
      assert.ok([400, 404].includes(status), `${path}: ${status}`);
      assert.doesNotMatch(text, /"command"/);
    }
  });
});

Deno.test("bodies, pages and streams are limited", async () => {
  await withDashboard(async ({ ask, origin }) => {
    const huge = await fetch(`${origin}/api/jobs`, {
      method: "POST",
      headers: { ...BEARER, ...JSON_TYPE },
      body: JSON.stringify({ command: "x".repeat(9 * 1024 * 1024) }),
    });
    assert.equal(huge.status, 400);
    assert.match((await huge.json()).error, /the body is longer than/);
    assert.equal((await ask("GET", "/jobs?limit=100000")).status, 400);
    const streams = await Promise.all(
      Array.from(
        { length: MOST_STREAMS },
        () => fetch(`${origin}/api/events`, { headers: BEARER }),
      ),
    );
    const oneMore = await ask("GET", "/events");
    assert.deepEqual([oneMore.status, oneMore.document.code], [503, "busy"]);
    for (const stream of streams) await stream.body?.cancel();
    const deadline = performance.now() + 10_000;
    for (let status = 503; status !== 200;) {
      const again = await fetch(`${origin}/api/events`, { headers: BEARER });
      status = again.status;
      await again.body?.cancel();
      assert.ok(performance.now() < deadline, "those who have gone make room");
    }
  });
});

Deno.test("a reader that takes nothing costs nothing, and the others go on", async () => {
  await withDashboard(async (dashboard) => {
    const { origin, queue, directory } = dashboard;
    await add(queue, { id: "a", command: "true" });
    const seat = await queue.join("worker-test");
    const claim = await seat.claim();
    assert.equal(claim.kind, "job");
    const run = claim.kind === "job" ? claim.job.run : "";
    await Deno.writeTextFile(`${directory}/logs/a.${run}.log`, "x".repeat(900_000));
    const slow = await fetch(`${origin}/api/jobs/a/log/events`, { headers: BEARER });
    for (let i = 0; i < 5; i++) {
      await Deno.writeTextFile(`${directory}/logs/a.${run}.log`, "y".repeat(900_000), {
        append: true,
      });
      assert.equal((await dashboard.ask("GET", "/status")).status, 200);
    }
    await slow.body?.cancel();
    await seat.leave();
  });
});

Deno.test("--read-only shows everything and changes nothing", async () => {
  await withDashboard(async ({ ask, queue }) => {
    await add(queue, { id: "a", command: "true" });
    assert.equal((await ask("GET", "/jobs/a")).status, 200);
    for (
      const [method, path] of [
        ["POST", "/jobs"],
        ["POST", "/jobs/a/cancel"],
        ["DELETE", "/jobs/a"],
        ["PUT", "/config/max_retries"],
        ["DELETE", "/config/max_retries"],
        ["POST", "/workers"],
        ["POST", "/pause"],
        ["POST", "/dlq/retry"],
      ] as const
    ) {
      const { status, document } = await ask(method, path, { command: "true", value: 1, count: 1 });
      assert.deepEqual([status, document.code], [403, "forbidden"], `${method} ${path}`);
    }
    assert.equal((await queue.get(["a"]))[0]?.state, "pending");
  }, { readOnly: true });
});

Deno.test("beyond this machine it is served only with a token of one's own", async () => {
  await withDirectory(async (directory) => {
    for (const host of ["0.0.0.0", "192.0.2.1", "::"]) {
      const { code, stderr, stdout } = await queuectl(directory, [
        "web",
        "--host",
        host,
        "--port",
        "0",
      ]);
      assert.equal(code, 2);
      assert.match(stderr, /whoever reaches .* could run commands here.*\n.*--token SECRET/);
      assert.equal(stdout, "");
    }
  });
  await assert.rejects(
    () => withDashboard(() => Promise.resolve(), { host: "0.0.0.0", token: undefined }),
    (error: unknown) => error instanceof QueueError && error.code === "usage",
  );
});

Deno.test("without a token one is made, another each time, and printed as a link", async () => {
  const links: string[] = [];
  for (let i = 0; i < 2; i++) {
    await withDashboard(({ served }) => {
      links.push(new URL(served.link).searchParams.get("token")!);
      return Promise.resolve();
    }, { token: undefined });
  }
  assert.match(links[0]!, /^[\w-]{43}$/);
  assert.notEqual(links[0], links[1]);
});

Deno.test("the command prints the link, takes the token from the environment, and ends with SIGTERM", async () => {
  await withDirectory(async (directory) => {
    const child = start(directory, ["web", "--port", "0"], { env: { QUEUECTL_TOKEN: "from-env" } });
    const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const { value } = await reader.read();
    assert.match(value!, /^http:\/\/127\.0\.0\.1:\d+\/\?token=from-env\n$/);
    const response = await fetch(`${new URL(value!).origin}/api/status`, {
      headers: { Authorization: "Bearer from-env" },
    });
    assert.equal((await response.json()).data_dir, directory);
    child.kill("SIGTERM");
    assert.equal((await child.status).code, 0);
    await reader.cancel();
    await child.stderr.cancel();
  });
});

Deno.test("a port that is taken is said in a sentence", async () => {
  await withDashboard(async ({ origin, directory }) => {
    const { code, stderr } = await queuectl(directory, ["web", "--port", new URL(origin).port]);
    assert.equal(code, 1);
    assert.match(stderr, /cannot listen on 127\.0\.0\.1:\d+: the port is taken/);
  });
});

Deno.test("an empty token lets nobody in, and is none", async () => {
  await withDirectory(async (directory) => {
    const { code, stderr } = await queuectl(directory, ["web", "--token", "", "--port", "0"]);
    assert.equal(code, 2);
    assert.match(stderr, /the token is empty/);
    const child = start(directory, ["web", "--port", "0"], { env: { QUEUECTL_TOKEN: "" } });
    const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const { value } = await reader.read();
    const { origin, searchParams } = new URL(value!);
    assert.match(searchParams.get("token")!.trim(), /^[\w-]{43}$/);
    const headers: readonly Record<string, string>[] = [{}, { Authorization: "Bearer " }];
    for (const each of headers) {
      const response = await fetch(`${origin}/api/status`, { headers: each });
      assert.equal(response.status, 401);
      await response.body?.cancel();
    }
    child.kill("SIGTERM");
    await child.status;
    await reader.cancel();
    await child.stderr.cancel();
  });
});

Deno.test("asking for the head of a stream opens none", async () => {
  await withDashboard(async ({ origin, ask }) => {
    for (let i = 0; i <= MOST_STREAMS; i++) {
      const response = await fetch(`${origin}/api/events`, { method: "HEAD", headers: BEARER });
      assert.equal(response.status, 200);
    }
    const stream = await fetch(`${origin}/api/events`, { headers: BEARER });
    assert.equal(stream.status, 200);
    await stream.body?.cancel();
    assert.equal((await ask("GET", "/status")).status, 200);
  });
});

Deno.test("a page of another site, or of another port, cannot ask with the cookie", async () => {
  await withDashboard(async (dashboard) => {
    const Host = hostOf(dashboard);
    const Cookie = `queuectl_${new URL(dashboard.origin).port}=${TOKEN}`;
    for (const site of ["cross-site", "same-site"]) {
      const headers = { Host, Cookie, "Sec-Fetch-Site": site };
      assert.equal((await raw(dashboard, "GET", "/api/status", headers)).status, 403, site);
    }
  });
});

Deno.test("a proxy that speaks https is our own site too, under an allowed name", async () => {
  await withDashboard(async (dashboard) => {
    const own = {
      Host: "queue.example",
      Origin: "https://queue.example",
      "Sec-Fetch-Site": "same-origin",
    };
    const { status } = await raw(dashboard, "POST", "/api/pause", {
      ...own,
      ...BEARER,
      ...JSON_TYPE,
    }, "{}");
    assert.equal(status, 200);
  }, { allowedHosts: ["queue.example"] });
});

Deno.test("a body that never ends does not keep the server from ending", async () => {
  await withDashboard(async (dashboard) => {
    const { hostname, port } = new URL(dashboard.origin);
    const connection = await Deno.connect({ hostname, port: Number(port) });
    const head =
      `POST /api/jobs HTTP/1.1\r\nHost: ${hostOf(dashboard)}\r\nContent-Length: 1000\r\n` +
      `Authorization: Bearer ${TOKEN}\r\nContent-Type: application/json\r\n\r\n{`;
    await connection.write(new TextEncoder().encode(head));
    const begun = performance.now();
    await dashboard.served.close();
    assert.ok(performance.now() - begun < 8_000);
    connection.close();
  });
});

Deno.test("a link with an odd token lets in", async () => {
  await withDashboard(async ({ served }) => {
    const answer = await fetch(served.link, { redirect: "manual" });
    assert.equal(answer.headers.get("Location"), "/");
    await answer.body?.cancel();
  }, { token: "a&b+c#d %" });
});

Deno.test("no answer of the API is kept anywhere, and one without the token says what is missing", async () => {
  await withDashboard(async ({ origin }) => {
    for (const headers of [BEARER, { Authorization: "Bearer wrong" }]) {
      for (const path of ["/status", "/jobs", "/jobs/none"]) {
        const response = await fetch(`${origin}/api${path}`, { headers });
        await response.body?.cancel();
        const isIn = headers === BEARER;
        if (isIn) assert.equal(response.headers.get("Cache-Control"), "no-store", path);
        assert.equal(response.headers.get("WWW-Authenticate"), isIn ? null : "Bearer", path);
        assert.equal(response.status === 401, !isIn);
      }
    }
  });
});
