import assert from "node:assert/strict";
import {
  checkConfig,
  checkValue,
  CONFIG_KEYS,
  DEFAULT_CONFIG,
  findKey,
  SETTINGS,
} from "../../src/model/config.ts";
import { QueueError } from "../../src/model/errors.ts";

Deno.test("a setting is found under each of its spellings", () => {
  assert.deepEqual(findKey("max-retries"), {
    key: "max_retries",
    spelling: "max_retries",
    scale: 1,
  });
  assert.deepEqual(findKey("MAX_RETRIES_DEFAULT"), {
    key: "max_retries",
    spelling: "max_retries_default",
    scale: 1,
  });
  assert.deepEqual(findKey("poll_interval"), {
    key: "poll_interval_ms",
    spelling: "poll_interval",
    scale: 1000,
  });
});

Deno.test("a value is kept in the unit of the setting, whatever the spelling's", () => {
  assert.equal(checkValue(findKey("poll_interval"), "1.5"), 1500);
  assert.equal(checkValue(findKey("poll_interval_ms"), "1500"), 1500);
  assert.equal(checkValue(findKey("backoff_base"), "0"), 0);
  assert.equal(checkValue(findKey("backoff_base"), "1e6"), 1e6);
  assert.equal(checkValue(findKey("poll_interval"), "250ms"), 250);
  assert.equal(checkValue(findKey("poll_interval_ms"), "1s"), 1000);
  assert.equal(checkValue(findKey("retention_days"), "2w"), 14);
  assert.equal(checkValue(findKey("lease_seconds"), "1m"), 60);
  assert.equal(checkValue(findKey("backoff-base"), 2.5), 2.5);
  assert.throws(
    () => checkValue(findKey("poll_interval"), "1000000"),
    /^QueueError: poll_interval must be a number from 0.01 to 86400, not '1000000'$/,
  );
});

Deno.test("every numeric setting takes its limits and its default, and refuses what is beyond", () => {
  for (const key of CONFIG_KEYS) {
    const setting = SETTINGS[key];
    assert.equal(checkValue(findKey(key), setting.default), setting.default);
    if (!("min" in setting)) {
      const long = "x".repeat(setting.longest + 1);
      for (const bad of [1, null, [], {}, true, "a\0b", long]) {
        assert.throws(() => checkValue(findKey(key), bad), QueueError, `${key} ${bad}`);
      }
      continue;
    }
    assert.equal(checkValue(findKey(key), setting.min), setting.min);
    assert.equal(checkValue(findKey(key), String(setting.max)), setting.max);
    const beyond = setting.max === Number.MAX_VALUE ? Infinity : setting.max + 1;
    for (const bad of [setting.min - 1, beyond, "many", "", null, [], {}, true, "1 2"]) {
      assert.throws(() => checkValue(findKey(key), bad), QueueError, `${key} ${bad}`);
    }
  }
});

Deno.test("an unknown setting is refused with the words that are known", () => {
  assert.throws(
    () => findKey("max_retrys"),
    (error: unknown) =>
      error instanceof QueueError && error.mistaken?.among.includes("max_retries") === true,
  );
});

Deno.test("settings in a file may use any spelling, but each only once", () => {
  assert.deepEqual(checkConfig({ max_retries_default: 7 }), { max_retries: 7 });
  assert.throws(() => checkConfig({ max_retries: 1, max_retries_default: 2 }), QueueError);
  assert.throws(() => checkConfig([]), QueueError);
  assert.equal(DEFAULT_CONFIG.max_retries, 3);
});
