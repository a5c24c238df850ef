/** What supervisor and thread say to each other. */
import type { ErrorCode } from "../model/errors.ts";
import type { Location } from "../model/location.ts";
import type { EventFormat } from "./events.ts";

/** From the supervisor to a thread. */
export type ToThread =
  /** Open the queue there; say nothing and change nothing yet. */
  | {
    readonly kind: "open";
    readonly location: Location;
    readonly worker: string;
    readonly format: EventFormat;
  }
  /** Join it, and work. */
  | { readonly kind: "start" }
  /** Look for a job. */
  | { readonly kind: "wake" }
  /** Claim nothing more and leave; with force, end the run and put its job back. */
  | { readonly kind: "stop"; readonly force: boolean }
  /** Leave the queue, now that you are done. */
  | { readonly kind: "leave" }
  /** End this run: its job was cancelled. */
  | { readonly kind: "cancel"; readonly run: string };

/** From a thread to the supervisor. */
export type FromThread =
  | { readonly kind: "ready" }
  /** Something happened; in words, in the format that was asked for. */
  | { readonly kind: "told"; readonly text: string }
  /** There was nothing to claim: wake me when something changes, or at `nextDue`. */
  | {
    readonly kind: "resting";
    readonly nextDue: number | undefined;
    readonly unfinished: number;
    readonly paused: boolean;
  }
  /** Nothing runs and nothing more is claimed: the worker leaves when it is told to. */
  | { readonly kind: "done" }
  /** The worker has left; its thread sends nothing more. */
  | { readonly kind: "left" }
  /** The thread cannot go on. */
  | {
    readonly kind: "broken";
    readonly code: ErrorCode;
    readonly error: string;
    readonly hint?: string;
  };
