import assert from "node:assert/strict";
import { ConfigFile } from "../../src/files/config_file.ts";
import { withDirectory } from "../support/temporary.ts";

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
