/**
 * What a line of the journal looks like, there and back.
 *
 * Promises:
 * 2. One transaction is one line: all of it happened or none. A line counts only with its end of
 *    line and a checksum that continues the chain of the lines before.
 */
import { checksum } from "./checksum.ts";
import type { QueueEvent, QueueState } from "../rules/records.ts";

/** What a snapshot file was when the journal began: to see whether a hand has edited it since. */
export interface FileMark {
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly mtime: number;
  readonly sum: string;
}

/** The journal's first line. */
export interface Header {
  readonly queuectl: "journal";
  readonly version: 1;
  /** Counts the journals of this queue. */
  readonly generation: number;
  /** The sequence number of the first event that is not in the snapshots. */
  readonly base: number;
  /** The checksum that the first line's continues. */
  readonly chain: string;
  readonly jobs: FileMark;
  readonly dlq: FileMark;
  /** What belongs to no job, as of `base`. */
  readonly state: QueueState;
}

/** A transaction. */
export interface Line {
  /** The sequence number of its first event; the next line's is higher by the number of events. */
  readonly n: number;
  readonly at: string;
  readonly events: readonly QueueEvent[];
}

const TAIL = /^,"check":"([0-9a-f]{8})"\}$/;
const TAIL_LENGTH = tail("00000000").length;

/** A text of one line and the checksum at its end. */
interface Encoded {
  /** With the end of line. */
  readonly text: string;
  readonly check: string;
}

export function encode(content: Line | Header, chain: string): Encoded {
  const json = JSON.stringify(content);
  const check = checksum(chain, json, json.length - 1);
  return { text: `${json.slice(0, -1)}${tail(check)}\n`, check };
}

function tail(check: string): string {
  return `,"check":"${check}"}`;
}

/** The checksum that a line states, true or not. */
export function statedCheck(text: string): string | undefined {
  return TAIL.exec(text.slice(-TAIL_LENGTH))?.[1];
}

/** The checksum that a line should state behind this chain. */
export function amountsTo(text: string, chain: string): string {
  return checksum(chain, text, text.length - TAIL_LENGTH);
}

/** A transaction as it was read. */
interface DecodedLine extends Line {
  readonly check: string;
}

/**
 * Reads a line without its end of line; undefined if the checksum does not continue the chain.
 */
export function decode(text: string, chain: string): DecodedLine | undefined {
  return continues(text, chain) ? JSON.parse(text) : undefined;
}

function continues(text: string, chain: string): boolean {
  return text.endsWith(tail(amountsTo(text, chain)));
}

/** Reads a journal's first line; undefined if it is none. */
export function decodeHeader(text: string): Header | undefined {
  if (!continues(text, HEADER_CHAIN)) return undefined;
  const header: Header = JSON.parse(text);
  return header.queuectl === "journal" && header.version === 1 ? header : undefined;
}

/** What a header's own checksum continues: a word that no line's does. */
export const HEADER_CHAIN = "6a6f7572";
