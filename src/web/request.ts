/** What a request says. */
import type { Context } from "hono";
import { QueueError, usage } from "../model/errors.ts";

/** The JSON in its body. */
export async function body({ req }: Context): Promise<unknown> {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(await req.arrayBuffer());
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof QueueError) throw error;
    throw usage("the body is no JSON");
  }
}

/** The fields of the JSON object in its body. */
export async function fields(context: Context): Promise<Readonly<Record<string, unknown>>> {
  const given = await body(context);
  if (typeof given === "object" && given !== null && !Array.isArray(given)) {
    return given as Record<string, unknown>;
  }
  throw usage("the body must be a JSON object");
}

/** True if a switch stands in its address: `?force`, `?force=1` or `?force=true`. */
export function isSet({ req }: Context, name: string): boolean {
  return ["", "1", "true"].includes(req.query(name) ?? "no");
}
