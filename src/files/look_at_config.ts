import { checkConfig, type Config } from "../model/config.ts";
import { QueueError } from "../model/errors.ts";
import { describeSyntaxError } from "../model/json_faults.ts";
import { type Findings, readAnyText, report } from "./findings.ts";
import type { Paths } from "./paths.ts";

/** The settings in `config.json` that are right. */
export function lookAtConfig(paths: Paths, findings: Findings): Partial<Config> {
  const text = readAnyText(paths.config, findings);
  if (text === undefined) return {};
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
    return checkConfig(parsed);
  } catch (error) {
    findings.damaged.add(paths.config);
    if (!(error instanceof QueueError)) {
      const { line, what } = describeSyntaxError(text, error);
      report(findings, paths.config, line ?? null, what, "begin with the defaults");
      return {};
    }
    return rightSettings(
      parsed,
      (what) => report(findings, paths.config, null, what, "keep the settings that are right"),
    );
  }
}

/** The settings that are right; tells what is wrong with each of the others. */
function rightSettings(parsed: unknown, onWrong: (what: string) => void): Partial<Config> {
  const entries = typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)
    ? Object.entries(parsed)
    : [];
  if (entries.length === 0) onWrong("the settings must be a JSON object");
  let right: Partial<Config> = {};
  for (const [key, value] of entries) {
    try {
      right = checkConfig({ ...right, [key]: value });
    } catch (error) {
      if (!(error instanceof QueueError)) throw error;
      onWrong(error.message);
    }
  }
  return right;
}
