/** Parts of an address's path, as whoever wrote it meant them. */

/** A part decoded; what is no encoding stands for itself, and is the name of nothing. */
export function decodedPart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
