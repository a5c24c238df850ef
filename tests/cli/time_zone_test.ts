import assert from "node:assert/strict";
import { localZone } from "../../src/cli/time_zone.ts";
import { start } from "../support/cli.ts";
import { withDirectory } from "../support/temporary.ts";

Deno.test("a zone that the system does not know is no UTC", () => {
  const given = Deno.env.get("TZ");
  try {
    // The system reads the variable when it first needs it: here it is asked for what it says of UTC.
    Deno.env.set("TZ", "UTC");
    for (const tz of ["", "UTC", ":UTC0", "GMT", "Etc/UTC"]) assert.equal(localZone(tz), "UTC");
    for (const tz of ["JST-9", "CET-1CEST,M3.5.0,M10.5.0/3", "<+03>-3", "UTC+3"]) {
      assert.equal(localZone(tz), "Etc/Unknown", tz);
    }
    assert.equal(localZone("/usr/share/zoneinfo/Europe/Berlin"), "Europe/Berlin");
    assert.equal(
      localZone(":/usr/share/zoneinfo/America/Port-au-Prince"),
      "America/Port-au-Prince",
    );
  } finally {
    if (given === undefined) Deno.env.delete("TZ");
    else Deno.env.set("TZ", given);
  }
});

Deno.test("local time is refused where nobody knows what it is, and all else goes on", async () => {
  await withDirectory(async (directory) => {
    const env = { TZ: "CET-1CEST,M3.5.0,M10.5.0/3" };
    const cli = async (...args: string[]) => {
      const { code, stdout, stderr } = await start(directory, args, { env }).output();
      const decoder = new TextDecoder();
      return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
    };
    for (const time of ["2030-07-01 12:00", "22:00"]) {
      const { code, stderr } = await cli("enqueue", "--run-at", time, "--", "true");
      assert.deepEqual([code, /TZ names no time zone/.test(stderr)], [2, true], stderr);
    }
    const at = await cli(
      "enqueue",
      "--id",
      "a",
      "--run-at",
      "2030-07-01T12:00+02:00",
      "--",
      "true",
    );
    assert.equal(at.code, 0, at.stderr);
    assert.match((await cli("show", "a")).stdout, /next run +2030-07-01 10:00:00/);
  });
});
