/**
 * Who may come in. Whoever can enqueue can run commands, so:
 *
 * Promises:
 * 1. Nothing about the queue is told or done without the secret token: as `Authorization: Bearer`,
 *    or in a cookie that scripts cannot read and other sites cannot send. It is compared in constant
 *    time.
 * 2. A request for a host name that is not ours is refused: a name that somebody has pointed at this
 *    machine (DNS rebinding) gets nothing.
 * 3. What changes something must come from our own page or from no page at all, and must be JSON: no
 *    form and no other site can send that.
 * 4. No other site may read answers, frame the page or add a script to it.
 */
import type { HonoRequest, MiddlewareHandler } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { secureHeaders } from "hono/secure-headers";
import { createHash, timingSafeEqual } from "node:crypto";
import { Refused } from "./errors.ts";

export interface GuardOptions {
  readonly token: string;
  /** `host:port` under which this is asked for, in lower case. */
  readonly hosts: ReadonlySet<string>;
  /** True if any IP address will do as a host: a rebound name is none. */
  readonly anyAddress: boolean;
  readonly readOnly: boolean;
}

const SAFE_METHODS = ["GET", "HEAD"];

/** The host that a request is for; HTTP/2 has it in the address alone. */
function hostOf(req: HonoRequest): string {
  return (req.header("Host") ?? hostIn(req.url)).toLowerCase();
}

/** An address that was made up for a request without a host has none that is ours. */
function hostIn(url: string): string {
  return URL.canParse(url) ? new URL(url).host : "";
}

/** Ports share their cookies, so each has a name of its own. */
function cookieName(host: string): string {
  return `queuectl_${/:(\d+)$/.exec(host)?.[1] ?? "80"}`;
}

function isSame(given: string, token: string): boolean {
  const digest = (text: string): Uint8Array => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}

/** Headers for every answer. */
export const headers: MiddlewareHandler = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'", "data:"],
    connectSrc: ["'self'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
  },
  xFrameOptions: "DENY",
  referrerPolicy: "no-referrer",
  strictTransportSecurity: false,
});

/** Refuses names that are not ours, and what other sites send. */
export function checkOrigin({ hosts, anyAddress }: GuardOptions): MiddlewareHandler {
  return async ({ req }, next) => {
    const host = hostOf(req);
    if (!hosts.has(host) && !(anyAddress && isAddress(host))) {
      throw new Refused(
        "forbidden",
        "this is not a name of this server",
        "--allow-host HOST:PORT adds one; a tunnel needs the port of the server at its other end",
      );
    }
    // A link from elsewhere may lead to the page, but nothing else may be asked for from there.
    const site = req.header("Sec-Fetch-Site");
    const isForeign = site !== undefined && site !== "same-origin" && site !== "none";
    if (isForeign && (req.path.startsWith("/api") || !SAFE_METHODS.includes(req.method))) {
      throw new Refused("forbidden", "this comes from another site");
    }
    if (!SAFE_METHODS.includes(req.method)) {
      const origin = req.header("Origin");
      // The scheme may be https where a proxy stands before this.
      const isOwn = origin === undefined ||
        /^https?:\/\/(.*)$/.exec(origin.toLowerCase())?.[1] === host;
      if (!isOwn) throw new Refused("forbidden", "this comes from another site");
      const type = req.header("Content-Type")?.split(";")[0]?.trim().toLowerCase();
      if (type !== "application/json") {
        throw new Refused("forbidden", "what changes something must be application/json");
      }
    }
    await next();
  };
}

/** An IPv4 or IPv6 address with or without a port: what no name server can point elsewhere. */
function isAddress(host: string): boolean {
  return /^(\d{1,3}\.){3}\d{1,3}(:\d+)?$/.test(host) || /^\[[0-9a-f:.]+\](:\d+)?$/.test(host);
}

/** Lets only those in who know the token. */
export function checkToken({ token }: GuardOptions): MiddlewareHandler {
  return async (context, next) => {
    const bearer = /^Bearer (.+)$/i.exec(context.req.header("Authorization") ?? "")?.[1];
    const host = hostOf(context.req);
    const given = bearer ?? getCookie(context, cookieName(host)) ?? "";
    if (given === "" || !isSame(given, token)) {
      throw new Refused("unauthorized", "the token is missing or wrong", "open the printed link");
    }
    await next();
  };
}

/** Changes nothing where only looking is allowed. */
export function checkReadOnly({ readOnly }: GuardOptions): MiddlewareHandler {
  return async ({ req }, next) => {
    if (readOnly && !SAFE_METHODS.includes(req.method)) {
      throw new Refused("forbidden", "this is for looking only (--read-only)");
    }
    await next();
  };
}

/** Takes the token from the printed link into a cookie, so that it is in no address any more. */
export function takeToken({ token }: GuardOptions): MiddlewareHandler {
  return async (context, next) => {
    const given = context.req.query("token");
    if (given === undefined) return await next();
    if (given === "" || !isSame(given, token)) return context.redirect("/#/wrong-token", 303);
    setCookie(context, cookieName(hostOf(context.req)), token, {
      httpOnly: true,
      sameSite: "Strict",
      path: "/",
    });
    return context.redirect("/", 303);
  };
}
