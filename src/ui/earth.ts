/**
 * The earth in Equal Earth as every map here draws it: shapes from the hub's file, and where the middle of an area is. Areas too small for a
 * coarse file have their middle from a short list, so that what flows from them can be drawn.
 */
import { geoArea, geoCentroid, geoEqualEarth, geoGraticule10, geoPath, type GeoGeometryObjects } from 'd3-geo';
import { feature } from 'topojson-client';
import { alpha2 } from './areas.ts';

export interface Shape {
  readonly key: string;
  /** ISO 3166-1 alpha-2. */
  readonly area: string | null;
  readonly path: string;
}

export interface Earth {
  readonly shapes: readonly Shape[];
  readonly grid: string;
  /** Where the middle of an area is drawn; undefined where nobody knows. */
  readonly middle: (area: string) => readonly [number, number] | undefined;
}

/** Height of a map for its width. */
export const earthHeight = 0.487;

const small: Readonly<Record<string, readonly [number, number]>> = {
  SG: [103.8, 1.35], HK: [114.2, 22.3], MO: [113.5, 22.2], BH: [50.5, 26.1], MT: [14.4, 35.9], MV: [73.5, 3.2], MU: [57.6, -20.3],
  SC: [55.5, -4.7], CV: [-23.6, 15.1], KM: [43.3, -11.7], BB: [-59.5, 13.2], LC: [-61, 13.9], GD: [-61.7, 12.1], AG: [-61.8, 17.1],
  DM: [-61.4, 15.4], AW: [-70, 12.5], CW: [-69, 12.2], BM: [-64.8, 32.3], KY: [-81.2, 19.3], VG: [-64.6, 18.4], GI: [-5.35, 36.1],
  LI: [9.55, 47.2], AD: [1.5, 42.5], SM: [12.5, 43.9], MC: [7.4, 43.7], IM: [-4.5, 54.2], JE: [-2.1, 49.2], GG: [-2.6, 49.5],
  WS: [-172.1, -13.8], TO: [-175.2, -21.2], GU: [144.8, 13.4], PW: [134.6, 7.5],
};

type Middle = (area: string) => readonly [number, number] | undefined;

/** The largest part of what has several, so that no middle lies in the sea between them. */
function mainPart(geometry: GeoGeometryObjects): GeoGeometryObjects {
  if (geometry.type !== 'MultiPolygon') return geometry;
  const parts = geometry.coordinates.map((coordinates): GeoGeometryObjects => ({ type: 'Polygon', coordinates }));
  return parts.toSorted((a, b) => geoArea(b) - geoArea(a))[0] ?? geometry;
}

export function earthOf(bytes: Uint8Array, width: number): Earth {
  const topology = JSON.parse(new TextDecoder().decode(bytes)) as Parameters<typeof feature>[0];
  const [first] = Object.values(topology.objects).filter((o) => o.type === 'GeometryCollection');
  const projection = geoEqualEarth().rotate([-11, 0]).fitSize([width, width * earthHeight], { type: 'Sphere' });
  const path = geoPath(projection);
  const collection = first ? feature(topology, first) : null;
  const features = collection && 'features' in collection ? collection.features : [];
  const middles = new Map<string, readonly [number, number]>(Object.entries(small));
  const shapes = features.filter((f) => f.id !== '010').map((f, i) => {
    const code = (f.properties as Record<string, unknown> | null)?.['iso_a2'];
    const area = typeof code === 'string' ? code : alpha2.get(String(f.id ?? '').padStart(3, '0')) ?? null;
    if (area) middles.set(area, geoCentroid(mainPart(f.geometry)));
    return { key: `${area ?? 'x'}${i}`, area, path: path(f) ?? '' };
  });
  const middle: Middle = (area) => {
    const at = middles.get(area);
    return at && (projection([at[0], at[1]]) ?? undefined);
  };
  return { shapes, grid: path(geoGraticule10()) ?? '', middle };
}
