/** From a feed's shape to the reader of its files. */
import type { Reading, ReadingOptions, RowSink } from './reading.ts';
import { statedType } from './reading.ts';
import { ctipCore, ctipKeys, ctipType, fillCtip } from '../shapes/ctip.ts';
import { formats, type FormatName } from '../shapes/formats.ts';
import { NmapReading } from '../shapes/nmap.ts';
import { fillNdjson, ndjsonCore, ndjsonKnown } from '../shapes/ndjson.ts';
import { CsvReading } from './csv-reading.ts';
import { JsonReading, type JsonPlan } from './json-reading.ts';
import { MappedReading } from './mapped-reading.ts';
import { MispReading } from './misp-reading.ts';

export function openReading(options: ReadingOptions, sink: RowSink): Reading {
  const { shape } = options;
  switch (shape) {
    case 'shadowserver': return new CsvReading(options, sink);
    case 'ctip': case 'ndjson': return new JsonReading(planOf(options), sink);
    case 'nmap': return new NmapReading(options.feed, sink);
    case 'misp': return new MispReading(options, sink);
    case 'mapped':
      // A feed without a mapping takes nothing in: its door refuses before anything is read.
      if (options.mapping === undefined || options.mapping === null) throw new Error('a mapped feed without a mapping');
      return new MappedReading(options, options.mapping, sink);
    default: return new MappedReading(options, formats[shape satisfies FormatName], sink);
  }
}

function planOf(options: ReadingOptions): JsonPlan {
  const { feed, shape, learned } = options;
  const fixed = statedType(options);
  const ctip = shape === 'ctip';
  return {
    feed,
    typeOf: ctip ? (row) => fixed ?? ctipType(row) : () => fixed ?? 'events',
    fill: ctip ? fillCtip : fillNdjson,
    drift(keys) {
      const known = ctip ? ctipKeys : ndjsonKnown;
      const expected = learned.length > 0 ? learned : ctip ? ctipCore(keys) : ndjsonCore;
      const before = new Set(learned);
      const missing = expected.filter((key) => !keys.has(key));
      const added = [...keys].filter((key) => !before.has(key) && (learned.length > 0 || !known.has(key)));
      return { missing, added: !ctip && learned.length === 0 ? [] : added };
    },
  };
}
