/** The value that a chain of checksums begins with. */
export const CHAIN_START = "00000000";

/**
 * The 32-bit FNV-1a hash of a text's UTF-16 code units, begun from the hash of what came before
 * instead of the offset basis, so that a line fits behind one line only. Every step is a
 * bijection of the state, so a change of a single character is always seen.
 * (Fowler, Noll, Vo; RFC 9923, section 2.)
 *
 * @param chain the checksum of the text before, 8 hexadecimal digits
 * @returns 8 hexadecimal digits
 */
export function checksum(chain: string, text: string): string {
  let hash = parseInt(chain, 16) ^ 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, "0");
}
