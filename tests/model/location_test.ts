import assert from "node:assert/strict";
import { hidePassword, parseStore, variablesOf } from "../../src/model/location.ts";

Deno.test("a URL names a kind of server and a queue", () => {
  assert.deepEqual(parseStore("redis://h:1/2"), {
    kind: "redis",
    url: "redis://h:1/2",
    queue: "queuectl",
  });
  const { kind, url, queue } = parseStore("postgres://me@h/db?queue=mine&sslmode=require");
  assert.deepEqual([kind, queue, url], ["postgres", "mine", "postgres://me@h/db?sslmode=require"]);
});

Deno.test("what is no store is refused, without its password", () => {
  for (
    const text of [
      "mysql://h",
      "redis:",
      "",
      "http://u:secret@h",
      "redis://:sec/ret@h",
      "redis://h?queue=a b",
      "redis://h?queue=jobs-dead",
      "postgres://h/db?queue=jobs-dependents-j-a",
    ]
  ) {
    assert.throws(() => parseStore(text), (error: Error) => {
      assert.match(error.message, /is no store|is no name of a queue/);
      assert.doesNotMatch(error.message, /sec/);
      return true;
    });
  }
});

Deno.test("a database of Redis is a number", () => {
  assert.throws(() => parseStore("redis://h/first"), /'first' is no database of Redis/);
  assert.equal(parseStore("postgres://h/first").kind, "postgres");
});

Deno.test("a password is hidden, whatever it is and wherever it stands", () => {
  const hidden: Readonly<Record<string, string>> = {
    "redis://h:1/0": "redis://h:1/0",
    "postgres://me@h/db": "postgres://me@h/db",
    "redis://:secret@h": "redis://:***@h",
    "redis://user:p@ss@h:1": "redis://user:***@h:1",
    "postgres://u:se:cret@h/db": "postgres://u:***@h/db",
    "redis://:pa#ss/w?rd@h": "redis://:***@h",
    "redis://h?password=secret&x=1": "redis://h?password=***&x=1",
    "postgres://h/db?user=x&password=secret": "postgres://h/db?user=x&password=***",
  };
  for (const [url, shown] of Object.entries(hidden)) assert.equal(hidePassword(url), shown);
});

Deno.test("a job's command is told where its queue is", () => {
  assert.deepEqual(variablesOf({ directory: "/d" }), { QUEUECTL_HOME: "/d", QUEUECTL_STORE: "" });
  assert.deepEqual(
    variablesOf({ directory: "/d", store: "redis://h" }),
    { QUEUECTL_HOME: "/d", QUEUECTL_STORE: "redis://h" },
  );
});
