/** The value that a chain of checksums begins with. */
export const CHAIN_START = "00000000";

/**
 * The 32-bit FNV-1a hash of a text's UTF-16 code units, begun from the hash of what came before
 * instead of the offset basis, so that a line fits behind one line only. Every step is a
 * bijection of the state, so a change of a single character is always seen.
 * (Fowler, Noll, Vo; RFC 9923, section 2.)
 *
 * @param chain the checksum of the text before, 8 hexadecimal digits
 * @param end where to stop, in code units
 * @returns 8 hexadecimal digits
 */
export function checksum(chain: string, text: string, end = text.length): string {
  let hash = begin(chain);
  for (let i = 0; i < end; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), PRIME);
  }
  return inDigits(hash);
}

/**
 * The checksum of a long text that comes in pieces: the same hash over pairs of code units, which
 * takes half of the time. It does not depend on where the pieces begin.
 */
export class Sum {
  #hash = begin(CHAIN_START);
  /** A code unit whose pair has not come yet. */
  #odd: number | undefined;

  /** Hands the pieces on, and takes note of them. */
  *along(pieces: Iterable<string>): Generator<string> {
    for (const piece of pieces) {
      this.#add(piece);
      yield piece;
    }
  }

  #add(piece: string): void {
    let hash = this.#hash;
    let i = 0;
    if (this.#odd !== undefined && piece.length > 0) {
      hash = Math.imul(hash ^ (this.#odd | piece.charCodeAt(0) << 16), PRIME);
      this.#odd = undefined;
      i = 1;
    }
    for (; i + 1 < piece.length; i += 2) {
      hash = Math.imul(hash ^ (piece.charCodeAt(i) | piece.charCodeAt(i + 1) << 16), PRIME);
    }
    if (i < piece.length) this.#odd = piece.charCodeAt(i);
    this.#hash = hash;
  }

  get value(): string {
    return inDigits(
      this.#odd === undefined ? this.#hash : Math.imul(this.#hash ^ this.#odd, PRIME),
    );
  }
}

/** The checksum of a long text. */
export function sumOf(text: string): string {
  const sum = new Sum();
  for (const _ of sum.along([text]));
  return sum.value;
}

const PRIME = 0x01000193;

function begin(chain: string): number {
  return parseInt(chain, 16) ^ 0x811c9dc5;
}

/** In halves, as a number of more than 31 bits takes `toString` five times as long. */
function inDigits(hash: number): string {
  return half(hash >>> 16) + half(hash & 0xffff);
}

function half(bits: number): string {
  return bits.toString(16).padStart(4, "0");
}
