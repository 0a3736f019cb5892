/** The mark as the server draws it: whose sitting it is in words, and its number in cells that are seen as a faint grain. SVG, without script or link. */
import { cellsAcross, cellsOf, cellSize, tileSize } from './code.ts';

/** One picture is so many tiles wide and high: room for a name between its repetitions. */
const [wide, high] = [3, 2];
/** Of black and of white, each over its half of the cells: some eleven of 255 steps between them, on light ground as on dark. */
export const strength = 0.042;

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

function squares(cells: Int8Array, sign: number): string {
  let path = '';
  for (let y = 0; y < cellsAcross; y++) {
    for (let x = 0; x < cellsAcross; x++) {
      if (cells[y * cellsAcross + x] !== sign) continue;
      let end = x;
      while (end + 1 < cellsAcross && cells[y * cellsAcross + end + 1] === sign) end += 1;
      path += `M${x * cellSize} ${y * cellSize}h${(end - x + 1) * cellSize}v${cellSize}H${x * cellSize}z`;
      x = end;
    }
  }
  return path;
}

/** A picture to be repeated over what is shown, in both directions, at its own size. */
export function markTile(id: number, words: string): string {
  const cells = cellsOf(id);
  const [width, height] = [wide * tileSize, high * tileSize];
  const text = (x: number, y: number, colour: string): string =>
    `<text transform="translate(${x} ${y}) rotate(-24)" fill="${colour}" fill-opacity=".09">${escaped(words)}</text>`;
  const over = ([[30, 150], [310, 190], [60, 330], [340, 370]] as const)
    .map(([x, y]) => text(x, y, '#000') + text(x + 1, y + 1, '#fff')).join('');
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif" font-size="14"><defs>`
    + `<pattern id="c" width="${tileSize}" height="${tileSize}" patternUnits="userSpaceOnUse" shape-rendering="crispEdges">`
    + `<path fill="#000" fill-opacity="${strength}" d="${squares(cells, -1)}"/><path fill="#fff" fill-opacity="${strength}" d="${squares(cells, 1)}"/>`
    + `</pattern></defs><rect width="${width}" height="${height}" fill="url(#c)"/>${over}</svg>`;
}
