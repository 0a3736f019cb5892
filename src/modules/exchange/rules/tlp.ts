/** TLP 2.0 labels as numbers that order them, as the tables hold them. */
import { tlpLabels } from '../model/exchange.ts';
import type { Tlp } from '#kit/endpoint';

export const rankOf = (label: Tlp): number => tlpLabels.indexOf(label);
export const labelOf = (rank: number): Tlp => tlpLabels[rank] ?? 'RED';
export const red = tlpLabels.indexOf('RED');
