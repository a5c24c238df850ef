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
 * The checksum of a file whose bytes come in pieces, wherever these begin: 32-bit MurmurHash3 with
 * the seed 0, which takes four bytes at a time. Every step is a bijection of the state, so a change
 * of a single word is always seen. (Appleby, MurmurHash3_x86_32.)
 */
export class Sum {
  #hash = 0;
  #length = 0;
  /** The last bytes, if they do not make a word. */
  #rest = new Uint8Array();

  add(piece: Uint8Array): void {
    const bytes = new Uint8Array(this.#rest.length + piece.length);
    bytes.set(this.#rest);
    bytes.set(piece, this.#rest.length);
    const words = new Uint32Array(bytes.buffer, 0, bytes.length >>> 2);
    let hash = this.#hash;
    for (let i = 0; i < words.length; i++) {
      hash ^= scrambled(words[i]!);
      hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
    }
    this.#hash = hash;
    this.#length += piece.length;
    this.#rest = bytes.slice(words.byteLength);
  }

  /** 8 hexadecimal digits. */
  get value(): string {
    const last = this.#rest.reduceRight((word, byte) => (word << 8) | byte, 0);
    let hash = this.#hash ^ scrambled(last) ^ this.#length;
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    return inDigits(hash ^ (hash >>> 16));
  }
}

function scrambled(word: number): number {
  const mixed = Math.imul(word, 0xcc9e2d51);
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
}

/** The checksum of a file's bytes. */
export function sumOf(bytes: Uint8Array): string {
  return sumOfPieces([bytes]);
}

/** The same of bytes that come in pieces. */
export function sumOfPieces(pieces: Iterable<Uint8Array>): string {
  const sum = new Sum();
  for (const piece of pieces) sum.add(piece);
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
