import assert from "node:assert/strict";
import { replaceFile } from "../../src/machine/io.ts";
import { ConfigFile, readConfig } from "../../src/files/config_file.ts";
import { withDirectory } from "../support/temporary.ts";
import { waitUntil } from "../support/wait_until.ts";

Deno.test("settings that could not be read are tried again, damaged ones are told once", async () => {
  await withDirectory((directory) => {
    const path = `${directory}/config.json`;
    Deno.writeTextFileSync(path, `{"max_retries":7}`);
    const file = new ConfigFile(path);
    const read = (): number => {
      file.forget();
      return file.read().complete.max_retries;
    };
    const { readFileSync } = Deno;
    Deno.readFileSync = () => {
      throw new Deno.errors.PermissionDenied("Permission denied (os error 13)");
    };
    try {
      assert.throws(read, /permission denied/i);
    } finally {
      Deno.readFileSync = readFileSync;
    }
    assert.equal(read(), 7);
    Deno.writeTextFileSync(path, `{"max_retries":-77}`);
    assert.throws(read, /max_retries must be/);
    assert.equal(read(), 7, "the last good ones");
    return Promise.resolve();
  });
});

Deno.test("settings are read whatever an editor begins the file with, and without a file there are the defaults", async () => {
  await withDirectory((directory) => {
    const path = `${directory}/config.json`;
    assert.deepEqual(readConfig(path).stored, {});
    Deno.writeTextFileSync(path, '\uFEFF{ "max_retries": 7 }\r\n');
    const { stored, complete } = readConfig(path);
    assert.deepEqual(stored, { max_retries: 7 });
    assert.deepEqual([complete.max_retries, complete.lease_seconds], [7, 60]);
  });
});

Deno.test("another setting is seen although the file is as long as before", async () => {
  await withDirectory(async (directory) => {
    const path = `${directory}/config.json`;
    Deno.writeTextFileSync(path, '{"max_retries":5}');
    const file = new ConfigFile(path);
    assert.equal(file.read().complete.max_retries, 5);
    replaceFile(path, '{"max_retries":7}', undefined);
    await waitUntil("the other", () => file.read().complete.max_retries === 7);
  });
});
