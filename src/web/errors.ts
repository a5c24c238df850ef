/** From whatever was thrown to the API's answer: JSON with a sentence, never a stack. */
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { type ErrorCode, QueueError } from "../model/errors.ts";

/** What an error answers, the same as on the command line, and what only HTTP knows. */
type ApiErrorCode = ErrorCode | "unauthorized" | "forbidden";

const STATUS: Readonly<Record<ApiErrorCode, ContentfulStatusCode>> = {
  usage: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  corrupt: 500,
  internal: 500,
  busy: 503,
};

/** An error that only HTTP knows. */
export class Refused extends Error {
  constructor(
    readonly code: "unauthorized" | "forbidden",
    message: string,
    readonly hint?: string,
  ) {
    super(message);
  }
}

/** The answer to anything thrown; what is nobody's mistake but ours says no more than that. */
export function answerError(thrown: unknown, context: Context): Response {
  if (thrown instanceof QueueError || thrown instanceof Refused) {
    const { code, message, hint = null } = thrown;
    if (code === "unauthorized") context.header("WWW-Authenticate", "Bearer");
    return context.json({ error: message, code, hint }, STATUS[code]);
  }
  if (thrown instanceof HTTPException) {
    return context.json({ error: thrown.message, code: "usage", hint: null }, thrown.status);
  }
  return context.json({ error: "this is a fault of queuectl", code: "internal", hint: null }, 500);
}
